/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

enum {
	COLUMN = 32,
	NAMES_SHOWN = 12 /* or runs of them */,
	FEW_NAMES = 3,
	GROUPS_SHOWN = 20,
	ITEMS_SHOWN = 20 /* of a list that is of many hosts */,
	WRONG_SHOWN = 5,
};

static void put_place(struct buf *b, const json_t *at)
{
	json_int_t line = json_integer_value(json_object_get(at, "line"));

	view_put(b, "", view_string(at, "file"));
	if (line)
		buf_printf(b, ":%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT,
			   line,
			   json_integer_value(json_object_get(at, "column")));
}

/* What else there is to say of a resource by itself. */
static void put_about(struct buf *b, const json_t *why)
{
	const char *each = view_string(why, "each");

	if (view_string(why, "from")) {
		view_put(b, "\n  stands for a part of ",
			 view_string(why, "from"));
		view_put(b, ": ", view_string(why, "reason"));
	}
	if (each)
		view_put(b, "\n  repeated: ${each.key} is ", each);
	if (view_string(why, "description"))
		view_put(b, "\n  ", view_string(why, "description"));
	buf_putc(b, '\n');
}

static void put_head(struct buf *b, const json_t *why)
{
	view_put(b, "", view_string(why, "id"));
	buf_puts(b, "   ");
	put_place(b, json_object_get(why, "origin"));
	put_about(b, why);
	buf_puts(b, "of ");
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
	const char *of = view_string(why, "changed_of");

	if (past) {
		if (of && strcmp(of, "shared") == 0)
			buf_puts(b, "outside of hosts' own files ");
		buf_puts(b, of && strcmp(of, "some") == 0
				    ? "last changed on some of these hosts by "
				    : "last changed by ");
		view_text_past(past, b);
		buf_putc(b, '\n');
	}
	if (is_uncommitted(why))
		buf_puts(b, "and since then, in what is not committed\n");
	if (view_string(why, "unread")) {
		view_put(b, "no history: ", view_string(why, "unread"));
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
	const char *kind = view_string(part, "kind"),
		   *name = view_string(part, "name");
	size_t i = 0;

	while (i + 1 < COUNT(words) && strcmp(words[i].kind, kind) != 0)
		i++;
	view_put(b, words[i].before, name ? name : "");
	buf_puts(b, words[i].after);
}

static void put_when(struct buf *b, const json_t *part)
{
	const json_t *when = json_object_get(part, "when");
	char *text = when ? json_dumps(when, JSON_COMPACT) : NULL;

	if (text)
		view_put(b, ", when ", text);
	free(text);
}

/* Of what is told of many hosts. */
static void put_only(struct buf *b, const json_t *item)
{
	const json_t *hosts = json_object_get(item, "only");
	size_t n = json_array_size(hosts);

	if (!n)
		return;
	buf_printf(b, "   on %zu host%s: ", n, n == 1 ? "" : "s");
	converge_names(hosts, FEW_NAMES, b);
}

static void put_part(struct buf *b, const json_t *part)
{
	const json_t *past = json_object_get(part, "changed");
	AUTO_BUF struct buf what = { 0 };
	AUTO_BUF struct buf at = { 0 };

	put_kind(&what, part);
	if (json_object_get(part, "line"))
		put_place(&at, part);
	else if (json_is_true(json_object_get(part, "own")))
		buf_puts(&at, "the host's own file");
	put_when(&at, part);
	buf_printf(b, "  %-*s  %-*s", COLUMN, what.text, COLUMN, buf_text(&at));
	if (past)
		buf_printf(b, "  %.7s", view_string(past, "commit"));
	if (is_uncommitted(part))
		buf_puts(b, past ? ", changed" : "  not committed");
	put_only(b, part);
	while (b->text[b->size - 1] == ' ')
		b->size--;
	buf_putc(b, '\n');
}

/* Whether the list of a document ends before its item i, and says so. */
static bool is_cut(struct buf *b, const json_t *why, const json_t *list,
		   size_t i)
{
	if (i < ITEMS_SHOWN || !json_object_get(why, "hosts"))
		return false;
	buf_printf(b, "  and %zu more\n", json_array_size(list) - i);
	return true;
}

static void put_parts(struct buf *b, const json_t *why)
{
	const json_t *parts = json_object_get(why, "parts"), *part;
	size_t i;

	buf_puts(b, "made from:\n");
	json_array_foreach (parts, i, part) {
		if (is_cut(b, why, parts, i))
			break;
		put_part(b, part);
	}
}

/* Each once, as its parts come. */
static void put_commits(struct buf *b, const json_t *why)
{
	const json_t *parts = json_object_get(why, "parts"), *part;
	json_t *seen = json_object();
	size_t i;

	json_array_foreach (parts, i, part) {
		json_t *past = json_object_get(part, "changed");

		if (!past || json_object_get(seen, view_string(past, "commit")))
			continue;
		if (!json_object_size(seen))
			buf_puts(b, "by the commits:\n");
		json_object_set(seen, view_string(past, "commit"), past);
		buf_puts(b, "  ");
		view_text_past(past, b);
		buf_putc(b, '\n');
	}
	json_decref(seen);
}

static void put_edges(struct buf *b, const json_t *why, const char *key,
		      const char *title)
{
	const json_t *list = json_object_get(why, key), *edge;
	size_t i;

	if (json_array_size(list))
		buf_puts(b, title);
	json_array_foreach (list, i, edge) {
		AUTO_BUF struct buf id = { 0 };

		if (is_cut(b, why, list, i))
			break;
		view_put(&id, "", view_string(edge, "id"));
		buf_printf(b, "  %-*s ", COLUMN, id.text);
		view_put(b, "", view_string(edge, "reason"));
		put_only(b, edge);
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
		const char *revision = view_string(run, "revision");

		buf_printf(b, "  run %" JSON_INTEGER_FORMAT,
			   json_integer_value(json_object_get(run, "run")));
		if (view_string(run, "time"))
			view_put(b, ", ", view_string(run, "time"));
		view_put(b, ": ", view_string(run, "action"));
		view_put(b, ", ", view_string(run, "result"));
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
		put_edges(&b, why, "requires", "requires:\n");
		put_edges(&b, why, "required_by", "required by:\n");
		put_runs(&b, json_object_get(why, "runs"));
	}
	view_print(v, &b);
}

/* --- of many hosts --- */

static void put_source(struct buf *b, const json_t *why)
{
	const json_t *summary = json_object_get(why, "summary");

	view_put(b, "", view_string(why, "id"));
	buf_printf(b,
		   "   on %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		   " hosts\n",
		   json_integer_value(json_object_get(summary, "with")),
		   json_integer_value(json_object_get(summary, "hosts")));
	if (json_object_get(why, "commit")) {
		buf_puts(b, "at ");
		view_text_commit(why, b);
	} else {
		view_put(b, "from ", view_string(why, "source"));
	}
	buf_putc(b, '\n');
	if (view_string(why, "unread"))
		view_put(b, "no history: ", view_string(why, "unread"));
	if (view_string(why, "unread"))
		buf_putc(b, '\n');
}

static void put_hosts(struct buf *b, const json_t *hosts)
{
	size_t n = json_array_size(hosts);

	buf_printf(b, "%zu host%s: ", n, n == 1 ? "" : "s");
	converge_names(hosts, NAMES_SHOWN, b);
	buf_putc(b, '\n');
}

static void put_group(struct view *v, struct buf *b, const json_t *group)
{
	buf_puts(b, "\non ");
	put_hosts(b, json_object_get(group, "hosts"));
	buf_puts(b, "from ");
	put_place(b, json_object_get(group, "origin"));
	put_about(b, group);
	put_changed(b, group);
	if (v->quiet)
		return;
	put_parts(b, group);
	put_commits(b, group);
	put_edges(b, group, "requires", "requires:\n");
	put_edges(b, group, "required_by", "required by:\n");
}

/* Those without it are named if they are the exceptions. */
static void put_others(struct buf *b, const json_t *why)
{
	const json_t *without = json_object_get(why, "without"),
		     *wrong = json_object_get(why, "wrong"), *host;
	json_int_t with = json_integer_value(
		json_object_get(json_object_get(why, "summary"), "with"));
	size_t i;

	if (json_array_size(without) &&
	    (json_int_t)json_array_size(without) < with) {
		buf_puts(b, "\nnot on ");
		put_hosts(b, without);
	}
	json_array_foreach (wrong, i, host) {
		if (i == WRONG_SHOWN) {
			buf_printf(b, "and %zu more\n",
				   json_array_size(wrong) - i);
			break;
		}
		view_put(b,
			 i ? "wrong, and not looked into: "
			   : "\nwrong, and not looked into: ",
			 view_string(host, "host"));
		if (view_string(host, "text"))
			view_put(b, ": ", view_string(host, "text"));
		buf_putc(b, '\n');
	}
}

static void print_origins(struct view *v, const json_t *why)
{
	const json_t *groups = json_object_get(why, "groups"), *group;
	AUTO_BUF struct buf b = { 0 };
	size_t i;

	put_source(&b, why);
	json_array_foreach (groups, i, group) {
		if (i == GROUPS_SHOWN) {
			buf_printf(&b, "\nand from %zu more places\n",
				   json_array_size(groups) - i);
			break;
		}
		put_group(v, &b, group);
	}
	put_others(&b, why);
	view_print(v, &b);
}

static void print(struct view *v, const json_t *why)
{
	if (v->json)
		view_json(v, why, false);
	else if (json_object_get(why, "groups"))
		print_origins(v, why);
	else
		print_why(v, why);
}

static int run(const struct invocation *in)
{
	struct converge_view out;
	json_t *why = NULL;
	int status = CONVERGE_CANNOT_RUN;
	struct view v;

	view_init(&v, in, &out);
	if (options_have(in, OPTION_ALL) && options_have(in, OPTION_HOST))
		options_wrong(in->command, "it does not go with --all:",
			      option_rows[OPTION_HOST].name);
	else
		status = converge_why(&in->options, &out, &why);
	if (why)
		print(&v, why);
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
		   BIT(OPTION_ALL) | BIT(OPTION_ROOT) | BIT(OPTION_STATE_DIR) |
		   BIT(OPTION_JSON) | BIT(OPTION_QUIET),
	.run = run,
};
