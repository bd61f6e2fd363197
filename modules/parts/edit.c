/* SPDX-License-Identifier: MIT */
#include "modules/parts/edit.h"

#include <string.h>

#include "modules/parts/perms.h"

enum { SHOWN_MAX = 1024 * 1024 }; /* bytes of a file whose diff is shown */

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

/* The file's bytes; *known false: nobody can tell yet. */
static bool read_file(const struct host *h, const struct edit *want,
		      struct edit *have, uint64_t rows, struct buf *text,
		      bool *known, struct arena *a, struct diags *d)
{
	const char *because = "its content is not known";
	size_t before = d->n;
	bool whole;

	*known = true;
	if (have->node.type == NODE_FILE) {
		if (host_read(h, want->path, EDIT_MAX_BYTES, text, &whole, d))
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
	for (unsigned i = 0; i < 64; i++)
		if (rows & BIT(i))
			record_unknown(&have->r, i, because);
	*known = false;
	return true;
}

/* The new content, and the old one if a diff of both will be shown. */
static void keep(struct edit *have, const struct buf *text,
		 const struct edited *found, struct arena *a)
{
	have->after = content_of(
		arena_memdup(a, buf_text(&found->out), found->out.size + 1),
		found->out.size);
	if (text->size <= SHOWN_MAX)
		have->before = content_of(
			arena_memdup(a, buf_text(text), text->size + 1),
			text->size);
}

bool edit_observe(const struct host *h, const struct edit *want,
		  struct edit *have, edit_make *make, uint64_t rows,
		  struct edited *found, bool *known, struct arena *a,
		  struct diags *d)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_EDITED struct edited e = { 0 };
	struct edit_text t = { .path = want->path };

	*found = (struct edited){ 0 };
	if (!host_look(h, want->path, &have->node, d) ||
	    !read_file(h, want, have, rows, &text, known, a, d))
		return false;
	if (!*known)
		return true;
	t.bytes = buf_text(&text);
	t.size = text.size;
	if (!make(want, &t, &e, d))
		return false;
	have->r.set = rows;
	have->ensure = e.state == EDIT_MISSING ? ABSENT : PRESENT;
	if (e.changed)
		keep(have, &text, &e, a);
	found->state = e.state;
	found->old_size = e.old_size;
	if (e.old)
		found->old = arena_strndup(a, e.old, e.old_size);
	return true;
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
			    0644, false, &w->perms, d) &&
	       host_edit(h, w, d);
}

bool edit_undoable(const struct step *step)
{
	const struct edit *want = step->want, *have = step->have;

	return want->backup || have->node.type == NODE_ABSENT;
}

bool edit_contents(const struct step *step, struct content *before,
		   struct content *after)
{
	const struct edit *have = step->have;

	*before = have->before;
	*after = have->after;
	return before->bytes && after->bytes;
}
