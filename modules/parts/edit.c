/* SPDX-License-Identifier: MIT */
#include "modules/parts/edit.h"

#include <string.h>

#include "modules/parts/perms.h"

enum {
	SHOWN_MAX = 1024 * 1024, /* bytes of a file whose diff is shown */
	OTHERS = 07,             /* of a mode */
	NEW_FILE = 0644,
	NEW_SECRET = 0600,
};

/* Of the file, with marks (secret.h) if there is a world. */
struct text {
	struct buf bytes;
	const struct tree *world;
};

/* It may hold secrets of others. */
static void text_release(struct text *t)
{
	buf_wipe(&t->bytes);
}

bool edit_check(const struct edit *want, struct diags *d)
{
	bool percent = !want->validate.n;

	for (size_t i = 0; i < want->validate.n; i++)
		percent |= strchr(want->validate.v[i], '%') != NULL;
	return percent || diag_error(d, "'validate' must have %% where the new "
					"file's path goes");
}

bool edit_check_anchor(const struct edit_anchor *at, struct diags *d)
{
	return !at->after || !at->before ||
	       diag_error(d, "only one of 'insert_after' and 'insert_before' "
			     "can be given");
}

void edit_edges(const void *record, struct edges *e)
{
	const struct edit *want = record;

	edges_after_path(e, want->path, true, "its path");
}

static bool refuse_type(const struct host *h, const struct edit *want,
			const struct node *node, struct arena *a,
			struct diags *d)
{
	const char *target;

	if (node->type != NODE_LINK)
		return diag_error(d, "'%s' is a %s, not a file", want->path,
				  node_type_name(node->type));
	if (!host_read_link(h, want->path, a, &target, d))
		return false;
	diag_error(d, "'%s' is a link, which is not followed", want->path);
	diag_hint(d, "edit what it leads to: '%s'", target);
	return false;
}

static void all_unknown(struct edit *have, uint64_t rows, const char *because)
{
	for (unsigned i = 0; i < 64; i++)
		if (rows & BIT(i))
			record_unknown(&have->r, i, because);
}

/* The file's bytes; *known false: nobody can tell yet. */
static bool read_file(const struct host *h, const struct edit *want,
		      struct edit *have, uint64_t rows, struct text *text,
		      bool *known, struct arena *a, struct diags *d)
{
	const char *because = "its content is not known";
	size_t before = d->n;
	bool whole;

	*known = true;
	if (have->node.type == NODE_FILE) {
		if (host_read_marked(h, want->path, EDIT_MAX_BYTES,
				     &text->bytes, &text->world, &whole, d))
			return whole ||
			       diag_error(d,
					  "'%s' has more than %d MiB: it is "
					  "not edited",
					  want->path, EDIT_MAX_BYTES >> 20);
		if (d->n > before)
			return false;
	} else if (have->node.type == NODE_ABSENT) {
		if (want->create || want->ensure == ABSENT)
			return true;
		diag_error(d, "there is no '%s' to edit", want->path);
		diag_hint(d, "\"create\": true would make it");
		return false;
	} else if (have->node.type == NODE_UNKNOWN) {
		because = have->node.because;
	} else {
		return refuse_type(h, want, &have->node, a, d);
	}
	all_unknown(have, rows, because);
	*known = false;
	return true;
}

/* --- secrets --- */

static struct content content_of_marked(const struct tree *world,
					const char *marked, size_t size,
					struct arena *a)
{
	struct cuts cuts = { .arena = a };
	AUTO_BUF struct buf text = { 0 };
	struct content c;

	if (!world)
		return content_of(arena_strndup(a, marked, size), size);
	secret_unmark(&text, &cuts, marked, size);
	c = content_of(arena_strndup(a, buf_text(&text), text.size), text.size);
	c.world = cuts.n ? world : NULL;
	c.cuts = cuts.v;
	c.ncuts = cuts.n;
	return c;
}

/* Whether n bytes can be what is wished for: they begin and end as that. */
static bool may_be(const struct content *found, const struct content *wished)
{
	size_t head, tail;

	if (found->ncuts || !wished->ncuts)
		return true;
	head = wished->cuts[0].at;
	tail = (size_t)wished->size - wished->cuts[wished->ncuts - 1].at;
	return found->size >= wished->size &&
	       memcmp(found->bytes, wished->bytes, head) == 0 &&
	       memcmp(found->bytes + found->size - tail,
		      wished->bytes + wished->size - tail, tail) == 0;
}

/* For struct edit_text: only the host can tell what secrets come to. */
struct looking {
	const struct host *host;
	const struct tree *world;
	struct diags *diags;
	bool failed, unknown;
};

static bool is_same(void *context, const char *found, size_t n,
		    const char *wished, size_t m)
{
	AUTO(arena_release) struct arena a = { 0 };
	struct looking *l = context;
	enum match match;
	struct content x, y;

	if (l->failed ||
	    (!secret_is_marked(found, n) && !secret_is_marked(wished, m)))
		return false;
	x = content_of_marked(l->world, found, n, &a);
	y = content_of_marked(l->world, wished, m, &a);
	if (!may_be(&x, &y))
		return false;
	if (!host_same(l->host, &x, &y, &match, l->diags)) {
		l->failed = true;
		return false;
	}
	l->unknown |= match == MATCH_UNKNOWN;
	return match == MATCH_SAME;
}

/* What is to be put there, with marks. */
static bool mark_wish(const struct edit *want, const struct content *wish,
		      struct text *text, struct arena *a, struct content *to,
		      struct diags *d)
{
	AUTO_BUF struct buf marked = { 0 };

	*to = wish ? *wish : (struct content){ 0 };
	if (!to->ncuts)
		return true;
	if (!secret_mark(&marked, to->bytes, (size_t)to->size, to->cuts,
			 to->ncuts) ||
	    (!text->world &&
	     secret_is_marked(buf_text(&text->bytes), text->bytes.size)))
		return diag_error(d,
				  "the character U+10FFFD cannot stand beside "
				  "a secret in '%s'",
				  want->path);
	*to = content_of(arena_strndup(a, marked.text, marked.size),
			 marked.size);
	text->world = wish->world;
	return true;
}

/* Whoever can read the file has the secret. */
static bool check_readers(const struct edit *want, const struct node *node,
			  const struct content *wish, struct diags *d)
{
	if (!wish || !wish->ncuts || want->ensure == ABSENT ||
	    node->type != NODE_FILE || !(node->mode & OTHERS))
		return true;
	diag_error(d,
		   "'%s' lets others than its owner and its group have a "
		   "secret",
		   want->path);
	diag_hint(d, "let a file:%s give it the mode 0600 or 0640", want->path);
	return false;
}

/* --- looking --- */

/* The new content, and the old one if a diff of both will be shown. */
static void keep(struct edit *have, const struct text *text,
		 const struct edited *found, struct arena *a)
{
	have->after = content_of_marked(text->world, buf_text(&found->out),
					found->out.size, a);
	if (text->bytes.size <= SHOWN_MAX)
		have->before =
			content_of_marked(text->world, buf_text(&text->bytes),
					  text->bytes.size, a);
}

/* What the type makes of the text; *known false: nobody can tell. */
static bool look(const struct host *h, const struct edit *want, edit_make *make,
		 const struct content *wish, struct text *text,
		 struct edited *e, bool *known, struct diags *d)
{
	struct looking looking = { .host = h,
				   .world = text->world,
				   .diags = d };
	struct edit_text t = { .path = want->path,
			       .bytes = buf_text(&text->bytes),
			       .size = text->bytes.size };

	if (text->world) {
		t.same = is_same;
		t.context = &looking;
	}
	if (!make(want, wish, &t, e, d) || looking.failed)
		return false;
	*known = !looking.unknown;
	return true;
}

bool edit_observe(const struct host *h, const struct edit *want,
		  struct edit *have, const struct edit_type *type,
		  const struct content *wish, struct edited *found, bool *known,
		  struct arena *a, struct diags *d)
{
	AUTO(text_release) struct text text = { 0 };
	AUTO_EDITED struct edited e = { 0 };
	struct content marked;

	*found = (struct edited){ 0 };
	if (!host_look(h, want->path, &have->node, d) ||
	    !check_readers(want, &have->node, wish, d) ||
	    !read_file(h, want, have, type->rows, &text, known, a, d))
		return false;
	if (!*known)
		return true;
	if (!mark_wish(want, wish, &text, a, &marked, d) ||
	    !look(h, want, type->make, &marked, &text, &e, known, d))
		return false;
	if (!*known) {
		all_unknown(have, type->rows,
			    "it holds a secret that cannot be opened here");
		return true;
	}
	have->r.set = type->rows;
	have->ensure = e.state == EDIT_MISSING ? ABSENT : PRESENT;
	have->sealed = wish && wish->ncuts;
	if (e.changed)
		keep(have, &text, &e, a);
	found->state = e.state;
	found->old_size = e.old_size;
	if (e.old)
		found->old = arena_strndup(a, e.old, e.old_size);
	return true;
}

struct content edit_found(const struct edited *found,
			  const struct content *wish)
{
	struct content c;

	if (found->state != EDIT_OTHER || !found->old)
		return (struct content){ .same_as = wish };
	c = content_of(found->old, found->old_size);
	/* what stands there may be an older secret */
	c.hidden = wish->ncuts || secret_is_marked(c.bytes, (size_t)c.size);
	return c;
}

struct content edit_found_text(const struct edited *found,
			       const struct content *wish, struct arena *a)
{
	struct content c = edit_found(found, wish);
	AUTO_BUF struct buf b = { 0 };
	const char *at = c.bytes, *end, *nul;

	if (!c.size || !memchr(at, '\0', (size_t)c.size))
		return c;
	end = at + c.size;
	for (; (nul = memchr(at, '\0', (size_t)(end - at))); at = nul + 1) {
		buf_add(&b, at, (size_t)(nul - at));
		buf_puts(&b, "\\x00");
	}
	buf_add(&b, at, (size_t)(end - at));
	c.bytes = arena_memdup(a, buf_text(&b), b.size + 1);
	c.size = b.size;
	return c;
}

bool edit_apply(struct host *h, const struct step *step, struct arena *a,
		struct diags *d)
{
	const struct edit *want = step->want, *have = step->have;
	bool there = have->node.type == NODE_FILE;
	struct file_write *w = arena_new(a, struct file_write);

	if (!perms_may_inherit(h, want->path, &have->node, a, d)) {
		diag_hint(d, "let a file:%s give it owner and mode",
			  want->path);
		return false;
	}
	*w = (struct file_write){
		.path = want->path,
		.content = &have->after,
		.expect = &have->node,
		.backup = want->backup,
		.validate = want->validate.n ? &want->validate : NULL,
		.validate_timeout = want->timeout,
	};
	return perms_wanted(h, NULL, NULL, NULL, there ? &have->node : NULL,
			    have->sealed ? NEW_SECRET : NEW_FILE, false,
			    &w->perms, d) &&
	       host_edit(h, w, d);
}

bool edit_undoable(const struct step *step)
{
	const struct edit *want = step->want, *have = step->have;

	return want->backup || have->node.type == NODE_ABSENT;
}

enum disruption edit_disruption(const struct step *step)
{
	return step->have && !edit_undoable(step) ? DISRUPTION_DATA
						  : DISRUPTION_NONE;
}

bool edit_contents(const struct step *step, struct content *before,
		   struct content *after)
{
	const struct edit *have = step->have;

	*before = have->before;
	*after = have->after;
	return before->bytes && after->bytes;
}
