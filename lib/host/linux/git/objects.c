/* SPDX-License-Identifier: MIT */
#include "lib/host/linux/git/objects.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/host/repository.h"
#include "lib/text/escape.h"

enum {
	NOBODY = 65534,
	PEELS = 8,          /* tags of tags */
	LOOSE_SLACK = 1024, /* bytes */
	ALLOCATION_MAX = REPOSITORY_FILE + LOOSE_SLACK,
	/* Bytes of packs that are mapped: at once, and in all. */
	WINDOW = 1024 * 1024,
	WINDOWS = 8 * WINDOW,
};

/* --- the library --- */

static const char library[] = "libgit2.so." LIBGIT2_SOVERSION;

struct git_library git;

static bool find(const char *name, void *function)
{
	void *found = dlsym(git.handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

/*
 * A small object may be what differs from a large one, which is unpacked first
 * whatever its own size says: no piece of memory is larger than what is taken.
 */
static void *limited(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > ALLOCATION_MAX) {
		git.git_error_set_str(GIT_ERROR_NOMEMORY,
				      "is larger than what is taken, or leads "
				      "to what is");
		return NULL;
	}
	p = realloc(p, bytes ? bytes : 1);
	if (!p)
		git.git_error_set_oom();
	return p;
}

static void *limited_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return limited(NULL, 1, size);
}

static void *limited_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return limited(p, 1, size);
}

#ifdef HAVE_GIT_GCALLOC
static void *limited_reallocarray(void *p, size_t n, size_t size,
				  const char *file, int line)
{
	(void)file;
	(void)line;
	return limited(p, n, size);
}

static void *limited_mallocarray(size_t n, size_t size, const char *file,
				 int line)
{
	return limited_reallocarray(NULL, n, size, file, line);
}

static void *limited_calloc(size_t n, size_t size, const char *file, int line)
{
	void *p = limited_mallocarray(n, size, file, line);

	if (p)
		memset(p, 0, n * size);
	return p;
}

static char *limited_substrdup(const char *text, size_t n, const char *file,
			       int line)
{
	char *copy = n < SIZE_MAX ? limited_malloc(n + 1, file, line) : NULL;

	if (copy) {
		memcpy(copy, text, n);
		copy[n] = '\0';
	}
	return copy;
}

static char *limited_strndup(const char *text, size_t n, const char *file,
			     int line)
{
	return limited_substrdup(text, strnlen(text, n), file, line);
}

static char *limited_strdup(const char *text, const char *file, int line)
{
	return limited_substrdup(text, strlen(text), file, line);
}
#endif

static bool limit_memory(void)
{
	static git_allocator allocator = {
		.gmalloc = limited_malloc,
		.grealloc = limited_realloc,
		.gfree = free,
#ifdef HAVE_GIT_GCALLOC
		.gcalloc = limited_calloc,
		.gstrdup = limited_strdup,
		.gstrndup = limited_strndup,
		.gsubstrdup = limited_substrdup,
		.greallocarray = limited_reallocarray,
		.gmallocarray = limited_mallocarray,
#endif
	};

	return git.git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &allocator) == 0;
}

/* Neither the system's configuration nor anybody's own. */
static bool restrict_library(void)
{
	bool ok = limit_memory() &&
		  git.git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE,
				       (size_t)WINDOW) == 0 &&
		  git.git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT,
				       (size_t)WINDOWS) == 0;

	for (int level = GIT_CONFIG_LEVEL_PROGRAMDATA;
	     level <= GIT_CONFIG_LEVEL_GLOBAL; level++)
		ok = ok && git.git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level,
						"") == 0;
	return ok;
}

bool repository_load(struct diags *d)
{
	bool found = true;

	if (git.handle)
		return true;
	git.handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!git.handle) {
		diag_error(d, "cannot load libgit2: %s", dlerror());
		diag_hint(d, "install the package of %s", library);
		return false;
	}
#define FIND(name) found = found && find(#name, &git.name);
	GIT_FUNCTIONS(FIND)
	if (found && git.git_libgit2_init() > 0 && restrict_library())
		return true;
	dlclose(git.handle);
	git.handle = NULL;
	return diag_error(d, "libgit2 is not one that can be used");
}

/* --- what is wrong --- */

bool objects_refuse(const struct objects *o, const char *name, const char *why,
		    struct diags *d)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, name, strlen(name), false);
	return diag_error(d, "'%s' in the repository '%s' %s", buf_text(&safe),
			  o->path, why);
}

static bool refuse_object(const struct objects *o, const git_oid *id,
			  const char *why, struct diags *d)
{
	char hex[OBJECT_HEX + 1];

	return objects_refuse(o, git.git_oid_tostr(hex, sizeof(hex), id), why,
			      d);
}

/* What is beyond the end of a shallow history is missing on purpose. */
static bool is_shallow(const struct objects *o)
{
	struct stat st;

	return fstatat(o->folder, "shallow", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_missing(const struct objects *o, const git_oid *id)
{
	git_oid found;

	return git.git_odb_exists_prefix(&found, o->db, id, OBJECT_HEX) ==
	       GIT_ENOTFOUND;
}

bool objects_failed(const struct objects *o, const git_oid *id, struct diags *d)
{
	const git_error *e = git.git_error_last();
	AUTO_BUF struct buf safe = { 0 };
	const char *text = e && e->message ? e->message : "it cannot be read";
	bool shallow = is_shallow(o);

	escape_text(&safe, text, strlen(text), false);
	if (is_missing(o, id)) {
		buf_clear(&safe);
		buf_puts(&safe, shallow ? "is not there: the clone is shallow"
					: "is not there");
	}
	refuse_object(o, id, buf_text(&safe), d);
	if (shallow)
		diag_hint(d, "the repository is shallow: it has no more of its "
			     "history; \"git fetch --unshallow\" gets it");
	return false;
}

/* --- objects --- */

bool objects_header(const struct objects *o, const git_oid *id,
		    git_object_t type, size_t *size, struct diags *d)
{
	git_object_t found;

	*size = 0;
	if (clock() > o->end)
		return refuse_object(o, id,
				     "is reached after more than a minute", d);
	if (git.git_odb_read_header(size, &found, o->db, id) < 0)
		return objects_failed(o, id, d);
	return found == type || refuse_object(o, id,
					      "is not an object of the type "
					      "that it should be",
					      d);
}

/* Of a file of its own all is read, however little its header promises: it may
 * take no more room than zlib needs for what cannot be packed. */
static bool is_stored_well(const struct objects *o, const git_oid *id,
			   size_t size)
{
	char hex[OBJECT_HEX + 1], name[OBJECT_HEX + 16];
	struct stat st;

	git.git_oid_tostr(hex, sizeof(hex), id);
	snprintf(name, sizeof(name), "objects/%.2s/%s", hex, hex + 2);
	return fstatat(o->folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	       (S_ISREG(st.st_mode) &&
		(size_t)st.st_size <= size + size / 1000 + LOOSE_SLACK);
}

git_odb_object *objects_get(const struct objects *o, const git_oid *id,
			    git_object_t type, size_t most, struct diags *d)
{
	git_odb_object *object;
	size_t size;

	if (!objects_header(o, id, type, &size, d))
		return NULL;
	if (size > most || !is_stored_well(o, id, size)) {
		refuse_object(o, id, "is too large", d);
		return NULL;
	}
	if (git.git_odb_read(&object, o->db, id) < 0) {
		objects_failed(o, id, d);
		return NULL;
	}
	return object;
}

git_odb_object *objects_read(const struct objects *o, const git_oid *id,
			     git_object_t type, size_t most)
{
	git_odb_object *object;

	if (git.git_odb_read(&object, o->db, id) < 0)
		return NULL;
	if (git.git_odb_object_type(object) == type &&
	    git.git_odb_object_size(object) <= most)
		return object;
	git.git_odb_object_free(object);
	return NULL;
}

void object_free(git_odb_object **object)
{
	if (*object)
		git.git_odb_object_free(*object);
}

bool object_id(const char *text, git_oid *id)
{
	char hex[OBJECT_HEX + 1];

	memcpy(hex, text, OBJECT_HEX);
	hex[OBJECT_HEX] = '\0';
	return git.git_oid_fromstr(id, hex) == 0;
}

/* The id in the line "object 0123..." that a tag begins with. */
static bool tag_target(git_odb_object *tag, git_oid *id)
{
	static const char word[] = "object ";
	const char *text = git.git_odb_object_data(tag);
	size_t n = git.git_odb_object_size(tag), w = sizeof(word) - 1;

	return n > w + OBJECT_HEX && memcmp(text, word, w) == 0 &&
	       text[w + OBJECT_HEX] == '\n' && object_id(text + w, id);
}

bool objects_peel(const struct objects *o, git_oid *id, struct diags *d)
{
	for (int i = 0; i < PEELS; i++) {
		git_odb_object *tag AUTO_OBJECT = NULL;
		git_object_t type;
		size_t size;

		if (git.git_odb_read_header(&size, &type, o->db, id) < 0)
			return objects_failed(o, id, d);
		if (type == GIT_OBJECT_COMMIT)
			return true;
		if (type != GIT_OBJECT_TAG)
			return refuse_object(o, id, "is no commit", d);
		tag = objects_get(o, id, type, OBJECT_COMMIT_MAX, d);
		if (!tag)
			return false;
		if (!tag_target(tag, id))
			return refuse_object(o, id, "is a tag that is damaged",
					     d);
	}
	return refuse_object(o, id, "is one of too many tags of tags", d);
}

bool objects_commit(const struct objects *o, const git_oid *id,
		    git_odb_object **object, struct commit_text *c,
		    struct diags *d)
{
	*object = objects_get(o, id, GIT_OBJECT_COMMIT, OBJECT_COMMIT_MAX, d);
	return *object &&
	       (commit_read(git.git_odb_object_data(*object),
			    git.git_odb_object_size(*object), c) ||
		refuse_object(o, id, "is a commit that is damaged", d));
}

/* --- the folder --- */

/* Whose word a repository is. */
static bool is_trusted(const struct stat *st)
{
	uid_t self = geteuid();

	return (st->st_uid == 0 || (st->st_uid == self && self != NOBODY)) &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* What is there must be root's, and no link. */
static bool check_part(const struct objects *o, const char *name, bool required,
		       struct diags *d)
{
	struct stat st;

	if (fstatat(o->folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return (errno == ENOENT && !required) ||
		       objects_refuse(o, name,
				      "is missing: it is no repository", d);
	if (S_ISLNK(st.st_mode))
		return objects_refuse(o, name, "is a link", d);
	if (is_trusted(&st))
		return true;
	objects_refuse(o, name, "can be written to by others than root", d);
	diag_hint(d, "only what root (or who runs this) alone can write to is "
		     "believed");
	return false;
}

static bool check_none(const struct objects *o, const char *name,
		       struct diags *d)
{
	struct stat st;

	return fstatat(o->folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	       objects_refuse(o, name, "leads to another repository", d);
}

static bool check_parts(const struct objects *o, struct diags *d)
{
	struct stat st;

	if (fstatat(o->folder, "reftable", &st, AT_SYMLINK_NOFOLLOW) == 0)
		return objects_refuse(o, "reftable",
				      "has its references in a format that is "
				      "not read",
				      d);
	return check_part(o, ".", true, d) &&
	       check_part(o, "objects", true, d) &&
	       check_part(o, "refs", true, d) &&
	       check_part(o, "HEAD", true, d) &&
	       check_part(o, "config", false, d) &&
	       check_part(o, "packed-refs", false, d) &&
	       check_part(o, "objects/pack", false, d) &&
	       check_part(o, "objects/info", false, d) &&
	       check_none(o, "commondir", d) && check_none(o, "gitdir", d) &&
	       check_none(o, "objects/info/alternates", d);
}

/* Walks there by hand: no link of anybody's is followed. */
static int open_path(const char *path)
{
	int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	while (at >= 0 && *path) {
		char name[NAME_MAX + 1];
		size_t n = strcspn(++path, "/");
		int next = -1;

		if (n <= NAME_MAX) {
			memcpy(name, path, n);
			name[n] = '\0';
			next = openat(at, name[0] ? name : ".",
				      O_PATH | O_DIRECTORY | O_NOFOLLOW |
					      O_CLOEXEC);
		}
		close(at);
		at = next;
		path += n;
	}
	return at;
}

static bool open_folder(struct objects *o, struct diags *d)
{
	int bare = open_path(o->path), inner;

	if (bare < 0)
		return diag_error(d,
				  "there is no repository '%s', or a link on "
				  "the way to it",
				  o->path);
	inner = openat(bare, ".git",
		       O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	o->folder = inner < 0 ? bare : inner;
	if (inner >= 0)
		close(bare);
	return check_parts(o, d);
}

bool objects_open(struct objects *o, const char *path, struct diags *d)
{
	char objects[64];

	*o = (struct objects){ .path = path,
			       .folder = -1,
			       .end = clock() +
				      (clock_t)TABLE_CPU * CLOCKS_PER_SEC };
	if (!open_folder(o, d))
		return false;
	snprintf(objects, sizeof(objects), "/proc/self/fd/%d/objects",
		 o->folder);
	return git.git_odb_open(&o->db, objects) == 0 ||
	       objects_refuse(o, "objects", "cannot be opened", d);
}

void objects_close(struct objects *o)
{
	if (o->db)
		git.git_odb_free(o->db);
	if (o->folder >= 0)
		close(o->folder);
}
