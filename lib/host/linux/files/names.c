/* SPDX-License-Identifier: MIT */
/* Temporary names: nobody can guess them, and none exists untold of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/host/linux/files/write.h"

enum { RANDOM_BYTES = 12 };

static const char *const prefixes[] = { ".converge-", "converge-validate-" };

bool temp_name(const char *prefix, char name[TEMP_SIZE], struct diags *d)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char bytes[RANDOM_BYTES];
	size_t at = strlen(prefix);
	ssize_t n;

	do {
		n = getrandom(bytes, sizeof(bytes), 0);
	} while (n < 0 && errno == EINTR);
	if (n != sizeof(bytes))
		return diag_errno(d, errno, "cannot get random bytes");
	memcpy(name, prefix, at);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		name[at++] = hex[bytes[i] >> 4];
		name[at++] = hex[bytes[i] & 15];
	}
	name[at] = '\0';
	return true;
}

bool is_temp_name(const char *name)
{
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		const char *random = name + n;

		if (strncmp(name, prefixes[i], n) == 0 &&
		    strlen(random) == (size_t)2 * RANDOM_BYTES &&
		    strspn(random, "0123456789abcdef") == strlen(random))
			return true;
	}
	return false;
}

bool batch_intend(struct linux_host *h, const char *path, const char *name,
		  struct diags *d)
{
	const struct linux_options *o = &h->options;
	const char *folder;

	if (!o->intend)
		return true;
	folder = arena_strndup(&batch_of(h)->arena, path, path_parent(path));
	return o->intend(o->context, folder, name, d);
}

bool batch_disown(struct linux_host *h, const char *path, const char *name,
		  struct diags *d)
{
	const struct linux_options *o = &h->options;

	return !o->disown || o->disown(o->context,
				       arena_strndup(&batch_of(h)->arena, path,
						     path_parent(path)),
				       name, d);
}

bool batch_intended(struct linux_host *h, struct diags *d)
{
	const struct linux_options *o = &h->options;

	return !o->intended || o->intended(o->context, d);
}
