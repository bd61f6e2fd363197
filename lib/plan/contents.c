/* SPDX-License-Identifier: MIT */
/* What a change shows of the contents that it replaces, and what it must not:
 * a file may hold a secret, or still hold an earlier one. */
#include <stdlib.h>
#include <string.h>

#include "lib/planning.h"
#include "lib/text/difftext.h"
#include "lib/text/veil.h"

enum {
	DIFF_MAX_BYTES = 1024 * 1024,
	DIFF_MAX_LINES = 200,
	NOT_OWNER = 077, /* of a mode */
};

static int compare_path(const void *path, const void *element)
{
	return strcmp(path, *(const char *const *)element);
}

/* What nobody but its owner may read now may well be secret. */
static bool is_closed(const struct host *h, const char *path)
{
	AUTO_DIAGS struct diags ignored = { 0 };
	struct node n;

	return !host_look(h, path, &n, &ignored) ||
	       (n.type == NODE_FILE && !(n.mode & NOT_OWNER));
}

bool planning_veils(const struct planning *p, const struct resource *res)
{
	const struct veiled *veiled = &p->options->veiled;
	const struct strings *paths = &veiled->paths;
	const char *path = resource_path(res);

	if (!path)
		path = resource_edits(res);
	if (!path)
		return false;
	return (paths->n && bsearch(path, paths->v, paths->n, sizeof(*paths->v),
				    compare_path)) ||
	       (veiled->unknown && is_closed(p->base, path));
}

bool plan_opens(const struct host *h, const struct resource *res,
		struct diags *d)
{
	const struct record *want = res->want;
	enum match ignored;
	bool ok = true;

	for (size_t i = 0; ok && want->secret && i < res->module->nattrs; i++) {
		const struct content *c =
			(const void *)((const char *)res->want +
				       res->module->attrs[i].offset);

		if (want->secret & want->set & BIT(i))
			ok = host_same(h, c, c, &ignored, d);
	}
	return ok;
}

static const struct content *content_row(const struct resource *res,
					 uint64_t differ, size_t *row)
{
	for (size_t i = 0; i < res->module->nattrs; i++) {
		const struct attr *attr = &res->module->attrs[i];

		*row = i;
		if ((differ & BIT(i)) && attr->kind == &kind_content)
			return (const void *)((const char *)res->want +
					      attr->offset);
	}
	return NULL;
}

static bool has_secret_beside(const struct planning *p, const struct change *c)
{
	return c->res->module->contents &&
	       catalog_has_secret_beside(p->graph->catalog, c->res);
}

/* Of what is there now; of what holds secrets, or did, only lines that cannot
 * be secret are shown as they are. */
static bool veiled_contents(struct planning *p, const struct change *c,
			    const struct content *want, struct buf *old,
			    const char *text, struct diags *d)
{
	AUTO_BUF struct buf live = { 0 };
	bool whole = true, ok;

	/* at once, as what is outgrown would be left behind in memory */
	buf_reserve(&live, DIFF_MAX_BYTES + 1);
	ok = host_read(p->picture, resource_path(c->res), DIFF_MAX_BYTES, &live,
		       &whole, d) &&
	     whole;
	if (ok)
		veil(old, buf_text(&live), live.size, text, (size_t)want->size,
		     want->cuts, want->ncuts);
	buf_wipe(&live);
	return ok;
}

/*
 * What an edit makes of a file. With a secret in it, lines that may be an older
 * one are not shown; where others put theirs, or an earlier run did, which may
 * be anywhere on a line of JSON, nothing is told of such a line either.
 */
static bool edited_contents(struct planning *p, const struct change *c,
			    const struct content *before,
			    const struct content *after, struct buf *old,
			    struct buf *new)
{
	bool beside = has_secret_beside(p, c);
	AUTO_BUF struct buf live = { 0 };
	AUTO_BUF struct buf next = { 0 };

	if (before->size > DIFF_MAX_BYTES || after->size > DIFF_MAX_BYTES ||
	    ((beside || c->veiled) && c->res->module->one_line))
		return false;
	if (c->veiled || (!beside && !before->ncuts && !after->ncuts)) {
		content_veiled(before, old);
		content_veiled(after, new);
		return true;
	}
	content_veiled(before, &live);
	content_veiled(after, &next);
	veil_edited(old, buf_text(&live), live.size, after->bytes,
		    (size_t)after->size, after->cuts, after->ncuts);
	veil_edited(new, buf_text(&next), next.size, after->bytes,
		    (size_t)after->size, after->cuts, after->ncuts);
	buf_wipe(&live);
	return true;
}

/* What a change replaces, and by what; false: there is nothing to compare. */
static bool find_contents(struct planning *p, const struct change *c,
			  struct buf *old, struct buf *new, struct diags *d)
{
	struct step step = { c->res->want, c->have, c->differ, c->action };
	struct content before = { 0 }, after = { 0 };
	size_t row;
	const struct content *want = content_row(c->res, c->differ, &row);
	bool whole = true;

	if (c->res->module->contents)
		return !c->res->common.sensitive.n &&
		       c->res->module->contents(&step, &before, &after) &&
		       edited_contents(p, c, &before, &after, old, new);
	if (!want || resource_hides(c->res, row) ||
	    (c->action == ACTION_CREATE && p->options->diffs != DIFFS_ALL))
		return false;
	if (want->size > DIFF_MAX_BYTES)
		return false;
	if (want->ncuts)
		content_veiled(want, new);
	else if (!content_read(want, DIFF_MAX_BYTES, new, &whole, d) || !whole)
		return false;
	if (c->action != ACTION_CREATE && (want->ncuts || c->veiled))
		return veiled_contents(
			p, c, want, old,
			want->ncuts ? want->bytes : buf_text(new), d);
	return c->action == ACTION_CREATE ||
	       (host_read(p->picture, resource_path(c->res), DIFF_MAX_BYTES,
			  old, &whole, d) &&
		whole);
}

const char *planning_diff(struct planning *p, const struct change *c)
{
	bool veiled = c->veiled && c->res->module->contents;
	AUTO_BUF struct buf old = { 0 };
	AUTO_BUF struct buf new = { 0 };
	AUTO_BUF struct buf out = { 0 };
	AUTO_BUF struct buf shown = { 0 };
	struct diags ignored = { 0 };
	bool ok = p->options->diffs != DIFFS_NONE &&
		  find_contents(p, c, &old, &new, &ignored);

	diags_release(&ignored);
	if (!ok || !diff_is_text(buf_text(&old), old.size) ||
	    !diff_is_text(buf_text(&new), new.size))
		return NULL;
	if (veiled || has_secret_beside(p, c))
		diff_changes(&out, buf_text(&old), old.size, buf_text(&new),
			     new.size, DIFF_MAX_LINES);
	else
		diff_unified(&out, buf_text(&old), old.size, buf_text(&new),
			     new.size, DIFF_MAX_LINES);
	if (veiled)
		veil_changes(&shown, buf_text(&out), out.size, buf_text(&old),
			     old.size);
	return arena_strdup(p->arena, buf_text(veiled ? &shown : &out));
}
