/* SPDX-License-Identifier: MIT */
#include "lib/host/history.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "lib/host/linux/git/objects.h"
#include "lib/text/escape.h"
#include "lib/text/source.h"
#include "lib/text/ticket.h"
#include "lib/text/value.h"

enum { DEEP = 64 /* folders one in another */ };

/* What stands at a path: at each step of it, from the root on. */
struct chain {
	size_t n; /* steps that are there; all of them: it is there */
	git_oid ids[DEEP];
	unsigned mode; /* of the last */
};

struct digest {
	bool is_there;
	unsigned char bytes[SHA256_DIGEST_SIZE];
};

/* An item on its way back. */
struct track {
	struct history_item *item;
	bool has_digest; /* of the value; it stays as the value does */
	struct digest digest;
	struct track *next; /* of the same file */
};

/* A path, and the items there that are at one commit. */
struct file {
	const char *path;
	size_t steps;
	struct chain chain;
	struct track *tracks; /* not empty */
	struct file *next;    /* of the same group */
};

struct group {
	git_oid id;
	git_odb_object *object;
	struct commit_text text; /* in the object */
	struct file *files;      /* sorted by path */
};

/* The folders on the way to the last path that was looked up in a commit. */
struct folders {
	git_oid root;
	const char *path; /* the first n names of it */
	size_t n;
	git_odb_object *v[DEEP];
	size_t at[DEEP]; /* behind what was found there last */
};

struct history {
	struct objects objects;
	const struct history_limits *limits;
	struct arena *arena;
	struct group *groups; /* no two of one commit */
	size_t n;
	size_t looked_at, found;
	bool missing; /* something that should be there could not be read */
	bool is_enough;
	clock_t end;
};

/* --- paths --- */

static size_t count_steps(const char *path)
{
	size_t n = *path != '\0';

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static const char *next_name(const char *name)
{
	name += strcspn(name, "/");
	return name + (*name == '/');
}

static void close_folders(struct folders *f, size_t from)
{
	for (size_t i = from; i < f->n; i++)
		git.git_odb_object_free(f->v[i]);
	f->n = from < f->n ? from : f->n;
}

/* How many folders two paths have in common. */
static size_t in_common(const char *one, const char *other)
{
	size_t n = 0;

	for (size_t i = 0; one[i] && one[i] == other[i]; i++)
		n += one[i] == '/';
	return n;
}

/*
 * The entry of the folder i steps down by the n bytes of its name. What is
 * looked for next mostly comes next: the search begins where the last one
 * ended.
 */
static bool find_entry(struct folders *f, size_t i, const char *name, size_t n,
		       struct tree_item *item)
{
	const char *text = git.git_odb_object_data(f->v[i]);
	size_t size = git.git_odb_object_size(f->v[i]), start = f->at[i];
	const char *at = text + start, *stop = text + size;

	for (bool again = false;;) {
		if (at == stop) {
			if (again || !start)
				return false;
			again = true;
			at = text;
			stop = text + start;
		}
		at = tree_item_read(item, at, (size_t)(text + size - at));
		if (!at)
			return false;
		if (strncmp(item->name, name, n) != 0 || item->name[n])
			continue;
		f->at[i] = (size_t)(at - text);
		return true;
	}
}

/* NULL: it is missing, as in a clone or a bundle that has not all; or it is too
 * large, or of another type. */
static git_odb_object *get(struct history *h, const git_oid *id,
			   git_object_t type, size_t most)
{
	git_odb_object *object = objects_read(&h->objects, id, type, most);
	git_object_t found;
	size_t size;

	h->missing |= !object && git.git_odb_read_header(&size, &found,
							 h->objects.db, id) < 0;
	return object;
}

/* The folder that is i steps down, which has that id. NULL: what cannot be
 * read is not there. */
static git_odb_object *open_folder(struct history *h, struct folders *f,
				   size_t i, const git_oid *id)
{
	if (i < f->n)
		return f->v[i];
	f->v[i] = get(h, id, GIT_OBJECT_TREE, OBJECT_TREE_MAX);
	f->n += f->v[i] != NULL;
	f->at[i] = 0;
	return f->v[i];
}

/*
 * What stands at a path. same, if not NULL, is what stands there in another
 * commit: from where the two are the same on, nothing is read.
 */
static void look_up(struct history *h, struct folders *f,
		    const struct file *file, const struct chain *same,
		    struct chain *out)
{
	const char *name = file->path;
	const git_oid *id = &f->root;
	struct tree_item item = { .mode = MODE_FOLDER };

	close_folders(f, f->path ? 1 + in_common(f->path, name) : 0);
	f->path = name;
	out->n = 0;
	out->mode = 0;
	for (size_t i = 0; i < file->steps; i++, name = next_name(name)) {
		git_odb_object *folder = item.mode == MODE_FOLDER
						 ? open_folder(h, f, i, id)
						 : NULL;

		if (!folder ||
		    !find_entry(f, i, name, strcspn(name, "/"), &item))
			return;
		memcpy(out->ids[i].id, item.id, OBJECT_RAW);
		out->n = i + 1;
		out->mode = item.mode;
		if (same && i < same->n && item.mode == MODE_FOLDER &&
		    i + 1 < file->steps &&
		    memcmp(&same->ids[i], &out->ids[i], sizeof(git_oid)) == 0) {
			memcpy(&out->ids[i], &same->ids[i],
			       (same->n - i) * sizeof(git_oid));
			out->n = same->n;
			out->mode = same->mode;
			return;
		}
		id = &out->ids[i];
	}
}

/* --- values --- */

static int add_to_digest(const char *bytes, size_t n, void *context)
{
	sha256_update(context, n, (const uint8_t *)bytes);
	return 0;
}

static void digest_of(json_t *root, const struct history_item *item,
		      struct digest *out)
{
	json_t *value = value_everywhere(root, item->pointer);
	struct sha256_ctx context;

	*out = (struct digest){ .is_there = value != NULL };
	if (item->member) {
		out->is_there = value_has(value, item->member);
	} else if (value) {
		sha256_init(&context);
		json_dump_callback(value, add_to_digest, &context,
				   JSON_COMPACT | JSON_SORT_KEYS |
					   JSON_ENCODE_ANY);
		sha256_digest(&context, sizeof(out->bytes), out->bytes);
	}
	json_decref(value);
}

/* A file of a commit as JSON; NULL: it is none, or is too large. */
static json_t *document_of(struct history *h, const struct chain *chain)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	git_odb_object *o AUTO_OBJECT = NULL;
	struct source source = { .name = "" };
	json_t *root;

	if (chain->mode != MODE_FILE && chain->mode != MODE_PROGRAM)
		return NULL;
	o = get(h, &chain->ids[chain->n - 1], GIT_OBJECT_BLOB,
		HISTORY_DOCUMENT);
	if (!o)
		return NULL;
	source.text = git.git_odb_object_data(o);
	source.size = git.git_odb_object_size(o);
	root = source_parse(&source, &ignored);
	source_release(&source);
	return root;
}

/* The document that was read last, of one commit. */
struct opened {
	const char *path;
	json_t *root;
};

static json_t *open_document(struct history *h, struct opened *o,
			     const char *path, const struct chain *chain)
{
	if (!o->path || strcmp(o->path, path) != 0) {
		json_decref(o->root);
		*o = (struct opened){ path, document_of(h, chain) };
	}
	return o->root;
}

static bool same_digest(const struct digest *a, const struct digest *b)
{
	return a->is_there == b->is_there &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* What is open of two commits: the one, and its parent. */
struct pair {
	struct opened here, there;
};

/* Whether the value at the track's pointer is the same in two files. */
static bool same_value(struct history *h, const struct file *here,
		       struct track *t, const struct chain *there,
		       struct pair *open)
{
	struct digest digest;
	json_t *root;

	if (!t->has_digest) {
		root = open_document(h, &open->here, here->path, &here->chain);
		if (!root)
			return false;
		digest_of(root, t->item, &t->digest);
		t->has_digest = true;
	}
	root = open_document(h, &open->there, here->path, there);
	if (!root)
		return false;
	digest_of(root, t->item, &digest);
	return same_digest(&digest, &t->digest);
}

static bool is_same(struct history *h, const struct file *here, struct track *t,
		    const struct chain *there, struct pair *open)
{
	const struct chain *chain = &here->chain;

	if (there->n != here->steps)
		return false;
	if (memcmp(&there->ids[there->n - 1], &chain->ids[chain->n - 1],
		   sizeof(git_oid)) == 0)
		return t->item->pointer || there->mode == chain->mode;
	return t->item->pointer && same_value(h, here, t, there, open);
}

/* --- groups --- */

static void chain_copy(struct chain *to, const struct chain *from)
{
	to->n = from->n;
	to->mode = from->mode;
	memcpy(to->ids, from->ids, from->n * sizeof(git_oid));
}

static struct file *new_file(const char *path, size_t steps,
			     const struct chain *chain)
{
	struct file *file = xrealloc(NULL, sizeof(*file));

	file->path = path;
	file->steps = steps;
	chain_copy(&file->chain, chain);
	file->tracks = NULL;
	file->next = NULL;
	return file;
}

/* Two of one path at one commit become one. */
static void join(struct file *file, struct file *other)
{
	struct track **end = &other->tracks;

	while (*end)
		end = &(*end)->next;
	*end = file->tracks;
	file->tracks = other->tracks;
	free(other);
}

/* Two sorted lists as one. */
static struct file *merge(struct file *a, struct file *b)
{
	struct file *all = NULL, **end = &all;

	while (a && b) {
		int order = strcmp(a->path, b->path);
		struct file **less = order <= 0 ? &a : &b, *file = *less;

		*less = file->next;
		if (order == 0) {
			struct file *other = b;

			b = b->next;
			join(file, other);
		}
		*end = file;
		end = &file->next;
	}
	*end = a ? a : b;
	return all;
}

/* Reads the commit. False: it cannot be read. */
static bool open_group(struct history *h, const git_oid *id, struct group *g)
{
	*g = (struct group){ .id = *id };
	g->object = objects_read(&h->objects, id, GIT_OBJECT_COMMIT,
				 OBJECT_COMMIT_MAX);
	return g->object &&
	       commit_read(git.git_odb_object_data(g->object),
			   git.git_odb_object_size(g->object), &g->text);
}

static void close_group(struct group *g)
{
	git.git_odb_object_free(g->object);
	while (g->files) {
		struct file *file = g->files;

		g->files = file->next;
		free(file);
	}
}

/* Takes the group. There are no more of them than items. */
static void go_on(struct history *h, struct group *g)
{
	for (size_t i = 0; i < h->n; i++) {
		if (memcmp(&h->groups[i].id, &g->id, sizeof(g->id)) != 0)
			continue;
		h->groups[i].files = merge(h->groups[i].files, g->files);
		g->files = NULL;
		close_group(g);
		return;
	}
	h->groups[h->n++] = *g;
}

/* The newest first, so that ways that part meet again before they go on. */
static struct group take_newest(struct history *h)
{
	size_t newest = 0;
	struct group g;

	for (size_t i = 1; i < h->n; i++)
		if (h->groups[i].text.date > h->groups[newest].text.date)
			newest = i;
	g = h->groups[newest];
	h->groups[newest] = h->groups[--h->n];
	return g;
}

/* --- what is found --- */

static const char *escaped(struct arena *a, const char *text, size_t n)
{
	AUTO_BUF struct buf safe = { 0 };

	escape_text(&safe, text, n, false);
	return arena_strdup(a, buf_text(&safe));
}

static struct past *past_of(struct history *h, const struct group *g)
{
	const struct commit_text *text = &g->text;
	char hex[OBJECT_HEX + 1];
	struct arena *a = h->arena;
	struct past *past = arena_new(a, struct past);

	git.git_oid_tostr(hex, sizeof(hex), &g->id);
	past->commit.id = arena_strdup(a, hex);
	past->commit.date = text->date;
	past->commit.author = escaped(a, text->author, text->author_size);
	past->commit.subject = escaped(a, text->subject, text->subject_size);
	past->rank = h->found++;
	tickets_find(text->message, text->message_size, a, &past->tickets);
	return past;
}

/* All that is left of a group. */
static void settle(struct history *h, struct group *g, enum since since)
{
	struct past *past;

	if (!g->files)
		return;
	past = past_of(h, g);
	past->since = since;
	for (struct file *file = g->files; file; file = file->next)
		for (struct track *t = file->tracks; t; t = t->next)
			t->item->past = past;
	h->is_enough =
		h->limits->enough && h->limits->enough(h->limits->context);
}

/* --- one commit --- */

/* Takes those off the file's list that are the same in a parent. */
static struct track *take_same(struct history *h, struct file *file,
			       const struct chain *there, struct pair *open)
{
	struct track *same = NULL, **at = &file->tracks;

	while (*at) {
		struct track *t = *at;

		if (!is_same(h, file, t, there, open)) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		t->next = same;
		same = t;
	}
	return same;
}

static bool is_untouched(const struct chain *a, const struct chain *b)
{
	return a->n == b->n && a->mode == b->mode &&
	       memcmp(&a->ids[a->n - 1], &b->ids[b->n - 1], sizeof(git_oid)) ==
		       0;
}

/* Splits off what is the same in a parent: *at is what is not, if anything. */
static struct file *split(struct history *h, struct folders *f,
			  struct file **at, struct pair *open)
{
	struct file *file = *at, *same = file;
	struct track *tracks;
	struct chain there;

	look_up(h, f, file, &file->chain, &there);
	if (is_untouched(&file->chain, &there)) {
		chain_copy(&file->chain, &there);
		*at = file->next;
		file->next = NULL;
		return file;
	}
	tracks = take_same(h, file, &there, open);
	if (!tracks)
		return NULL;
	if (file->tracks) {
		same = new_file(file->path, file->steps, &there);
	} else {
		*at = file->next;
		chain_copy(&file->chain, &there);
	}
	same->tracks = tracks;
	same->next = NULL;
	return same;
}

/* The same for all that are left of a group. */
static struct file *split_all(struct history *h, struct folders *f,
			      struct file **left)
{
	struct file *same = NULL, **end = &same, **at = left;
	struct pair open = { 0 };

	while (*at) {
		struct file *before = *at, *one = split(h, f, at, &open);

		if (one) {
			*end = one;
			end = &one->next;
		}
		if (*at == before)
			at = &before->next;
	}
	close_folders(f, 0);
	json_decref(open.here.root);
	json_decref(open.there.root);
	return same;
}

/* What a parent has the same goes on from there. False: not all of it can be
 * read. */
static bool ask_parent(struct history *h, const char *hex, struct group *g)
{
	struct folders f = { 0 };
	struct group parent;
	git_oid id;
	bool ok;

	if (!object_id(hex, &id))
		return false;
	h->missing = false;
	ok = open_group(h, &id, &parent) &&
	     object_id(parent.text.tree, &f.root);
	if (ok && memcmp(parent.text.tree, g->text.tree, OBJECT_HEX) == 0) {
		parent.files = g->files;
		g->files = NULL;
	} else if (ok) {
		parent.files = split_all(h, &f, &g->files);
	}
	if (parent.files)
		go_on(h, &parent);
	else
		close_group(&parent);
	return ok && !h->missing;
}

static bool is_over(const struct history *h)
{
	return h->looked_at >= h->limits->commits || clock() > h->end;
}

static void look_at(struct history *h, struct group *g)
{
	enum since since = SINCE_COMMIT;

	if (is_over(h)) {
		settle(h, g, SINCE_LIMIT);
		return;
	}
	h->looked_at++;
	for (size_t i = 1; g->files && i <= g->text.nparents; i++)
		if (!ask_parent(h, commit_parent(&g->text, i), g))
			since = SINCE_END;
	settle(h, g, since);
}

/* --- the beginning --- */

static int compare_items(const void *a, const void *b)
{
	const struct track *x = a, *y = b;

	return strcmp(x->item->path, y->item->path);
}

/* Sorted, and each path once. */
static struct file *begin_files(struct history *h, struct folders *f,
				struct track *tracks, size_t n)
{
	struct file *all = NULL, **end = &all, *last = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *path = tracks[i].item->path;
		size_t steps = count_steps(path);

		if (!steps || steps > DEEP)
			continue;
		if (!last || strcmp(last->path, path) != 0) {
			last = new_file(path, steps, &(struct chain){ 0 });
			look_up(h, f, last, NULL, &last->chain);
			*end = last;
			end = &last->next;
		}
		tracks[i].next = last->tracks;
		last->tracks = &tracks[i];
	}
	return all;
}

static bool has_pointers(const struct file *file)
{
	const struct track *t = file->tracks;

	while (t && !t->item->pointer)
		t = t->next;
	return t != NULL;
}

/* What of a file is there; what is not has no history. */
static struct track *take_present(struct history *h, const struct file *file)
{
	bool reads = file->chain.n == file->steps && has_pointers(file);
	json_t *root = reads ? document_of(h, &file->chain) : NULL;
	struct track *present = NULL, *next;

	for (struct track *t = file->tracks; t; t = next) {
		next = t->next;
		if (root && t->item->pointer) {
			digest_of(root, t->item, &t->digest);
			t->has_digest = true;
		}
		if (file->chain.n < file->steps ||
		    (t->has_digest && !t->digest.is_there))
			continue;
		t->next = present;
		present = t;
	}
	json_decref(root);
	return present;
}

static void drop_absent(struct history *h, struct file **at)
{
	while (*at) {
		struct file *file = *at;

		file->tracks = take_present(h, file);
		if (file->tracks) {
			at = &file->next;
			continue;
		}
		*at = file->next;
		free(file);
	}
}

static bool begin(struct history *h, const struct commit *commit,
		  struct track *tracks, size_t n, struct diags *d)
{
	struct folders f = { 0 };
	struct group g = { 0 };
	git_oid id;

	if (!object_id(commit->id, &id) || !open_group(h, &id, &g) ||
	    !object_id(g.text.tree, &f.root)) {
		close_group(&g);
		return objects_refuse(&h->objects, commit->id, "cannot be read",
				      d);
	}
	g.files = begin_files(h, &f, tracks, n);
	close_folders(&f, 0);
	drop_absent(h, &g.files);
	if (g.files)
		go_on(h, &g);
	else
		close_group(&g);
	return true;
}

static void walk(struct history *h)
{
	while (h->n) {
		struct group g = take_newest(h);

		if (!h->is_enough)
			look_at(h, &g);
		close_group(&g);
	}
}

/*
 * Each object is looked at once or twice, and not again, so none is kept; and
 * its id is not worked out anew, which would take as long as all the rest: as
 * for git-log(1), zlib tells what is damaged. The commit that the walk begins
 * at was checked when it was found.
 */
static void hurry(bool on)
{
	git.git_libgit2_opts(GIT_OPT_ENABLE_CACHING, !on);
	git.git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, !on);
}

bool history_walk(const char *repository, const struct commit *commit,
		  const struct history_limits *limits,
		  struct history_item *items, size_t n, struct arena *a,
		  struct diags *d)
{
	AUTO_FREE struct track *tracks =
		xrealloc(NULL, (n + 1) * sizeof(*tracks));
	AUTO_FREE struct group *groups =
		xrealloc(NULL, (n + 1) * sizeof(*groups));
	struct history h = { .limits = limits,
			     .arena = a,
			     .groups = groups,
			     .end = clock() +
				    (clock_t)limits->seconds * CLOCKS_PER_SEC };
	bool ok;

	for (size_t i = 0; i < n; i++) {
		items[i].past = NULL;
		tracks[i] = (struct track){ .item = &items[i] };
	}
	qsort(tracks, n, sizeof(*tracks), compare_items);
	hurry(true);
	ok = objects_open(&h.objects, repository, d) &&
	     begin(&h, commit, tracks, n, d);
	if (ok)
		walk(&h);
	hurry(false);
	objects_close(&h.objects);
	return ok;
}
