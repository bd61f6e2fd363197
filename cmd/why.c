/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

enum { COLUMN = 32 };

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static void put(struct buf *b, const char *before, const char *text)
{
	buf_puts(b, before);
	converge_escape(b, text, strlen(text), false);
}

static void put_place(struct buf *b, const json_t *at)
{
	json_int_t line = json_integer_value(json_object_get(at, "line"));

	put(b, "", text_of(at, "file"));
	if (line)
		buf_printf(b, ":%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT,
			   line,
			   json_integer_value(json_object_get(at, "column")));
}

static void put_head(struct buf *b, const json_t *why)
{
	const char *each = text_of(why, "each");

	put(b, "", text_of(why, "id"));
	buf_puts(b, "   ");
	put_place(b, json_object_get(why, "origin"));
	if (text_of(why, "from")) {
		put(b, "\n  stands for a part of ", text_of(why, "from"));
		put(b, ": ", text_of(why, "reason"));
	}
	if (each)
		put(b, "\n  repeated: ${each.key} is ", each);
	if (text_of(why, "description"))
		put(b, "\n  ", text_of(why, "description"));
	buf_puts(b, "\nof ");
	view_text_head(why, b);
}

static bool is_uncommitted(const json_t *j)
{
	return json_is_true(json_object_get(j, "uncommitted"));
}

/* What is newest of all that it is made from. */
static void put_changed(struct buf *b, const json_t *why)
{
	const json_t *past = json_object_get(why, "changed");

	if (past) {
		buf_puts(b, "last changed by ");
		view_text_past(past, b);
		buf_putc(b, '\n');
	}
	if (is_uncommitted(why))
		buf_puts(b, "and since then, in what is not committed\n");
	if (text_of(why, "unread")) {
		put(b, "no history: ", text_of(why, "unread"));
		buf_putc(b, '\n');
	}
}

/* What a part is, in words. */
static void put_kind(struct buf *b, const json_t *part)
{
	static const struct {
		const char *kind, *before, *after;
	} words[] = {
		{ "resource", "the resource", "" },
		{ "include", "role ", "" },
		{ "default", "", ", by default" },
		{ "override", "", ", overridden" },
		{ "var", "vars.", "" },
		{ "file", "", "" },
	};
	const char *kind = text_of(part, "kind"), *name = text_of(part, "name");
	size_t i = 0;

	while (i + 1 < COUNT(words) && strcmp(words[i].kind, kind) != 0)
		i++;
	put(b, words[i].before, name ? name : "");
	buf_puts(b, words[i].after);
}

static void put_when(struct buf *b, const json_t *part)
{
	const json_t *when = json_object_get(part, "when");
	char *text = when ? json_dumps(when, JSON_COMPACT) : NULL;

	if (text)
		put(b, ", when ", text);
	free(text);
}

static void put_part(struct buf *b, const json_t *part)
{
	const json_t *past = json_object_get(part, "changed");
	AUTO_BUF struct buf what = { 0 };
	AUTO_BUF struct buf at = { 0 };

	put_kind(&what, part);
	if (json_object_get(part, "line"))
		put_place(&at, part);
	put_when(&at, part);
	buf_printf(b, "  %-*s  %-*s", COLUMN, what.text, COLUMN, buf_text(&at));
	if (past)
		buf_printf(b, "  %.7s", text_of(past, "commit"));
	if (is_uncommitted(part))
		buf_puts(b, past ? ", changed" : "  not committed");
	while (b->text[b->size - 1] == ' ')
		b->size--;
	buf_putc(b, '\n');
}

static void put_parts(struct buf *b, const json_t *why)
{
	const json_t *part;
	size_t i;

	buf_puts(b, "made from:\n");
	json_array_foreach (json_object_get(why, "parts"), i, part)
		put_part(b, part);
}

/* Each once, as its parts come. */
static void put_commits(struct buf *b, const json_t *why)
{
	const json_t *parts = json_object_get(why, "parts"), *part;
	json_t *seen = json_object();
	size_t i;

	json_array_foreach (parts, i, part) {
		json_t *past = json_object_get(part, "changed");

		if (!past || json_object_get(seen, text_of(past, "commit")))
			continue;
		if (!json_object_size(seen))
			buf_puts(b, "by the commits:\n");
		json_object_set(seen, text_of(past, "commit"), past);
		buf_puts(b, "  ");
		view_text_past(past, b);
		buf_putc(b, '\n');
	}
	json_decref(seen);
}

static void put_edges(struct buf *b, const json_t *list, const char *title)
{
	const json_t *edge;
	size_t i;

	if (json_array_size(list))
		buf_puts(b, title);
	json_array_foreach (list, i, edge) {
		AUTO_BUF struct buf id = { 0 };

		put(&id, "", text_of(edge, "id"));
		buf_printf(b, "  %-*s ", COLUMN, id.text);
		put(b, "", text_of(edge, "reason"));
		buf_putc(b, '\n');
	}
}

static void put_runs(struct buf *b, const json_t *list)
{
	const json_t *run;
	size_t i;

	if (json_array_size(list))
		buf_puts(b, "on this host:\n");
	json_array_foreach (list, i, run) {
		const char *revision = text_of(run, "revision");

		buf_printf(b, "  run %" JSON_INTEGER_FORMAT,
			   json_integer_value(json_object_get(run, "run")));
		if (text_of(run, "time"))
			put(b, ", ", text_of(run, "time"));
		put(b, ": ", text_of(run, "action"));
		put(b, ", ", text_of(run, "result"));
		if (revision)
			buf_printf(b, ", at %.7s", revision);
		buf_putc(b, '\n');
	}
}

static void print_why(struct view *v, const json_t *why)
{
	AUTO_BUF struct buf b = { 0 };

	put_head(&b, why);
	put_changed(&b, why);
	if (!v->quiet) {
		put_parts(&b, why);
		put_commits(&b, why);
		put_edges(&b, json_object_get(why, "requires"), "requires:\n");
		put_edges(&b, json_object_get(why, "required_by"),
			  "required by:\n");
		put_runs(&b, json_object_get(why, "runs"));
	}
	view_print(v, &b);
}

static int run(const struct invocation *in)
{
	struct converge_view out;
	json_t *why = NULL;
	struct view v;
	int status;

	view_init(&v, in, &out);
	status = converge_why(&in->options, &out, &why);
	if (why && v.json)
		view_json(&v, why, false);
	else if (why)
		print_why(&v, why);
	json_decref(why);
	return view_status(&v, status);
}

const struct command why_command = {
	.name = "why",
	.subject = "ID",
	.missing = "the resource's ID is missing",
	.operand = "[SOURCE]",
	.summary = "Say where a resource comes from: file, line, role, commit, "
		   "author, and what depends on it.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_ROOT) | BIT(OPTION_STATE_DIR) | BIT(OPTION_JSON) |
		   BIT(OPTION_QUIET),
	.run = run,
};
