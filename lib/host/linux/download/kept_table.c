/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/download/kept_table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/process/confined.h"

#define FOLDER_NAME "archives"
#define FRESH "new"

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* The file of it: another layout is of another version of converge. */
struct file_of {
	char format[16];
	uint64_t sizes; /* of what is in it */
	struct kept_table of;
};

static const char format[16] = "unpacked/1";
static const uint64_t sizes =
	sizeof(struct file_of) << 16 | sizeof(struct table_entry);

static void name_of(const char *target, char name[DIGEST_HEX])
{
	unsigned char digest[DIGEST_SIZE];
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, strlen(target), (const uint8_t *)target);
	sha256_digest(&sha, sizeof(digest), digest);
	digest_hex(digest, name);
}

/* The folder; -1 with errno. */
static int open_folder(const char *state, bool makes)
{
	AUTO_FD int at = open(state, FOLDER);

	if (at < 0 ||
	    (makes && mkdirat(at, FOLDER_NAME, 0700) < 0 && errno != EEXIST))
		return -1;
	return openat(at, FOLDER_NAME, FOLDER);
}

static bool failed(const char *act, const char *state, struct diags *d)
{
	return diag_errno(d, errno, "cannot %s '%s/" FOLDER_NAME "'", act,
			  state);
}

/* --- reading --- */

static bool take(void *block, size_t size, struct kept_table *of)
{
	struct file_of *kept;
	struct pack p;

	kept = unpack_begin(&p, block, size, sizeof(*kept));
	if (!kept || memcmp(kept->format, format, sizeof(format)) != 0 ||
	    kept->sizes != sizes)
		return false;
	table_pack(&p, &kept->of.table);
	*of = kept->of;
	of->sha256[DIGEST_HEX - 1] = '\0';
	return unpack_end(&p);
}

bool kept_table_read(const char *state, const char *target,
		     struct kept_table *of)
{
	AUTO_FD int at = open_folder(state, false);
	char name[DIGEST_HEX];
	AUTO_FD int fd = -1;
	void *block;
	size_t size;

	name_of(target, name);
	if (at >= 0)
		fd = openat(at, name,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	block = fd < 0 ? NULL : linux_map(fd, &size);
	return block && take(block, size, of);
}

/* --- writing --- */

static bool put_all(int fd, const struct kept_table *of)
{
	struct file_of kept = { .sizes = sizes, .of = *of }, *copy;
	struct pack p;
	bool good;

	memcpy(kept.format, format, sizeof(format));
	copy = pack_begin(&p, &kept, sizeof(kept));
	table_pack(&p, &copy->of.table);
	good = !p.wrong && pack_write(&p, confined_put, &fd);
	pack_release(&p);
	return good;
}

bool kept_table_write(const char *state, const char *target,
		      const struct kept_table *of, struct diags *d)
{
	AUTO_FD int at = open_folder(state, true);
	char name[DIGEST_HEX];
	AUTO_FD int fd = -1;

	name_of(target, name);
	if (at < 0 || (unlinkat(at, FRESH, 0) < 0 && errno != ENOENT))
		return failed("use", state, d);
	fd = openat(at, FRESH,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || !put_all(fd, of) || fsync(fd) < 0 ||
	    renameat(at, FRESH, at, name) < 0 || fsync(at) < 0)
		return failed("write to", state, d);
	return true;
}

/* --- what is not needed any more --- */

static bool is_of(const struct strings *targets, const char *name)
{
	char of[DIGEST_HEX];

	for (size_t i = 0; i < targets->n; i++) {
		name_of(targets->v[i], of);
		if (strcmp(of, name) == 0)
			return true;
	}
	return false;
}

static bool is_old(int at, const char *name, int64_t since)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_mtime < since;
}

bool kept_table_tidy(const char *state, const struct strings *targets,
		     int64_t since, struct diags *d)
{
	int at = open_folder(state, false);
	DIR *all = at < 0 ? NULL : fdopendir(at);
	const struct dirent *entry;
	bool good = true;

	if (!all) {
		if (at >= 0)
			close(at);
		return errno == ENOENT || failed("open", state, d);
	}
	while (good && (entry = readdir(all)))
		if (is_old(at, entry->d_name, since) &&
		    !is_of(targets, entry->d_name))
			good = unlinkat(at, entry->d_name, 0) == 0 ||
			       failed("tidy", state, d);
	closedir(all);
	return good;
}
