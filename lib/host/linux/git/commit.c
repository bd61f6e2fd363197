/* SPDX-License-Identifier: MIT */
#include "lib/host/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/map.h"
#include "lib/base/path.h"
#include "lib/host/linux/git/objects.h"
#include "lib/host/linux/source/open.h"
#include "lib/host/repository.h"
#include "lib/text/escape.h"

/* --- which one --- */

static const char *escaped(struct arena *a, const char *text, size_t n)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, text, n, false);
	return arena_strdup(a, buf_text(&safe));
}

/* Whoever named it by its id need not be told it again. */
static const char *name_of(const char *rev, const char *branch, const char *id,
			   struct arena *a)
{
	if (branch)
		return escaped(a, branch, strlen(branch));
	if (strncmp(id, rev, strlen(rev)) == 0)
		return NULL;
	return escaped(a, rev, strlen(rev));
}

static bool describe(const struct objects *o, const git_oid *id,
		     struct arena *a, struct commit *commit, struct diags *d)
{
	git_odb_object *object AUTO_OBJECT = NULL;
	struct commit_text text;
	char hex[OBJECT_HEX + 1];

	if (!objects_commit(o, id, &object, &text, d))
		return false;
	commit->id = arena_strdup(a, git.git_oid_tostr(hex, sizeof(hex), id));
	commit->date = text.date;
	commit->author = escaped(a, text.author, text.author_size);
	commit->subject = escaped(a, text.subject, text.subject_size);
	return true;
}

bool commit_find(const char *repository, const char *rev, struct arena *a,
		 struct commit *commit, struct diags *d)
{
	struct objects o;
	const char *branch = NULL;
	git_oid id;
	bool ok;

	*commit = (struct commit){ 0 };
	ok = objects_open(&o, repository, d) &&
	     refs_find_revision(&o, rev, a, &id, &branch, d) &&
	     describe(&o, &id, a, commit, d);
	objects_close(&o);
	if (ok)
		commit->name = name_of(rev, branch, commit->id, a);
	return ok;
}

void commit_keep_files(void)
{
	enum { FILE_MOST = 64 * 1024, ALL = 16 * 1024 * 1024 };

	git.git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_BLOB,
			     (size_t)FILE_MOST);
	git.git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)ALL);
}

void commit_pack(struct pack *p, struct commit *c)
{
	pack_text(p, &c->id);
	pack_text(p, &c->author);
	pack_text(p, &c->subject);
	pack_text(p, &c->name);
	if (!p->out && !p->wrong)
		pack_expect(p, c->id && object_is_hex(c->id, OBJECT_HEX) &&
				       c->author && c->subject);
}

/* --- its folders --- */

struct item {
	const char *name;
	unsigned mode;
	git_oid id;
};

/* One that was read: its items, sorted by name. */
struct folder {
	struct item *v;
	size_t n;
};

/* What changes as it is read. */
struct state {
	struct objects objects;
	struct arena arena;
	struct map folders; /* by path */
	size_t items;       /* of all of them */
	struct buf path;    /* see path_in */
};

struct commit_tree {
	struct tree tree;   /* first: a struct tree * is one of these */
	const char *prefix; /* its path in the commit, or "" */
	git_oid root;       /* of the commit */
	bool is_part;       /* see struct commit_place */
	struct state *state;
};

static const struct commit_tree *commit_of(const struct tree *t)
{
	return (const struct commit_tree *)(const void *)t;
}

static bool refuse(const struct tree *t, const char *path, const char *why,
		   struct diags *d)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, *path ? path : ".", *path ? strlen(path) : 1, false);
	return diag_error(d, "'%s' in '%s' %s", buf_text(&safe), t->name, why);
}

static int compare_items(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name,
		      ((const struct item *)b)->name);
}

static const char *item_wrong(const struct tree_item *item,
			      const struct tree_item *last)
{
	const char *wrong = tree_item_wrong(item);

	if (!wrong)
		wrong = table_name_wrong(item->name, strlen(item->name));
	if (!wrong && last->name && !tree_item_before(last, item))
		wrong = "is not in the order of git, or is there twice";
	return wrong;
}

/* All of a tree object, or nothing: whoever put one wrong name into it meant
 * no good. */
static bool take_items(const struct tree *t, const char *path, const char *at,
		       const char *end, struct folder *f, struct diags *d)
{
	struct state *s = commit_of(t)->state;
	struct tree_item item, last = { 0 };
	size_t capacity = 0;

	for (; at < end; last = item) {
		const char *wrong;

		at = tree_item_read(&item, at, (size_t)(end - at));
		if (!at)
			return refuse(t, path, "is a tree that is damaged", d);
		wrong = item_wrong(&item, &last);
		if (!wrong && ++s->items > TABLE_ENTRIES)
			wrong = "is one of more than 200,000 entries";
		if (wrong)
			return refuse(t,
				      arena_printf(&s->arena, "%s%s%s", path,
						   *path ? "/" : "", item.name),
				      wrong, d);
		f->v = arena_grow(&s->arena, f->v, f->n, &capacity,
				  sizeof(*f->v));
		f->v[f->n].mode = item.mode;
		f->v[f->n].name = item.name;
		memcpy(f->v[f->n++].id.id, item.id, OBJECT_RAW);
	}
	qsort(f->v, f->n, sizeof(*f->v), compare_items);
	for (size_t i = 1; i < f->n; i++)
		if (strcmp(f->v[i - 1].name, f->v[i].name) == 0)
			return refuse(t, f->v[i].name, "is there twice", d);
	return true;
}

static bool is_missing(const struct tree *t, const git_oid *id)
{
	git_object_t type;
	size_t size;

	return commit_of(t)->is_part &&
	       git.git_odb_read_header(&size, &type,
				       commit_of(t)->state->objects.db, id) < 0;
}

static bool is_there(const struct tree *t, const char *path, const git_oid *id,
		     struct diags *d)
{
	return !is_missing(t, id) ||
	       refuse(t, path, "is missing: the bundle does not have it", d);
}

static struct folder *read_folder(const struct tree *t, const char *path,
				  const git_oid *id, struct diags *d)
{
	struct state *s = commit_of(t)->state;
	git_odb_object *o AUTO_OBJECT = NULL;
	struct folder *f = arena_new(&s->arena, struct folder);
	const char *bytes;
	size_t n;

	if (!is_there(t, path, id, d))
		return NULL;
	o = objects_get(&s->objects, id, GIT_OBJECT_TREE, OBJECT_TREE_MAX, d);
	if (!o)
		return NULL;
	n = git.git_odb_object_size(o);
	bytes = arena_memdup(&s->arena, git.git_odb_object_data(o), n);
	if (!take_items(t, path, bytes, bytes + n, f, d))
		return NULL;
	map_put(&s->folders, &s->arena, path, f);
	return f;
}

/* The item called by the n bytes at name, or NULL. */
static const struct item *item_of(const struct folder *f, const char *name,
				  size_t n)
{
	char text[NAME_MAX + 1];
	const struct item key = { .name = text };

	if (!f->n || n > NAME_MAX)
		return NULL;
	memcpy(text, name, n);
	text[n] = '\0';
	return bsearch(&key, f->v, f->n, sizeof(key), compare_items);
}

static bool refuse_link(const struct tree *t, const char *path, size_t n,
			struct diags *d)
{
	return refuse(t, arena_strndup(&commit_of(t)->state->arena, path, n),
		      "is a link, and what it leads to is not taken", d);
}

/* The folder that is the first n bytes of a path of the commit, read step by
 * step from the commit's own; NULL and true: there is none. */
static bool find_folder(const struct tree *t, const char *path, size_t n,
			struct folder **f, struct diags *d)
{
	struct state *s = commit_of(t)->state;
	const git_oid *id = &commit_of(t)->root;
	size_t at = 0;

	*f = map_getn(&s->folders, path, n);
	while (!*f) {
		const struct item *item;
		size_t begin;

		*f = map_getn(&s->folders, path, at);
		if (!*f)
			*f = read_folder(t, arena_strndup(&s->arena, path, at),
					 id, d);
		if (!*f || at == n)
			return *f != NULL;
		begin = at + (at != 0);
		at = begin + strcspn(path + begin, "/");
		item = item_of(*f, path + begin, at - begin);
		*f = NULL;
		if (item && item->mode == MODE_LINK)
			return refuse_link(t, path, at, d);
		if (!item || item->mode != MODE_FOLDER)
			return true;
		id = &item->id;
	}
	return true;
}

/* --- as a tree --- */

/* A path of the tree as one of the commit, until the next is asked for; NULL
 * with a diagnostic. */
static const char *path_in(const struct tree *t, const char *path,
			   struct diags *d)
{
	struct buf *whole = &commit_of(t)->state->path;
	const char *prefix = commit_of(t)->prefix;
	const char *wrong = *path ? path_relative_wrong(path) : NULL;

	if (wrong) {
		diag_error(d, "the path '%s' in '%s' %s", path, t->name, wrong);
		return NULL;
	}
	buf_clear(whole);
	buf_printf(whole, "%s%s%s", prefix, *prefix && *path ? "/" : "", path);
	if (whole->size)
		wrong = table_name_wrong(whole->text, whole->size);
	if (!wrong)
		return buf_text(whole);
	refuse(t, whole->text, wrong, d);
	return NULL;
}

/* What stands at path; NULL and true: nothing. */
static bool find_item(const struct tree *t, const char *path,
		      const struct item **item, struct diags *d)
{
	const char *whole = path_in(t, path, d), *name;
	struct folder *f;

	*item = NULL;
	if (!whole ||
	    !find_folder(t, whole, path_parent_of(whole, strlen(whole)), &f, d))
		return false;
	name = path_name(whole);
	if (f)
		*item = item_of(f, name, strlen(name));
	return true;
}

static bool read_target(const struct tree *t, const struct item *item,
			struct arena *a, struct tree_entry *e, struct diags *d)
{
	git_odb_object *o AUTO_OBJECT =
		objects_get(&commit_of(t)->state->objects, &item->id,
			    GIT_OBJECT_BLOB, PATH_MAX, d);

	if (!o)
		return false;
	e->size = git.git_odb_object_size(o);
	e->target = arena_strndup(a, git.git_odb_object_data(o), e->size);
	return strlen(e->target) == e->size ||
	       refuse(t, item->name, "is a link to what is no path", d);
}

static bool entry_of(const struct tree *t, const struct item *item,
		     struct arena *a, struct tree_entry *e, struct diags *d)
{
	size_t size;

	*e = (struct tree_entry){ .name = arena_strdup(a, item->name),
				  .type = TREE_DIRECTORY };
	if (item->mode == MODE_FOLDER)
		return true;
	if (item->mode == MODE_LINK) {
		e->type = TREE_LINK;
		return read_target(t, item, a, e, d);
	}
	e->type = TREE_FILE;
	e->executable = item->mode == MODE_PROGRAM;
	if (!objects_header(&commit_of(t)->state->objects, &item->id,
			    GIT_OBJECT_BLOB, &size, d))
		return false;
	e->size = size;
	return true;
}

/* What a header says of the size may be wrong: only the whole is what the id
 * is of. Of what is named alone that is looked at. */
static bool is_whole(const struct tree *t, const struct item *item,
		     struct diags *d)
{
	git_odb_object *o AUTO_OBJECT =
		objects_get(&commit_of(t)->state->objects, &item->id,
			    GIT_OBJECT_BLOB, REPOSITORY_FILE, d);

	return o != NULL;
}

static bool commit_entry(const struct tree *t, const char *path,
			 struct arena *a, struct tree_entry *e, struct diags *d)
{
	const struct item *item;

	*e = (struct tree_entry){ .name = arena_strdup(a, path_name(path)) };
	if (!find_item(t, path, &item, d))
		return false;
	if (item &&
	    (!is_there(t, path, &item->id, d) || !entry_of(t, item, a, e, d)))
		return false;
	if (e->size > REPOSITORY_FILE)
		return refuse(t, path, "is larger than 128 MiB", d);
	return e->type != TREE_FILE || is_whole(t, item, d);
}

/* What a bundle leaves out on purpose is not there for who lists it. */
static bool is_left_out(const struct tree *t, const char *path,
			const struct item *item)
{
	return strcmp(path, "hosts") == 0 && item->mode != MODE_FOLDER &&
	       is_missing(t, &item->id);
}

static bool commit_list(const struct tree *t, const char *path, struct arena *a,
			struct tree_entry **v, size_t *n, struct diags *d)
{
	const char *whole = path_in(t, path, d);
	struct folder *f;

	*v = NULL;
	*n = 0;
	if (!whole || !find_folder(t, whole, strlen(whole), &f, d))
		return false;
	if (!f)
		return refuse(t, path, "is no folder, or is not there", d);
	*v = arena_array(a, struct tree_entry, f->n + 1);
	for (size_t i = 0; i < f->n; i++) {
		const struct item *item = &f->v[i];

		if (is_left_out(t, path, item))
			continue;
		if (!is_there(t, arena_printf(a, "%s/%s", path, item->name),
			      &item->id, d) ||
		    !entry_of(t, item, a, &(*v)[*n], d))
			return false;
		++*n;
	}
	return true;
}

static void give_back(void *object)
{
	git.git_odb_object_free(object);
}

static bool commit_open(const struct tree *t, const char *path,
			struct reader *r, struct diags *d)
{
	const struct item *item;
	git_odb_object *o;

	*r = (struct reader){ .fd = -1 };
	if (!find_item(t, path, &item, d))
		return false;
	if (!item)
		return refuse(t, path, "is not there", d);
	if (item->mode == MODE_LINK)
		return refuse_link(t, path, strlen(path), d);
	if (item->mode == MODE_FOLDER)
		return refuse(t, path, "is a folder, not a file", d);
	if (!is_there(t, path, &item->id, d))
		return false;
	o = objects_get(&commit_of(t)->state->objects, &item->id,
			GIT_OBJECT_BLOB, REPOSITORY_FILE, d);
	if (!o)
		return false;
	*r = (struct reader){ .fd = -1,
			      .bytes = git.git_odb_object_data(o),
			      .left = git.git_odb_object_size(o),
			      .held = o,
			      .release = give_back };
	return true;
}

enum { BITS = 60 }; /* of an id that pass for a time long ago */

static uint64_t bits(const unsigned char *bytes, size_t n)
{
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all = all << 8 | bytes[i];
	return all & (BIT(BITS) - 1);
}

/* Its id is all that tells whether it is the same. */
static bool commit_stamp(const struct tree *t, const char *path,
			 struct tree_stamp *stamp)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	const struct item *item;
	size_t size;

	if (!find_item(t, path, &item, &ignored) || !item ||
	    (item->mode != MODE_FILE && item->mode != MODE_PROGRAM) ||
	    !objects_header(&commit_of(t)->state->objects, &item->id,
			    GIT_OBJECT_BLOB, &size, &ignored))
		return false;
	*stamp = (struct tree_stamp){
		.inode = bits(item->id.id, 8),
		.size = size,
		.mtime = (int64_t)bits(item->id.id + 6, 8),
		.ctime = (int64_t)bits(item->id.id + 12, 8),
	};
	return true;
}

static void commit_close(struct tree *t)
{
	struct state *s = commit_of(t)->state;

	objects_close(&s->objects);
	buf_release(&s->path);
	arena_release(&s->arena);
	free(s);
	free(t);
}

static bool begin(struct commit_tree *c, const struct commit_place *place,
		  const struct commit *commit, struct diags *d)
{
	git_odb_object *o AUTO_OBJECT = NULL;
	struct state *s = c->state;
	struct commit_text text;
	git_oid id;

	const char *shown = arena_strdup(
		&s->arena, place->shown ? place->shown : place->repository);

	c->prefix = arena_strdup(&s->arena, place->path);
	c->is_part = place->is_part;
	c->tree.name = arena_printf(&s->arena, "%s at %.*s", shown,
				    COMMIT_SHORT, commit->id);
	if (!objects_open(&s->objects, place->repository, d))
		return false;
	s->objects.path = shown;
	return object_id(commit->id, &id) &&
	       objects_commit(&s->objects, &id, &o, &text, d) &&
	       object_id(text.tree, &c->root);
}

struct tree *tree_of_commit(const struct commit_place *place,
			    const struct commit *commit, struct diags *d)
{
	static const struct tree_ops ops = {
		.entry = commit_entry,
		.list = commit_list,
		.open = commit_open,
		.stamp = commit_stamp,
		.close = commit_close,
	};
	struct commit_tree *c = xrealloc(NULL, sizeof(*c));

	*c = (struct commit_tree){ .tree = { .ops = &ops },
				   .state = xrealloc(NULL, sizeof(*c->state)) };
	*c->state = (struct state){ .objects.folder = -1 };
	if (begin(c, place, commit, d))
		return &c->tree;
	commit_close(&c->tree);
	return NULL;
}
