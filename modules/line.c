/* SPDX-License-Identifier: MIT */
/* line: one line of a file. */
#include "modules/parts/edit.h"

struct line {
	struct edit edit;    /* first */
	struct content line; /* no bytes: not given */
	const char *match;
	struct edit_anchor at;
};

enum row {
	PATH,
	LINE,
	MATCH,
	INSERT_AFTER,
	INSERT_BEFORE,
	ENSURE,
	CREATE,
	BACKUP,
	VALIDATE,
	TIMEOUT,
	ROWS,
};

#define AT(member) offsetof(struct line, member)

static const struct attr attrs[ROWS] = {
	EDIT_ROW_PATH,
	[LINE] = { .name = "line",
		   .kind = &kind_secret_line,
		   .flags = ATTR_STATE | ATTR_REQUIRED_THERE | ATTR_SECRET,
		   .offset = AT(line),
		   .doc = "The line, without its ending, or a secret; with "
			  "\"match\" and "
			  "\"ensure\": \"absent\" it can be left out." },
	[MATCH] = { .name = "match",
		    .kind = &kind_pattern,
		    .offset = AT(match),
		    .doc = "A POSIX extended regular expression: the last line "
			   "in which it is found is replaced; with \"ensure\": "
			   "\"absent\" all such lines are removed." },
	EDIT_ROWS_ANCHOR(AT(at), "line"),
	EDIT_ROW_ENSURE,
	EDIT_ROW_CREATE,
	EDIT_ROWS_WRITE,
};

static bool check(void *record, struct arena *a, struct diags *d)
{
	const struct line *want = record;
	bool absent = want->edit.ensure == ABSENT;

	(void)a;
	if (!want->line.bytes && !absent)
		return diag_error(d, "'line' is missing");
	if (!want->line.bytes && !want->match)
		return diag_error(d, "'line' or 'match' is missing");
	return edit_check_anchor(&want->at, d) && edit_check(&want->edit, d);
}

/* Without an expression that finds it a line is what it says. */
static uint64_t place(const void *record)
{
	const struct line *want = record;

	return BIT(PATH) | (want->match ? 0 : BIT(LINE));
}

static bool make(const void *record, const struct content *line,
		 const struct edit_text *t, struct edited *e, struct diags *d)
{
	const struct line *want = record;
	struct line_wish wish = { .line = line->bytes,
				  .match = want->match,
				  .at = want->at,
				  .absent = want->edit.ensure == ABSENT };

	return edit_line(&wish, t, e, d);
}

static bool observe(const struct host *h, const void *want_record,
		    void *have_record, struct arena *a, struct diags *d)
{
	static const struct edit_type type = { make, BIT(ENSURE) | BIT(LINE) };
	const struct line *want = want_record;
	struct line *have = have_record;
	struct edited found;
	bool known;

	if (!edit_observe(h, &want->edit, &have->edit, &type, &want->line,
			  &found, &known, a, d))
		return false;
	if (!known)
		return true;
	have->line = edit_found_text(&found, &want->line, a);
	if (found.state == EDIT_MISSING ||
	    (!have->line.bytes && !want->line.bytes))
		have->edit.r.set &= ~BIT(LINE);
	return true;
}

const struct module line_module = {
	.name = "line",
	.summary = "A line of a file. The rest of the file is left as it is; "
		   "all edits of one file are written at once.",
	.example = "\"line:sshd: no root\": {\n"
		   "  \"path\": \"/etc/ssh/sshd_config\",\n"
		   "  \"line\": \"PermitRootLogin no\",\n"
		   "  \"match\": \"^#?[ \\t]*PermitRootLogin\",\n"
		   "  \"validate\": [\"sshd\", \"-t\", \"-f\", \"%\"]\n"
		   "},\n"
		   "\"line:no more swap\": {\n"
		   "  \"path\": \"/etc/fstab\",\n"
		   "  \"match\": \"[ \\t]swap[ \\t]\",\n"
		   "  \"ensure\": \"absent\"\n"
		   "}\n",
	.size = sizeof(struct line),
	.attrs = attrs,
	.nattrs = ROWS,
	.check = check,
	.place = place,
	.finds = BIT(MATCH),
	.edges = edit_edges,
	.observe = observe,
	.apply = edit_apply,
	.disruption = edit_disruption,
	.undoable = edit_undoable,
	.batched = true,
	.contents = edit_contents,
};
