/* SPDX-License-Identifier: MIT */
#include "lib/host/repository.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/base/path.h"
#include "lib/text/escape.h"

enum {
	NOBODY = 65534,
	REF_MAX = 4096,                /* bytes of a file with a reference */
	PACKED_MAX = 64 * 1024 * 1024, /* of all of them in one */
	COMMIT_MAX = 1024 * 1024,
	TREE_MAX = 64 * 1024 * 1024,
	HEX = 2 * GIT_OID_RAWSZ,
	PEELS = 8, /* tags of tags */
};

/* --- the library --- */

/* All of it that is used. */
#define FUNCTIONS(X)           \
	X(git_error_last)      \
	X(git_libgit2_init)    \
	X(git_odb_free)        \
	X(git_odb_object_data) \
	X(git_odb_object_free) \
	X(git_odb_object_size) \
	X(git_odb_open)        \
	X(git_odb_read)        \
	X(git_odb_read_header) \
	X(git_oid_fromstr)     \
	X(git_oid_tostr)

static const char library[] = "libgit2.so." LIBGIT2_SOVERSION;

#define DECLARE(name) __typeof__(name) *(name);
static struct {
	void *handle;
	bool wanted, used;
	FUNCTIONS(DECLARE)
} lib;

static bool find(const char *name, void *function)
{
	void *found = dlsym(lib.handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

bool repository_load(struct diags *d)
{
	bool found = true;

	if (lib.handle)
		return true;
	lib.handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!lib.handle) {
		diag_error(d, "cannot load libgit2: %s", dlerror());
		diag_hint(d, "install the package of %s", library);
		return false;
	}
#define FIND(name) found = found && find(#name, &lib.name);
	FUNCTIONS(FIND)
	if (found && lib.git_libgit2_init() > 0)
		return true;
	dlclose(lib.handle);
	lib.handle = NULL;
	return diag_error(d, "libgit2 is not one that can be used");
}

bool repository_is_wanted(void)
{
	return lib.wanted && !lib.handle;
}

bool repository_was_read(void)
{
	return lib.used;
}

/* --- reading --- */

/* A repository being read. */
struct checkout {
	const char *path;
	int folder; /* where its objects are: path, or the .git in it */
	git_odb *objects;
	struct table_maker maker;
	int out; /* that contents go to; -1: they are digested */
	clock_t end;
	struct diags *diags;
};

static bool refuse(const struct checkout *c, const char *name, const char *why)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, name, strlen(name), false);
	return diag_error(c->diags, "'%s' in the repository '%s' %s",
			  buf_text(&safe), c->path, why);
}

static bool failed(const struct checkout *c, const git_oid *id)
{
	const git_error *e = lib.git_error_last();
	AUTO_BUF struct buf safe = { 0 };
	const char *text = e && e->message ? e->message : "it cannot be read";
	char hex[COMMIT_HEX];

	escape_text(&safe, text, strlen(text), false);
	return refuse(c, lib.git_oid_tostr(hex, sizeof(hex), id),
		      buf_text(&safe));
}

/* An object of that type and at most so many bytes: its header is read before
 * its content. NULL with a diagnostic. */
static git_odb_object *get(const struct checkout *c, const git_oid *id,
			   git_object_t type, size_t most)
{
	git_odb_object *object;
	git_object_t found;
	char hex[COMMIT_HEX];
	size_t size;

	if (lib.git_odb_read_header(&size, &found, c->objects, id) < 0) {
		failed(c, id);
		return NULL;
	}
	lib.git_oid_tostr(hex, sizeof(hex), id);
	if (found != type) {
		refuse(c, hex,
		       "is not an object of the type that it should "
		       "be");
		return NULL;
	}
	if (size > most || clock() > c->end) {
		refuse(c, hex,
		       size > most ? "is too large"
				   : "is reached after more than a "
				     "minute");
		return NULL;
	}
	if (lib.git_odb_read(&object, c->objects, id) < 0) {
		failed(c, id);
		return NULL;
	}
	return object;
}

static void let_go(git_odb_object **object)
{
	if (*object)
		lib.git_odb_object_free(*object);
}

#define AUTO_OBJECT AUTO(let_go)

/* --- trees --- */

/* One entry of a tree object: "100644 name" NUL and a raw id. */
struct item {
	unsigned mode;
	const char *name;
	git_oid id;
};

/* What follows at, or NULL: it is no entry. */
static const char *item_read(struct item *item, const char *at, size_t n)
{
	const char *end = at + n, *nul = memchr(at, '\0', n);

	item->mode = 0;
	for (; at < end && *at >= '0' && *at <= '7' && item->mode < 01000000;
	     at++)
		item->mode = item->mode * 8 + (unsigned)(*at - '0');
	if (at == end || *at != ' ' || !nul || nul <= at ||
	    end - nul <= GIT_OID_RAWSZ)
		return NULL;
	item->name = at + 1;
	memcpy(item->id.id, nul + 1, GIT_OID_RAWSZ);
	return nul + 1 + GIT_OID_RAWSZ;
}

/* ".git" in any spelling that some file system takes for it. */
static bool is_git(const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(name, "git~", 4) == 0)
		return true;
	while (n && strchr(". ", name[n - 1]))
		n--;
	return n == 4 && strncasecmp(name, ".git", 4) == 0;
}

static const char *item_wrong(const struct item *item)
{
	if (strchr(item->name, '/'))
		return "has a '/' in its name";
	if (is_git(item->name) || strchr(item->name, ':'))
		return "has a name that git keeps for itself";
	switch (item->mode) {
	case 040000:
	case 0100644:
	case 0100755:
	case 0120000:
		return NULL;
	case 0160000:
		return "is a submodule, which is not taken";
	default:
		return "is of a type or mode that is not taken";
	}
}

static bool add_folder(struct checkout *c, const char *name)
{
	const struct table_entry e = { .name = name, .type = TREE_DIRECTORY };
	struct table_entry *added;

	return table_add(&c->maker, &e, &added, c->diags);
}

static bool add_link(struct checkout *c, const char *name, const git_oid *id)
{
	git_odb_object *o AUTO_OBJECT = get(c, id, GIT_OBJECT_BLOB, PATH_MAX);
	struct table_entry e = { .name = name, .type = TREE_LINK }, *added;
	size_t n;

	if (!o)
		return false;
	n = lib.git_odb_object_size(o);
	e.target = arena_strndup(c->maker.arena, lib.git_odb_object_data(o), n);
	if (strlen(e.target) != n)
		return refuse(c, name, "is a link to what is no path");
	return table_add(&c->maker, &e, &added, c->diags);
}

static bool add_file(struct checkout *c, const char *name,
		     const struct item *item)
{
	git_odb_object *o AUTO_OBJECT =
		get(c, &item->id, GIT_OBJECT_BLOB, REPOSITORY_FILE);
	struct table_entry e = { .name = name,
				 .type = TREE_FILE,
				 .executable = item->mode == 0100755 },
			   *added;
	struct content content;

	if (!o)
		return false;
	content = content_of(lib.git_odb_object_data(o),
			     lib.git_odb_object_size(o));
	e.size = content.size;
	if (c->out < 0 && !content_digest(&content, c->diags))
		return false;
	memcpy(e.digest, content.digest, DIGEST_SIZE);
	if (!table_add(&c->maker, &e, &added, c->diags))
		return false;
	return c->out < 0 || write_all(c->out, content.bytes, e.size) ||
	       diag_errno(c->diags, errno, "cannot hand over");
}

/* Trees that are still to be read, and the names of their folders. */
struct todo {
	struct strings names;
	git_oid *ids;
	size_t capacity;
};

static void todo_add(struct todo *t, struct arena *a, const char *name,
		     const git_oid *id)
{
	t->ids = arena_grow(a, t->ids, t->names.n, &t->capacity,
			    sizeof(*t->ids));
	t->ids[t->names.n] = *id;
	strings_add(&t->names, a, name);
}

static bool take(struct checkout *c, struct todo *todo, const char *folder,
		 const struct item *item)
{
	struct arena *a = c->maker.arena;
	const char *name =
		*folder ? arena_printf(a, "%s/%s", folder, item->name)
			: arena_strdup(a, item->name);
	const char *wrong = item_wrong(item);

	if (wrong)
		return refuse(c, name, wrong);
	if (item->mode == 0120000)
		return add_link(c, name, &item->id);
	if (item->mode != 040000)
		return add_file(c, name, item);
	if (!add_folder(c, name))
		return false;
	todo_add(todo, a, name, &item->id);
	return true;
}

static bool take_tree(struct checkout *c, struct todo *todo, const char *folder,
		      const git_oid *id)
{
	git_odb_object *o AUTO_OBJECT = get(c, id, GIT_OBJECT_TREE, TREE_MAX);
	const char *at, *end;
	struct item item;

	if (!o)
		return false;
	at = lib.git_odb_object_data(o);
	end = at + lib.git_odb_object_size(o);
	while (at < end) {
		at = item_read(&item, at, (size_t)(end - at));
		if (!at)
			return refuse(c, *folder ? folder : ".",
				      "is a tree that is damaged");
		if (!take(c, todo, folder, &item))
			return false;
	}
	return true;
}

static bool take_all(struct checkout *c, const git_oid *root)
{
	struct todo todo = { 0 };

	todo_add(&todo, c->maker.arena, "", root);
	for (size_t i = 0; i < todo.names.n; i++) {
		git_oid id = todo.ids[i];

		if (!take_tree(c, &todo, todo.names.v[i], &id))
			return false;
	}
	return c->maker.table->n || refuse(c, ".", "has nothing in it");
}

/* --- commits --- */

/* The id in a line "tree 0123..." at the head of a commit or tag. */
static bool line_id(const char *text, size_t n, const char *word, git_oid *id)
{
	size_t w = strlen(word);
	char hex[COMMIT_HEX];

	if (n < w + HEX + 1 || memcmp(text, word, w) != 0 ||
	    text[w + HEX] != '\n')
		return false;
	memcpy(hex, text + w, HEX);
	hex[HEX] = '\0';
	return lib.git_oid_fromstr(id, hex) == 0;
}

/* On from a tag to what it is of. */
static bool peel(const struct checkout *c, git_oid *id, bool *is_commit)
{
	git_object_t type;
	size_t size;

	*is_commit = false;
	if (lib.git_odb_read_header(&size, &type, c->objects, id) < 0)
		return failed(c, id);
	if (type == GIT_OBJECT_COMMIT)
		return *is_commit = true;

	git_odb_object *o AUTO_OBJECT = get(c, id, GIT_OBJECT_TAG, COMMIT_MAX);

	return o && (line_id(lib.git_odb_object_data(o),
			     lib.git_odb_object_size(o), "object ", id) ||
		     failed(c, id));
}

static bool find_commit(const struct checkout *c, git_oid *id)
{
	bool is_commit = false;

	for (int i = 0; i < PEELS && !is_commit; i++)
		if (!peel(c, id, &is_commit))
			return false;
	return is_commit || refuse(c, "its tag", "is one of too many tags");
}

static bool tree_of(const struct checkout *c, const git_oid *commit,
		    git_oid *tree)
{
	git_odb_object *o AUTO_OBJECT =
		get(c, commit, GIT_OBJECT_COMMIT, COMMIT_MAX);

	return o && (line_id(lib.git_odb_object_data(o),
			     lib.git_odb_object_size(o), "tree ", tree) ||
		     failed(c, commit));
}

/* --- references: read here, so that no configuration is --- */

static bool is_hex(const char *text, size_t n)
{
	return n == HEX && strspn(text, "0123456789abcdef") >= HEX;
}

const char *revision_wrong(const char *revision)
{
	const char *wrong = table_name_wrong(revision, strlen(revision));

	if (wrong)
		return wrong;
	if (revision[0] == '-')
		return "begins with '-'";
	if (strpbrk(revision, " ~^:?*[@{") || strstr(revision, ".."))
		return "is no branch, tag or commit";
	return NULL;
}

/* All of the file in out. 0, or -errno. */
static int read_file(const struct checkout *c, const char *name, size_t most,
		     struct buf *out)
{
	AUTO_FD int fd = openat(c->folder, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
					O_CLOEXEC);
	struct reader r = { .fd = fd };
	struct stat st;
	bool whole;
	int error;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -EINVAL;
	error = reader_all(&r, most, out, &whole);
	return error < 0 ? error : whole ? 0 : -EFBIG;
}

/* A line of packed-refs: the id, a blank and the name. */
static bool find_packed(const struct checkout *c, const char *name, git_oid *id)
{
	AUTO_BUF struct buf all = { 0 };
	size_t n = strlen(name);

	if (read_file(c, "packed-refs", PACKED_MAX, &all) < 0)
		return false;
	for (const char *line = buf_text(&all); *line;
	     line += line[strcspn(line, "\n")] ? strcspn(line, "\n") + 1
					       : strlen(line)) {
		size_t length = strcspn(line, "\n");

		if (length == HEX + 1 + n && line[HEX] == ' ' &&
		    is_hex(line, HEX) && memcmp(line + HEX + 1, name, n) == 0) {
			char hex[COMMIT_HEX] = "";

			memcpy(hex, line, HEX);
			return lib.git_oid_fromstr(id, hex) == 0;
		}
	}
	return false;
}

static bool find_reference(const struct checkout *c, const char *name,
			   git_oid *id)
{
	AUTO_BUF struct buf text = { 0 };

	if (read_file(c, name, REF_MAX, &text) < 0)
		return find_packed(c, name, id);
	while (text.size && text.text[text.size - 1] == '\n')
		text.text[--text.size] = '\0';
	return is_hex(buf_text(&text), text.size) &&
	       lib.git_oid_fromstr(id, buf_text(&text)) == 0;
}

static bool find_revision(const struct checkout *c, const char *revision,
			  git_oid *id)
{
	struct arena *a = c->maker.arena;
	git_oid tag;
	bool branch, tagged;

	if (is_hex(revision, strlen(revision)))
		return lib.git_oid_fromstr(id, revision) == 0;
	branch = find_reference(c, arena_printf(a, "refs/heads/%s", revision),
				id);
	tagged = find_reference(c, arena_printf(a, "refs/tags/%s", revision),
				&tag);
	if (branch && tagged)
		return refuse(c, revision, "is a branch, and a tag too");
	if (tagged)
		*id = tag;
	return branch || tagged ||
	       refuse(c, revision, "is neither a branch nor a tag");
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
static bool check_part(const struct checkout *c, const char *name,
		       bool required)
{
	struct stat st;

	if (fstatat(c->folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return (errno == ENOENT && !required) ||
		       refuse(c, name, "is missing: it is no repository");
	if (S_ISLNK(st.st_mode))
		return refuse(c, name, "is a link");
	return is_trusted(&st) ||
	       refuse(c, name, "can be written to by others than root");
}

static bool check_none(const struct checkout *c, const char *name)
{
	struct stat st;

	return fstatat(c->folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	       refuse(c, name, "leads to another repository");
}

static bool check_parts(const struct checkout *c)
{
	return check_part(c, ".", true) && check_part(c, "objects", true) &&
	       check_part(c, "refs", true) && check_part(c, "HEAD", true) &&
	       check_part(c, "config", false) &&
	       check_part(c, "packed-refs", false) &&
	       check_part(c, "objects/pack", false) &&
	       check_part(c, "objects/info", false) &&
	       check_none(c, "commondir") && check_none(c, "gitdir") &&
	       check_none(c, "objects/info/alternates");
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
			next = openat(at, name,
				      O_PATH | O_DIRECTORY | O_NOFOLLOW |
					      O_CLOEXEC);
		}
		close(at);
		at = next;
		path += n;
	}
	return at;
}

static bool open_folder(struct checkout *c)
{
	int bare = open_path(c->path), inner;

	if (bare < 0)
		return diag_error(c->diags,
				  "there is no repository '%s', or a link on "
				  "the way to it",
				  c->path);
	inner = openat(bare, ".git",
		       O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	c->folder = inner < 0 ? bare : inner;
	if (inner >= 0)
		close(bare);
	return check_parts(c);
}

static bool open_objects(struct checkout *c)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/objects", c->folder);
	return lib.git_odb_open(&c->objects, path) == 0 ||
	       refuse(c, "objects", "cannot be opened");
}

static bool scan(struct git_source *r, struct table *table,
		 const char *revision, int out, struct arena *a,
		 struct diags *d)
{
	struct checkout c = { .path = r->path,
			      .folder = -1,
			      .maker = { .table = table, .arena = a },
			      .out = out,
			      .end = clock() +
				     (clock_t)TABLE_CPU * CLOCKS_PER_SEC,
			      .diags = d };
	git_oid id, tree;
	bool ok = open_folder(&c) && open_objects(&c) &&
		  find_revision(&c, revision, &id) && find_commit(&c, &id) &&
		  tree_of(&c, &id, &tree) && take_all(&c, &tree);

	if (ok)
		lib.git_oid_tostr(r->commit, sizeof(r->commit), &id);
	if (c.objects)
		lib.git_odb_free(c.objects);
	if (c.folder >= 0)
		close(c.folder);
	return ok;
}

bool repository_read(struct git_source *r, const char *revision,
		     struct arena *a, struct diags *d)
{
	r->table = (struct table){ 0 };
	r->unread = !lib.handle;
	lib.wanted |= r->unread;
	lib.used |= !is_hex(revision, strlen(revision));
	return r->unread || scan(r, &r->table, revision, -1, a, d);
}

bool repository_pour(const struct git_source *r, int out, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct git_source copy = *r;
	struct table table = { 0 };

	return lib.handle && scan(&copy, &table, r->commit, out, &a, d);
}
