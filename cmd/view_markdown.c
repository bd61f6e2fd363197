/* SPDX-License-Identifier: MIT */
/*
 * What a change does to hosts as a review comment: a heading for each group,
 * its changes folded below. It is cut between changes and hunks, and says what
 * is left out. All of others' making stands in code, which nothing in it can
 * end: no mentions, no HTML.
 */
#include <string.h>

#include "cmd/view.h"

enum {
	NAMES_SHOWN = 8,
	SHARES = 8,    /* of what is left a group takes one at most */
	NOTE = 200,    /* bytes kept for what says what is left out, */
	CLOSING = 160, /* and for what ends a group */
};

/* --- code --- */

static size_t longest_run(const char *text)
{
	size_t longest = 0;

	for (const char *at = strchr(text, '`'); at; at = strchr(at, '`')) {
		size_t n = strspn(at, "`");

		longest = n > longest ? n : longest;
		at += n;
	}
	return longest;
}

static void add_ticks(size_t n, struct buf *b)
{
	while (n--)
		buf_putc(b, '`');
}

/* One line of text as a code span (CommonMark 6.1). */
static void add_code(const char *text, struct buf *b)
{
	size_t n = longest_run(text) + 1;
	bool pad = *text == '`' || (*text && text[strlen(text) - 1] == '`');

	add_ticks(n, b);
	if (pad)
		buf_putc(b, ' ');
	buf_puts(b, text);
	if (pad)
		buf_putc(b, ' ');
	add_ticks(n, b);
}

static void add_commit(const json_t *head, struct buf *b)
{
	AUTO_BUF struct buf text = { 0 };

	view_text_commit(head, &text);
	view_disarm(&text);
	add_code(buf_text(&text), b);
}

/* --- the beginning --- */

static void add_head(const json_t *document, struct buf *b)
{
	const json_t *asked = json_object_get(document, "asked"),
		     *new = json_object_get(document, "new");
	AUTO_BUF struct buf summary = { 0 };

	view_diff_summary(document, &summary);
	buf_add(b, buf_text(&summary), summary.size);
	buf_puts(b, "\nFrom ");
	add_commit(json_object_get(document, "old"), b);
	if (asked) {
		buf_puts(b, ", in common with ");
		add_commit(asked, b);
	}
	buf_puts(b, json_is_true(json_object_get(new, "work_tree"))
			    ? ", to the work tree at "
			    : ", to ");
	add_commit(new, b);
	buf_puts(b, ".\n\n");
}

/* Names of hosts are plain, but for what markdown makes of "_". */
static void add_rest(const json_t *document,
		     void (*add)(const json_t *, size_t, struct buf *),
		     struct buf *b)
{
	AUTO_BUF struct buf text = { 0 };

	add(document, NAMES_SHOWN, &text);
	if (!text.size)
		return;
	text.text[--text.size] = '\0';
	add_code(text.text, b);
	buf_puts(b, "\n\n");
}

/* --- a group --- */

/* A piece that is printed as a whole or not at all. */
struct piece {
	const char *text;
	size_t size;
	bool is_hunk;
};

static bool is_hunk(const char *line)
{
	return strncmp(line, "    @@ ", 7) == 0;
}

/* The first piece of a change's text: up to its first hunk, or one hunk. */
static struct piece next_piece(const char *text)
{
	struct piece p = { .text = text, .is_hunk = is_hunk(text) };

	do {
		p.size += strcspn(text + p.size, "\n");
		p.size += text[p.size] == '\n';
	} while (text[p.size] && !is_hunk(text + p.size));
	return p;
}

/* What was left out of a group. */
struct left {
	size_t changes, hunks;
};

/* A hunk without what it is of means nothing. */
static void add_change(const struct buf *text, size_t most, struct buf *out,
		       struct left *left)
{
	const char *at = buf_text(text);
	bool fits = true;

	while (*at) {
		struct piece p = next_piece(at);

		fits = fits && out->size + p.size <= most;
		if (fits)
			buf_add(out, p.text, p.size);
		else if (p.is_hunk)
			left->hunks++;
		else
			left->changes++;
		at += p.size;
	}
}

static void add_changes(const struct view *v, const json_t *group, size_t most,
			struct buf *out, struct left *left)
{
	const json_t *change;
	size_t i;

	json_array_foreach (json_object_get(group, "changes"), i, change) {
		AUTO_BUF struct buf text = { 0 };

		view_diff_change(v, group, change, &text);
		view_disarm(&text);
		add_change(&text, most, out, left);
	}
}

static void add_left(const struct left *left, struct buf *b)
{
	if (!left->changes && !left->hunks)
		return;
	buf_puts(b, "Left out, as there is no more room:");
	if (left->changes)
		buf_printf(b, " %zu change%s", left->changes,
			   left->changes == 1 ? "" : "s");
	if (left->hunks)
		buf_printf(b, "%s %zu hunk%s", left->changes ? "," : "",
			   left->hunks, left->hunks == 1 ? "" : "s");
	buf_puts(b, ".\n\n");
}

static void add_heading(const json_t *group, struct buf *b)
{
	AUTO_BUF struct buf hosts = { 0 };
	AUTO_BUF struct buf counts = { 0 };
	size_t names;

	view_diff_hosts(group, NAMES_SHOWN, &hosts);
	names = strcspn(buf_text(&hosts), ":");
	buf_printf(b, "### %.*s: ", (int)names, buf_text(&hosts));
	add_code(buf_text(&hosts) + names + 2, b);
	buf_puts(b, "\n\n");
	view_diff_counts(group, &counts);
	if (counts.size)
		buf_printf(b, "%s\n\n", counts.text);
}

/* What is below the heading, in code: commits and the like, then changes. */
static void add_body(const struct view *v, const json_t *group, size_t most,
		     struct buf *body, struct left *left)
{
	AUTO_BUF struct buf notes = { 0 };

	view_diff_notes(group, &notes);
	view_diff_findings(group, &notes);
	view_disarm(&notes);
	if (notes.size)
		add_change(&notes, most, body, left);
	add_changes(v, group, most, body, left);
}

/* False, and nothing is added: there is no room for it. */
static bool add_group(const struct view *v, const json_t *group, size_t most,
		      struct buf *b)
{
	AUTO_BUF struct buf heading = { 0 };
	AUTO_BUF struct buf body = { 0 };
	struct left left = { 0 };
	size_t fence;

	add_heading(group, &heading);
	if (heading.size + CLOSING > most)
		return false;
	add_body(v, group, most - heading.size - CLOSING, &body, &left);
	fence = longest_run(buf_text(&body)) + 1;
	fence = fence < 3 ? 3 : fence;
	/* the longer the fence, the less room is left */
	if (heading.size + body.size + 2 * fence + CLOSING > most + 6)
		return false;
	buf_add(b, heading.text, heading.size);
	if (body.size) {
		buf_puts(b, "<details><summary>what changes</summary>\n\n");
		add_ticks(fence, b);
		buf_puts(b, "diff\n");
		buf_add(b, body.text, body.size);
		add_ticks(fence, b);
		buf_puts(b, "\n\n</details>\n\n");
	}
	add_left(&left, b);
	return true;
}

/* --- the whole --- */

static void add_more(size_t groups, size_t hosts, struct buf *b)
{
	if (groups)
		buf_printf(b,
			   "Left out, as there is no more room: %zu group%s "
			   "of %zu host%s.\n",
			   groups, groups == 1 ? "" : "s", hosts,
			   hosts == 1 ? "" : "s");
}

static size_t room_for(const struct buf *b, size_t most, size_t groups)
{
	size_t room = most > b->size + NOTE ? most - b->size - NOTE : 0;
	size_t parts = groups < SHARES ? groups : SHARES;

	return room / parts;
}

void view_diff_markdown(struct view *v, const json_t *document, size_t most)
{
	const json_t *groups = json_object_get(document, "groups"), *group;
	size_t i, n = json_array_size(groups), left = 0, hosts = 0;
	struct view shown = *v;
	AUTO_BUF struct buf b = { 0 };

	shown.color = false;
	shown.verbose = true;
	add_head(document, &b);
	add_rest(document, view_diff_added, &b);
	add_rest(document, view_diff_removed, &b);
	add_rest(document, view_diff_snapshots, &b);
	add_rest(document, view_diff_assumed, &b);
	json_array_foreach (groups, i, group) {
		if (!left &&
		    add_group(&shown, group, room_for(&b, most, n - i), &b))
			continue;
		left++;
		hosts += json_array_size(json_object_get(group, "hosts"));
	}
	add_more(left, hosts, &b);
	view_print(v, &b);
}
