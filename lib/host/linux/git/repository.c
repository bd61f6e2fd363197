/* SPDX-License-Identifier: MIT */
#include "lib/host/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/output.h"
#include "lib/base/path.h"
#include "lib/base/utf8.h"
#include "lib/host/linux/git/objects.h"

/* What was asked for. */
static bool wanted, used, elsewhere;
/* Where what is elsewhere is kept. */
static const char *clones;

void repository_are_elsewhere(void)
{
	elsewhere = true;
}

bool repository_is_wanted(void)
{
	return wanted && !git.handle;
}

bool repository_was_read(void)
{
	return used;
}

/* --- reading --- */

/* A repository being read. */
struct checkout {
	struct objects objects;
	struct table_maker maker;
	int out; /* that contents go to; -1: they are digested */
	struct diags *diags;
};

static bool refuse(const struct checkout *c, const char *name, const char *why)
{
	return objects_refuse(&c->objects, name, why, c->diags);
}

static git_odb_object *get(const struct checkout *c, const git_oid *id,
			   git_object_t type, size_t most)
{
	return objects_get(&c->objects, id, type, most, c->diags);
}

/* --- trees --- */

static bool add_folder(struct checkout *c, const char *name)
{
	const struct table_entry e = { .name = name, .type = TREE_DIRECTORY };
	struct table_entry *added;

	return table_add(&c->maker, &e, &added, c->diags);
}

static git_oid id_of(const struct tree_item *item)
{
	git_oid id = { { 0 } };

	memcpy(id.id, item->id, OBJECT_RAW);
	return id;
}

static bool add_link(struct checkout *c, const char *name,
		     const struct tree_item *item)
{
	const git_oid id = id_of(item);
	git_odb_object *o AUTO_OBJECT = get(c, &id, GIT_OBJECT_BLOB, PATH_MAX);
	struct table_entry e = { .name = name, .type = TREE_LINK }, *added;
	size_t n;

	if (!o)
		return false;
	n = git.git_odb_object_size(o);
	e.target = arena_strndup(c->maker.arena, git.git_odb_object_data(o), n);
	if (strlen(e.target) != n)
		return refuse(c, name, "is a link to what is no path");
	return table_add(&c->maker, &e, &added, c->diags);
}

static bool add_file(struct checkout *c, const char *name,
		     const struct tree_item *item)
{
	const git_oid id = id_of(item);
	git_odb_object *o AUTO_OBJECT =
		get(c, &id, GIT_OBJECT_BLOB, REPOSITORY_FILE);
	struct table_entry e = { .name = name,
				 .type = TREE_FILE,
				 .executable = item->mode == MODE_PROGRAM },
			   *added;
	struct content content;

	if (!o)
		return false;
	content = content_of(git.git_odb_object_data(o),
			     git.git_odb_object_size(o));
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
		 const struct tree_item *item)
{
	struct arena *a = c->maker.arena;
	const char *name =
		*folder ? arena_printf(a, "%s/%s", folder, item->name)
			: arena_strdup(a, item->name);
	const char *wrong = tree_item_wrong(item);
	git_oid id;

	if (wrong)
		return refuse(c, name, wrong);
	if (item->mode == MODE_LINK)
		return add_link(c, name, item);
	if (item->mode != MODE_FOLDER)
		return add_file(c, name, item);
	if (!add_folder(c, name))
		return false;
	id = id_of(item);
	todo_add(todo, a, name, &id);
	return true;
}

static bool take_tree(struct checkout *c, struct todo *todo, const char *folder,
		      const git_oid *id)
{
	git_odb_object *o AUTO_OBJECT =
		get(c, id, GIT_OBJECT_TREE, OBJECT_TREE_MAX);
	const char *at, *end;
	struct tree_item item;

	if (!o)
		return false;
	at = git.git_odb_object_data(o);
	end = at + git.git_odb_object_size(o);
	while (at < end) {
		at = tree_item_read(&item, at, (size_t)(end - at));
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

static bool tree_of(const struct checkout *c, const git_oid *commit,
		    git_oid *tree)
{
	git_odb_object *o AUTO_OBJECT = NULL;
	struct commit_text text;

	return objects_commit(&c->objects, commit, &o, &text, c->diags) &&
	       object_id(text.tree, tree);
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

static bool find_commit(const struct checkout *c, const char *revision,
			git_oid *id)
{
	bool found = object_is_hex(revision, OBJECT_HEX)
			     ? object_id(revision, id)
			     : refs_find(&c->objects, revision, c->maker.arena,
					 id, c->diags);

	return found && objects_peel(&c->objects, id, c->diags);
}

static bool scan(struct git_source *r, struct table *table,
		 const char *revision, int out, struct arena *a,
		 struct diags *d)
{
	struct checkout c = { .maker = { .table = table, .arena = a },
			      .out = out,
			      .diags = d };
	git_oid id, tree;
	bool ok = objects_open(&c.objects, r->path, d) &&
		  find_commit(&c, revision, &id) && tree_of(&c, &id, &tree) &&
		  take_all(&c, &tree);

	if (ok)
		git.git_oid_tostr(r->commit, sizeof(r->commit), &id);
	objects_close(&c.objects);
	return ok;
}

bool repository_scan(struct git_source *r, const char *revision,
		     struct arena *a, struct diags *d)
{
	return scan(r, &r->table, revision, -1, a, d);
}

void repository_clones_in(const char *state)
{
	clones = state;
}

const char *repository_clone(const char *state, const char *url,
			     struct arena *a)
{
	unsigned char digest[DIGEST_SIZE];
	char hex[DIGEST_HEX];
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, strlen(url), (const uint8_t *)url);
	sha256_digest(&sha, sizeof(digest), digest);
	return arena_printf(a, "%s/git/%.40s.git", state,
			    digest_hex(digest, hex));
}

/* What is wrong with a clone is no more than what is not in it. */
static bool read_clone(struct git_source *r, const char *revision,
		       struct arena *a)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct git_source found;

	used = true;
	r->table = (struct table){ 0 };
	r->unfetched = true;
	if (elsewhere || !clones || !utf8_valid(clones, strlen(clones)))
		return true;
	r->path = repository_clone(clones, r->url, a);
	if (faccessat(AT_FDCWD, arena_printf(a, "%s/HEAD", r->path), F_OK,
		      AT_EACCESS) < 0)
		return true;
	r->unread = !git.handle;
	wanted |= r->unread;
	found = *r;
	if (!r->unread && scan(&found, &found.table, revision, -1, a, &ignored))
		*r = found;
	r->unfetched = !r->table.n;
	return true;
}

bool repository_read(struct git_source *r, const char *revision,
		     struct arena *a, struct diags *d)
{
	if (r->url)
		return read_clone(r, revision, a);
	r->table = (struct table){ 0 };
	r->unread = !git.handle || elsewhere;
	wanted |= !git.handle && !elsewhere;
	used |= !object_is_hex(revision, OBJECT_HEX);
	return r->unread || scan(r, &r->table, revision, -1, a, d);
}

bool repository_pour(const struct git_source *r, int out, struct diags *d)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct git_source copy = *r;
	struct table table = { 0 };

	return git.handle && scan(&copy, &table, r->commit, out, &a, d);
}
