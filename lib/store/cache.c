/* SPDX-License-Identifier: MIT */
#include "lib/store/cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/output.h"

static const char name[] = "catalog";

/* The folder was perhaps open to others for a while. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid() && st.st_nlink == 1 &&
	       !(st.st_mode & 077);
}

int cache_open(const struct folder *f)
{
	int fd = f->fd < 0 ? -1
			   : openat(f->fd, name,
				    O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					    O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && !is_ours(fd)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* --- its sum, which stands at the end --- */

enum { LANES = 4, WORD = sizeof(uint64_t) };

static uint64_t add_word(uint64_t sum, const char *bytes, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, bytes, n);
	/* odd: no two words come to the same, whatever the sum is */
	sum = (sum ^ word) * 0x9e3779b97f4a7c15;
	return sum ^ sum >> 32;
}

/* Against damage, not against malice; lanes, since one would wait for each of
 * its steps. */
static uint64_t sum_of(const char *bytes, size_t n)
{
	uint64_t lanes[LANES] = { 1, 2, 3, 4 }, sum = n;
	size_t i = 0;

	for (; n - i >= LANES * WORD; i += LANES * WORD)
		for (size_t k = 0; k < LANES; k++)
			lanes[k] =
				add_word(lanes[k], bytes + i + k * WORD, WORD);
	for (; i < n; i += WORD)
		sum = add_word(sum, bytes + i, n - i < WORD ? n - i : WORD);
	for (size_t k = 0; k < LANES; k++)
		sum = add_word(sum, (const char *)&lanes[k], WORD);
	return sum;
}

bool cache_is_whole(const void *bytes, size_t *size)
{
	uint64_t sum;

	if (*size < sizeof(sum))
		return false;
	*size -= sizeof(sum);
	memcpy(&sum, (const char *)bytes + *size, sizeof(sum));
	return sum == sum_of(bytes, *size);
}

/* A file without a name leaves nothing behind, however this ends. */
void cache_keep(const struct folder *f, const void *bytes, size_t size)
{
	AUTO_FD int fd =
		openat(f->fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	uint64_t sum = sum_of(bytes, size);
	char self[32];

	if (fd < 0 || !write_all(fd, bytes, size) ||
	    !write_all(fd, (const char *)&sum, sizeof(sum)) || fsync(fd) < 0)
		return;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	cache_drop(f);
	if (linkat(AT_FDCWD, self, f->fd, name, AT_SYMLINK_FOLLOW) < 0)
		return; /* then there is none */
}

void cache_drop(const struct folder *f)
{
	if (unlinkat(f->fd, name, 0) < 0)
		return; /* there was none; or it is no file, and not believed */
}
