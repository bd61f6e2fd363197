/* SPDX-License-Identifier: MIT */
/* block: lines of a file, between two markers. */
#include <string.h>

#include "modules/parts/edit.h"

struct block {
	struct edit edit; /* first */
	const char *name, *marker;
	struct content content;
	struct edit_anchor at;
};

enum row {
	NAME,
	PATH,
	CONTENT,
	MARKER,
	INSERT_AFTER,
	INSERT_BEFORE,
	ENSURE,
	CREATE,
	BACKUP,
	VALIDATE,
	TIMEOUT,
	ROWS,
};

#define AT(member) offsetof(struct block, member)

static const struct attr attrs[ROWS] = {
	[NAME] = { .name = "name",
		   .kind = &kind_text,
		   .flags = ATTR_NAME | ATTR_INTERNAL,
		   .offset = AT(name),
		   .doc = "What the markers are told apart by." },
	EDIT_ROW_PATH,
	[CONTENT] = { .name = "content",
		      .kind = &kind_content,
		      .flags = ATTR_STATE | ATTR_REQUIRED_THERE | ATTR_SECRET,
		      .offset = AT(content),
		      .doc = "The lines between the markers, as text, or a "
			     "secret." },
	[MARKER] = { .name = "marker",
		     .kind = &kind_line,
		     .offset = AT(marker),
		     .doc = "The lines before and after it, with {mark} for "
			    "BEGIN and END; \"# {mark} CONVERGE MANAGED BLOCK "
			    "NAME\", where NAME is what the id says, unless it "
			    "is given." },
	EDIT_ROWS_ANCHOR(AT(at), "block"),
	EDIT_ROW_ENSURE,
	EDIT_ROW_CREATE,
	EDIT_ROWS_WRITE,
};

static struct block_wish wish_of(const struct block *want)
{
	return (struct block_wish){ .marker = want->marker,
				    .content = want->content.bytes,
				    .size = want->content.size,
				    .at = want->at,
				    .absent = want->edit.ensure == ABSENT };
}

static bool check(void *record, struct arena *a, struct diags *d)
{
	struct block *want = record;
	struct block_wish wish;
	const char *wrong;

	if (!(want->edit.r.set & BIT(CONTENT)) && want->edit.ensure == PRESENT)
		return diag_error(d, "'content' is missing");
	if (!want->marker)
		want->marker = arena_printf(
			a, "# {mark} CONVERGE MANAGED BLOCK %s", want->name);
	want->edit.r.set |= BIT(MARKER);
	if (want->marker[strcspn(want->marker, "\r\n")])
		return diag_error(d, "its name is not one line: give "
				     "'marker'");
	wish = wish_of(want);
	wrong = edit_block_wrong(&wish, a);
	if (wrong)
		return diag_error(d, "%s", wrong);
	return edit_check_anchor(&want->at, d) && edit_check(&want->edit, d);
}

static uint64_t place(const void *record)
{
	(void)record;
	return BIT(PATH) | BIT(MARKER);
}

static bool make(const void *record, const struct content *content,
		 const struct edit_text *t, struct edited *e, struct diags *d)
{
	struct block_wish wish = wish_of(record);

	wish.content = content->bytes;
	wish.size = (size_t)content->size;
	return edit_block(&wish, t, e, d);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	static const struct edit_type type = { make,
					       BIT(ENSURE) | BIT(CONTENT) };
	const struct block *want = want_record;
	struct block *have = have_record;
	struct edited found;
	bool known;

	if (!edit_observe(h, &want->edit, &have->edit, &type, &want->content,
			  &found, &known, a, d))
		return false;
	if (!known)
		return true;
	have->content = edit_found(&found, &want->content);
	if (found.state == EDIT_MISSING)
		have->edit.r.set &= ~BIT(CONTENT);
	return !have->content.bytes || have->content.hidden ||
	       content_digest(&have->content, d);
}

const struct module block_module = {
	.name = "block",
	.summary = "Lines of a file between two marker lines, which are its "
		   "own. The rest of the file is left as it is; all edits of "
		   "one file are written at once.",
	.example = "\"block:staging hosts\": {\n"
		   "  \"path\": \"/etc/ssh/ssh_config\",\n"
		   "  \"content\": \"Host *.staging\\n  User deploy\\n\",\n"
		   "  \"insert_before\": \"^Host \\\\*$\"\n"
		   "}\n",
	.size = sizeof(struct block),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.place = place,
	.edges = edit_edges,
	.observe = observe,
	.apply = edit_apply,
	.disruption = edit_disruption,
	.undoable = edit_undoable,
	.batched = true,
	.contents = edit_contents,
};
