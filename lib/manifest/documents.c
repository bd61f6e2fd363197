/* SPDX-License-Identifier: MIT */
#include "lib/manifest/documents.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/utf8.h"

void documents_begin(struct documents *docs, const struct tree *tree)
{
	*docs = (struct documents){ .tree = tree };
}

static bool read_text(struct document *doc, const struct tree *tree,
		      struct arena *a, struct diags *d)
{
	static const char *const wrong[] = {
		[TREE_ABSENT] = "there is no such file",
		[TREE_DIRECTORY] = "it is a folder, not a manifest",
		[TREE_LINK] = "it is a symbolic link, and what it leads to is "
			      "not taken",
	};
	AUTO_BUF struct buf b = { 0 };
	struct tree_entry entry;

	if (!utf8_valid(doc->name, strlen(doc->name)))
		return diag_error(d, "its name is not valid UTF-8");
	if (!tree_entry(tree, doc->name, a, &entry, d))
		return false;
	/* links to a manifest that is alone were followed */
	if (entry.type == TREE_LINK && !strchr(doc->name, '/'))
		return diag_error(d,
				  "it is a symbolic link that leads nowhere");
	if (entry.type != TREE_FILE) {
		diag_error(d, "%s", wrong[entry.type]);
		if (entry.type == TREE_DIRECTORY && !strchr(doc->name, '/'))
			diag_hint(d, "a folder that is a world has a "
				     "converge.json");
		return false;
	}
	if (entry.size > SOURCE_MAX_BYTES)
		return diag_error(d, "larger than 16 MiB");
	/* in one piece: growing by halves would copy it again and again */
	buf_reserve(&b, entry.size);
	if (!tree_read(tree, doc->name, SOURCE_MAX_BYTES, &b, d))
		return false;
	doc->source.size = b.size;
	doc->source.text = b.text;
	b = (struct buf){ 0 };
	return true;
}

static void read_document(struct documents *docs, struct document *doc,
			  const char *shown, struct diags *d)
{
	struct place place = d->place;
	bool ok;

	d->place = (struct place){ .file = shown ? shown : doc->name };
	ok = read_text(doc, docs->tree, &docs->arena, d);
	d->place = place;
	if (ok)
		doc->root = source_parse(&doc->source, d);
}

struct document *documents_read(struct documents *docs, const char *name,
				const char *shown, struct diags *d)
{
	struct document *doc = map_get(&docs->by_name, name);

	if (!doc) {
		doc = arena_new(&docs->arena, struct document);
		name = arena_strdup(&docs->arena, name);
		*doc = (struct document){ .name = name, .source.name = name };
		docs->v =
			arena_grow(&docs->arena, docs->v, docs->n,
				   &docs->capacity, sizeof(struct document *));
		docs->v[docs->n++] = doc;
		map_put(&docs->by_name, &docs->arena, name, doc);
		read_document(docs, doc, shown, d);
	}
	return doc->root ? doc : NULL;
}

bool documents_have(const struct documents *docs, const char *name)
{
	AUTO(arena_release) struct arena a = { 0 };
	AUTO_DIAGS struct diags ignored = { 0 };
	struct tree_entry entry;

	return !tree_entry(docs->tree, name, &a, &entry, &ignored) ||
	       entry.type != TREE_ABSENT;
}

static void forget_text(struct document *doc)
{
	source_release(&doc->source);
	free((void *)(uintptr_t)doc->source.text);
	doc->source.text = NULL;
	doc->source.size = 0;
}

static void release(struct document *doc)
{
	json_decref(doc->root);
	doc->root = NULL;
	forget_text(doc);
}

void documents_drop(struct documents *docs, const char *name)
{
	struct document *doc = map_get(&docs->by_name, name);

	if (doc)
		release(doc);
}

void documents_forget_texts(struct documents *docs)
{
	for (size_t i = 0; i < docs->n; i++)
		forget_text(docs->v[i]);
}

void documents_release(struct documents *docs)
{
	for (size_t i = 0; i < docs->n; i++)
		release(docs->v[i]);
	arena_release(&docs->arena);
	*docs = (struct documents){ 0 };
}
