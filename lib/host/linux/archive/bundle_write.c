/* SPDX-License-Identifier: MIT */
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/host/bundle.h"
#include "lib/host/linux/archive/libarchive.h"
#include "lib/host/linux/git/objects.h"
#include "lib/host/repository.h"
#include "lib/text/escape.h"

enum {
	/* Commits that it comes from, so that a host can tell whether it goes
	 * back: the nearest ones. */
	HISTORY = 50000,
	MEMBER = 1024, /* bytes that tar has more for each, at most */
};

static const struct libarchive *lib;

bool bundle_load(struct diags *d)
{
	lib = libarchive_load(d);
	return lib != NULL;
}

/* --- what goes in --- */

struct object {
	git_oid id;
	git_object_t type;
};

struct making {
	const struct bundle_contents *contents;
	struct arena *arena;
	struct objects objects;
	struct object *v; /* in the order of the bundle */
	size_t n, capacity;
	size_t entries;     /* of folders that were read */
	uint64_t bytes;     /* of what is packed, at most */
	struct map known;   /* ids of v */
	struct map without; /* paths in the commit */
	struct diags *diags;
};

static bool add(struct making *m, const git_oid *id, git_object_t type)
{
	char *hex = arena_alloc(m->arena, OBJECT_HEX + 1);

	git.git_oid_tostr(hex, OBJECT_HEX + 1, id);
	if (map_get(&m->known, hex))
		return true;
	if (m->n >= TABLE_ENTRIES - 2)
		return diag_error(m->diags, "the bundle would have more than "
					    "200,000 objects");
	map_put(&m->known, m->arena, hex, m);
	m->v = arena_grow(m->arena, m->v, m->n, &m->capacity, sizeof(*m->v));
	m->v[m->n++] = (struct object){ *id, type };
	return true;
}

/* One that is not there is beyond the end of a shallow history. */
static bool is_there(const struct making *m, const git_oid *id)
{
	git_object_t type;
	size_t size;

	return git.git_odb_read_header(&size, &type, m->objects.db, id) == 0;
}

static bool add_parents(struct making *m, const git_oid *of, bool *shallow)
{
	git_odb_object *o AUTO_OBJECT = NULL;
	struct commit_text c;
	git_oid id;

	if (!objects_commit(&m->objects, of, &o, &c, m->diags))
		return false;
	for (size_t i = 1; i <= c.nparents && m->n < HISTORY; i++) {
		if (!object_id(commit_parent(&c, i), &id))
			return false;
		if (!is_there(m, &id))
			*shallow = true;
		else if (!add(m, &id, GIT_OBJECT_COMMIT))
			return false;
	}
	return true;
}

static bool add_commits(struct making *m, const git_oid *tip)
{
	bool shallow = false;

	if (!add(m, tip, GIT_OBJECT_COMMIT))
		return false;
	for (size_t i = 0; i < m->n; i++) {
		git_oid id = m->v[i].id;

		if (!add_parents(m, &id, &shallow))
			return false;
	}
	if (shallow) {
		diag_warning(m->diags,
			     "the repository is shallow: hosts cannot tell "
			     "whether the bundle goes back behind what they "
			     "have");
		diag_hint(m->diags, "\"git fetch --unshallow\" gets the rest "
				    "of its history");
	}
	return true;
}

/* A folder that is to be read. */
struct todo {
	git_oid id;
	const char *path; /* in the commit */
	struct todo *next;
};

static bool is_within(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return !n ||
	       (strncmp(path, folder, n) == 0 && (path[n] == '/' || !path[n]));
}

static bool add_item(struct making *m, const struct todo *of,
		     const struct tree_item *item, struct todo ***last)
{
	const char *world = m->contents->place->path;
	const char *path = arena_printf(m->arena, "%s%s%s", of->path,
					*of->path ? "/" : "", item->name);
	const char *wrong = tree_item_wrong(item);
	git_oid id;

	if (!is_within(path, world) &&
	    !(item->mode == MODE_FOLDER && is_within(world, path)))
		return true;
	if (!wrong)
		wrong = table_name_wrong(path, strlen(path));
	if (!wrong && ++m->entries > TABLE_ENTRIES)
		wrong = "is one of more than 200,000 entries";
	if (wrong) {
		AUTO_BUF struct buf safe = { 0 };

		escape_text(&safe, path, strlen(path), false);
		return diag_error(m->diags, "'%s' %s", buf_text(&safe), wrong);
	}
	memcpy(id.id, item->id, OBJECT_RAW);
	if (item->mode != MODE_FOLDER)
		return map_get(&m->without, path) ||
		       add(m, &id, GIT_OBJECT_BLOB);
	**last = arena_new(m->arena, struct todo);
	***last = (struct todo){ id, path, NULL };
	*last = &(**last)->next;
	return add(m, &id, GIT_OBJECT_TREE);
}

static bool add_folder(struct making *m, const struct todo *of,
		       struct todo ***last)
{
	git_odb_object *o AUTO_OBJECT =
		objects_get(&m->objects, &of->id, GIT_OBJECT_TREE,
			    OBJECT_TREE_MAX, m->diags);
	struct tree_item item;
	const char *at, *end;

	if (!o)
		return false;
	at = git.git_odb_object_data(o);
	end = at + git.git_odb_object_size(o);
	while (at < end) {
		at = tree_item_read(&item, at, (size_t)(end - at));
		if (!at)
			return diag_error(m->diags,
					  "the folder '%s' is damaged",
					  *of->path ? of->path : ".");
		if (!add_item(m, of, &item, last))
			return false;
	}
	return true;
}

static bool add_folders(struct making *m, const git_oid *tip)
{
	git_odb_object *o AUTO_OBJECT = NULL;
	struct commit_text c;
	struct todo first = { .path = "" };
	struct todo **last = &first.next;

	if (!objects_commit(&m->objects, tip, &o, &c, m->diags) ||
	    !object_id(c.tree, &first.id) ||
	    !add(m, &first.id, GIT_OBJECT_TREE))
		return false;
	for (const struct todo *t = &first; t; t = t->next)
		if (!add_folder(m, t, &last))
			return false;
	return true;
}

/* --- putting it in --- */

/* "TYPE SIZE" and its NUL: how many bytes. */
static size_t header_of(const struct object *o, size_t size, char *header,
			size_t most)
{
	const char *word = o->type == GIT_OBJECT_COMMIT ? "commit"
			   : o->type == GIT_OBJECT_TREE ? "tree"
							: "blob";

	return (size_t)snprintf(header, most, "%s %zu", word, size) + 1;
}

static git_odb_object *get(const struct making *m, const struct object *o)
{
	size_t most = o->type == GIT_OBJECT_COMMIT ? OBJECT_COMMIT_MAX
		      : o->type == GIT_OBJECT_TREE ? OBJECT_TREE_MAX
						   : REPOSITORY_FILE;

	return objects_get(&m->objects, &o->id, o->type, most, m->diags);
}

/* Their digest, before anything is written. */
static bool digest(struct making *m, struct bundle_head *head)
{
	unsigned char sum[DIGEST_SIZE];
	char header[32], hex[DIGEST_HEX];
	struct sha256_ctx sha;
	uint64_t bytes = 0;

	sha256_init(&sha);
	for (size_t i = 0; i < m->n; i++) {
		git_odb_object *o AUTO_OBJECT = get(m, &m->v[i]);
		size_t size, n;

		if (!o)
			return false;
		size = git.git_odb_object_size(o);
		n = header_of(&m->v[i], size, header, sizeof(header));
		bytes += n + size;
		if (bytes > BUNDLE_MOST)
			return diag_error(m->diags, "the bundle would be "
						    "larger than 1.5 GiB");
		m->bytes += n + size + MEMBER;
		sha256_update(&sha, n, (const uint8_t *)header);
		sha256_update(&sha, size, git.git_odb_object_data(o));
	}
	sha256_digest(&sha, DIGEST_SIZE, sum);
	head->sha256 = arena_strdup(m->arena, digest_hex(sum, hex));
	head->objects = m->n;
	return true;
}

struct packing {
	struct archive *archive;
	struct archive_entry *entry;
	struct diags *diags;
};

static bool failed(const struct packing *p)
{
	const char *text = lib->archive_error_string(p->archive);

	return diag_error(p->diags, "cannot write the bundle: %s",
			  text ? text : "libarchive does not say why");
}

/* Nothing but its name and its bytes is in it. */
static bool begin(struct packing *p, const char *name, size_t size)
{
	lib->archive_entry_clear(p->entry);
	lib->archive_entry_set_pathname(p->entry, name);
	lib->archive_entry_set_filetype(p->entry, AE_IFREG);
	lib->archive_entry_set_perm(p->entry, 0644);
	lib->archive_entry_set_mtime(p->entry, 0, 0);
	lib->archive_entry_set_size(p->entry, (la_int64_t)size);
	return lib->archive_write_header(p->archive, p->entry) == ARCHIVE_OK ||
	       failed(p);
}

static bool put(struct packing *p, const void *bytes, size_t n)
{
	return !n ||
	       lib->archive_write_data(p->archive, bytes, n) == (la_ssize_t)n ||
	       failed(p);
}

static bool put_object(const struct making *m, struct packing *p,
		       const struct object *o)
{
	git_odb_object *object AUTO_OBJECT = get(m, o);
	char hex[OBJECT_HEX + 1], header[32];
	char name[sizeof(BUNDLE_OBJECTS) + OBJECT_HEX + 1];
	size_t size, n;

	if (!object)
		return false;
	size = git.git_odb_object_size(object);
	n = header_of(o, size, header, sizeof(header));
	snprintf(name, sizeof(name), BUNDLE_OBJECTS "/%s",
		 git.git_oid_tostr(hex, sizeof(hex), &o->id));
	return begin(p, name, n + size) && put(p, header, n) &&
	       put(p, git.git_odb_object_data(object), size);
}

static bool put_head(struct packing *p, const struct bundle_head *head)
{
	json_t *j = bundle_head_json(head);
	char *text = json_dumps(j, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	size_t n = strlen(text);
	bool ok = (n < BUNDLE_HEAD_MAX ||
		   diag_error(p->diags, "the bundle has too many hosts")) &&
		  begin(p, BUNDLE_FILE, n + 1) && put(p, text, n) &&
		  put(p, "\n", 1);

	free(text);
	json_decref(j);
	return ok;
}

/* Its level is part of what makes two bundles the same. */
static bool open_archive(struct packing *p, int out)
{
	struct archive *a = lib->archive_write_new();

	p->archive = a;
	p->entry = lib->archive_entry_new();
	if (!a || !p->entry)
		memory_exhausted();
	return (lib->archive_write_add_filter_zstd(a) == ARCHIVE_OK &&
		lib->archive_write_set_filter_option(
			a, "zstd", "compression-level", "9") == ARCHIVE_OK &&
		lib->archive_write_set_format_ustar(a) == ARCHIVE_OK &&
		lib->archive_write_set_bytes_in_last_block(a, 1) ==
			ARCHIVE_OK &&
		lib->archive_write_open_fd(a, out) == ARCHIVE_OK) ||
	       failed(p);
}

static bool pour(const struct making *m, const struct bundle_head *head,
		 int out)
{
	struct packing p = { .diags = m->diags };
	bool ok = open_archive(&p, out) && put_head(&p, head);

	for (size_t i = 0; ok && i < m->n; i++)
		ok = put_object(m, &p, &m->v[i]);
	ok = ok &&
	     (lib->archive_write_close(p.archive) == ARCHIVE_OK || failed(&p));
	lib->archive_entry_free(p.entry);
	lib->archive_write_free(p.archive);
	return ok;
}

/* Who reads it takes what is packed better for a bomb. */
static bool may_be_read(const struct making *m, int out)
{
	off_t size = lseek(out, 0, SEEK_END);

	return m->bytes < TABLE_FREE ||
	       (size > 0 && m->bytes / TABLE_RATIO < (uint64_t)size) ||
	       diag_error(m->diags, "the bundle would come to more than 200 "
				    "times what it is packed in, which no host "
				    "takes");
}

static void leave_out(struct making *m)
{
	const char *world = m->contents->place->path;
	const struct strings *without = m->contents->without;

	for (size_t i = 0; i < without->n; i++)
		map_put(&m->without, m->arena,
			arena_printf(m->arena, "%s%s%s", world,
				     *world ? "/" : "", without->v[i]),
			m);
}

bool bundle_write(const struct bundle_contents *contents,
		  struct bundle_head *head, int out, struct arena *a,
		  struct diags *d)
{
	struct making m = { .contents = contents, .arena = a, .diags = d };
	git_oid tip;
	bool ok;

	head->commit = contents->commit->id;
	head->path = contents->place->path;
	leave_out(&m);
	ok = objects_open(&m.objects, contents->place->repository, d) &&
	     object_id(head->commit, &tip) && add_commits(&m, &tip) &&
	     add_folders(&m, &tip) && digest(&m, head) && pour(&m, head, out) &&
	     may_be_read(&m, out);
	objects_close(&m.objects);
	return ok;
}
