/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/secret/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/secret/age.h"
#include "lib/text/sealed.h"

bool keeper_is_asked(void)
{
	return isatty(0);
}

bool keeper_seal(const char *path, const struct buf *recipients,
		 struct buf *sealed, bool *newline, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_LOCKED struct locked secret = { 0 }, whole = { 0 };
	const char *label = sealed_label(&a, path);
	size_t n = strlen(label);

	if (!locked_read(&secret, 0, AGE_MAX_PLAIN, "the secret", d) ||
	    !locked_new(&whole, n + secret.size, d))
		return false;
	memcpy(whole.bytes, label, n);
	memcpy(whole.bytes + n, secret.bytes, secret.size);
	whole.size = n + secret.size;
	*newline = secret.bytes[secret.size - 1] == '\n';
	return age_seal(&whole, recipients, sealed, d);
}

static bool read_key(const char *path, struct locked *key, struct diags *d)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_errno(d, errno, "cannot read the key '%s'", path);
	if (S_ISREG(st.st_mode) && (st.st_mode & 077)) {
		diag_error(d, "the key '%s' has mode %04o: others may read it",
			   path, (unsigned)st.st_mode & 07777);
		diag_hint(d, "chmod 0600 %s, and ask who has read it", path);
		return false;
	}
	return locked_read(key, fd, AGE_MAX_KEY, "the key", d);
}

bool keeper_reseal(const char *path, const struct buf *sealed, const char *key,
		   const struct buf *recipients, struct buf *out,
		   struct diags *d)
{
	AUTO_LOCKED struct locked identity = { 0 }, whole = { 0 };

	if (!read_key(key, &identity, d) ||
	    !age_open(sealed, &identity, &whole, NULL, d))
		return false;
	if (!sealed_begins(whole.bytes, whole.size, path))
		return diag_error(d, "it was not sealed under this name");
	return age_seal(&whole, recipients, out, d);
}
