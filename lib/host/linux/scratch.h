/* SPDX-License-Identifier: MIT */
/* For the tests of this folder: a host in a scratch folder, that counts what
 * its options are told. */
#ifndef CONVERGE_HOST_LINUX_SCRATCH_H
#define CONVERGE_HOST_LINUX_SCRATCH_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/linux/linux.h"
#include "lib/test.h"

enum { SCRATCH_KEPT = 64, SCRATCH_NAMES = 8192, TEMP_PATH_MAX = 128 };

struct scratch_kept {
	size_t mark;
	char path[256], digest[DIGEST_HEX], target[64];
	struct node node;
};

struct scratch {
	char folder[64];
	int root, backups; /* folders */
	struct host *host;
	struct diags diags;
	size_t intends, intendeds;
	bool refuse_intend, refuse_intended, stop;
	/* What stands at a name when intend is told of it: must be none. */
	size_t early;
	char names[SCRATCH_NAMES][TEMP_PATH_MAX];
	size_t nnames;
	size_t failures, failed_mark;
	char failed[512];
	struct scratch_kept kept[SCRATCH_KEPT];
	size_t nkept;
};

static inline bool scratch_intend(void *context, const char *directory,
				  const char *name, struct diags *d)
{
	struct scratch *s = context;
	char *path = s->names[s->nnames < SCRATCH_NAMES ? s->nnames++ : 0];
	struct stat st;

	s->intends++;
	if (s->refuse_intend)
		return diag_error(d, "no intents today");
	snprintf(path, TEMP_PATH_MAX, "%s/%s", directory, name);
	if (fstatat(s->root, path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0)
		s->early++;
	return true;
}

static inline bool scratch_intended(void *context, struct diags *d)
{
	struct scratch *s = context;

	s->intendeds++;
	return !s->refuse_intended || diag_error(d, "no disk today");
}

static inline bool scratch_stopped(void *context)
{
	return ((struct scratch *)context)->stop;
}

static inline void scratch_on_kept(void *context, size_t mark, const char *path,
				   const struct node *n, const char *digest,
				   const char *target)
{
	struct scratch *s = context;
	struct scratch_kept *k = &s->kept[s->nkept++ % SCRATCH_KEPT];

	k->mark = mark;
	k->node = *n;
	snprintf(k->path, sizeof(k->path), "%s", path);
	snprintf(k->digest, sizeof(k->digest), "%s", digest ? digest : "");
	snprintf(k->target, sizeof(k->target), "%s", target ? target : "");
}

static inline void scratch_on_failed(void *context, size_t mark,
				     const char *text)
{
	struct scratch *s = context;

	s->failures++;
	s->failed_mark = mark;
	snprintf(s->failed, sizeof(s->failed), "%s", text);
}

static inline int scratch_folder(int at, const char *name)
{
	int fd;

	ck_assert_int_eq(mkdirat(at, name, 0755), 0);
	ck_assert_int_eq(fchmodat(at, name, 0755, 0), 0);
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static inline struct scratch *scratch_open(void)
{
	struct scratch *s = calloc(1, sizeof(*s));
	struct linux_options options;
	char root[80];
	int top;

	ck_assert_ptr_nonnull(s);
	strcpy(s->folder, "/tmp/converge-write-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->folder));
	ck_assert_int_eq(chmod(s->folder, 0755), 0);
	top = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->root = scratch_folder(top, "root");
	s->backups = scratch_folder(top, "backups");
	close(top);
	snprintf(root, sizeof(root), "%s/root", s->folder);
	options = (struct linux_options){
		.root = root,
		.writable = true,
		.backup_fd = s->backups,
		.kept = scratch_on_kept,
		.intend = scratch_intend,
		.intended = scratch_intended,
		.stopped = scratch_stopped,
		.context = s,
	};
	s->host = host_linux(&options, &s->diags);
	ck_assert_ptr_nonnull(s->host);
	return s;
}

/* rm -r, by the shell: what is tested is not to be trusted with it. */
static inline void scratch_close(struct scratch *s)
{
	char command[128];

	host_close(s->host);
	diags_release(&s->diags);
	close(s->root);
	close(s->backups);
	snprintf(command, sizeof(command), "rm -rf --one-file-system '%s'",
		 s->folder);
	ck_assert_int_eq(system(command), 0);
	free(s);
}

/* Makes the file, anew, with that mode. */
static inline void scratch_put(struct scratch *s, const char *path,
			       const char *text, mode_t mode)
{
	int fd;

	unlinkat(s->root, path + 1, 0);
	fd = openat(s->root, path + 1, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static inline void scratch_mkdir(struct scratch *s, const char *path)
{
	ck_assert_int_eq(mkdirat(s->root, path + 1, 0755), 0);
}

/* The text of the file there; "(none)" when there is none. */
static inline const char *scratch_get(int folder, const char *name)
{
	static char text[4096];
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return "(none)";
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

#define assert_holds(s, path, text) \
	ck_assert_str_eq(scratch_get((s)->root, (path) + 1), (text))

static inline struct node scratch_look(struct scratch *s, const char *path)
{
	struct node n;

	ck_assert(host_look(s->host, path, &n, &s->diags));
	return n;
}

static inline struct perms mode_perms(uint32_t mode)
{
	return (struct perms){ .set = PERM_MODE, .mode = mode };
}

/* Replaces what is there now; the bytes and path must live on. */
static inline bool scratch_replace(struct scratch *s, const char *path,
				   const char *text, uint32_t mode,
				   const struct node *expect)
{
	struct content c = content_of(text, strlen(text));
	struct file_write w = { .path = path,
				.content = &c,
				.perms = mode_perms(mode),
				.expect = expect,
				.backup = true };

	return host_replace(s->host, &w, &s->diags);
}

static inline bool scratch_commit(struct scratch *s)
{
	s->failures = 0;
	return host_commit(s->host, scratch_on_failed, s, &s->diags);
}

/* The last diagnostic. */
static inline const char *scratch_said(const struct scratch *s)
{
	return s->diags.n ? s->diags.v[s->diags.n - 1].text : "(nothing)";
}

/* How many names of the folder begin so. */
static inline size_t scratch_entries(int root, const char *folder,
				     const char *prefix)
{
	int fd = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(fd);
	const struct dirent *e;
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir)))
		n += strncmp(e->d_name, prefix, strlen(prefix)) == 0 &&
		     strcmp(e->d_name, ".") != 0 &&
		     strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static inline size_t scratch_count(struct scratch *s, const char *path,
				   const char *prefix)
{
	return scratch_entries(s->root, path[1] ? path + 1 : ".", prefix);
}

static inline size_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 3; /* ".", ".." and the folder itself */
}

#endif
