/* SPDX-License-Identifier: MIT */
/* Plans and events as lines for people: a mark in column 0, the diff below. */
#include <string.h>

#include "cmd/view.h"

static const struct {
	const char *action;
	char mark;
	const char *color; /* SGR parameters */
} marks[] = {
	{ "create", '+', "32" },  { "update", '~', "33" },
	{ "remove", '-', "31" },  { "refresh", '!', "36" },
	{ "unknown", '?', "35" }, { "manage", '~', "33" },
	{ "release", 'o', "33" }, { "none", 'x', "31" },
};

static void escape(struct buf *b, const char *text)
{
	converge_escape(b, text, strlen(text), false);
}

/* --- one attribute: mode 0600 -> 0644 --- */

/* A value in few words; large or structured ones have none. */
static bool short_value(const json_t *value, struct buf *b)
{
	if (json_is_string(value) && !json_string_length(value))
		buf_puts(b, "\"\"");
	else if (json_is_string(value) && json_string_length(value) <= 80)
		escape(b, json_string_value(value));
	else if (json_is_integer(value))
		buf_printf(b, "%" JSON_INTEGER_FORMAT,
			   json_integer_value(value));
	else if (json_is_boolean(value))
		buf_puts(b, json_is_true(value) ? "true" : "false");
	else if (json_is_null(value))
		buf_puts(b, "none");
	else
		return false;
	return true;
}

/* Whether a text looks like what the other value, which is none, may be: a
 * number, true, or that there is none. */
static bool looks_like(const char *text, const json_t *other)
{
	json_t *value;
	bool looks;

	if (json_is_null(other))
		return strcmp(text, "none") == 0;
	value = json_loads(text, JSON_DECODE_ANY, NULL);
	looks = value != NULL;
	json_decref(value);
	return looks;
}

bool view_text_quoted(const json_t *value, const json_t *other, struct buf *b)
{
	AUTO_FREE char *text = NULL;

	if (!json_is_string(value) || json_is_string(other) ||
	    !looks_like(json_string_value(value), other))
		return false;
	text = json_dumps(value, JSON_ENCODE_ANY);
	escape(b, text ? text : "");
	return true;
}

/* One of two values, as far as it is short. */
static bool add_value(const json_t *value, const json_t *other, struct buf *b)
{
	AUTO_BUF struct buf text = { 0 };

	if (!short_value(value, &text))
		return false;
	if (!view_text_quoted(value, other, b))
		buf_add(b, buf_text(&text), text.size);
	return true;
}

static void attribute(const char *name, const json_t *value, struct buf *b)
{
	const json_t *was = json_object_get(value, "before"),
		     *will = json_object_get(value, "after");
	AUTO_BUF struct buf before = { 0 };
	AUTO_BUF struct buf after = { 0 };

	escape(b, name);
	if (!add_value(was, will, &before) || !add_value(will, was, &after))
		return;
	buf_printf(b, " %s -> %s", before.text, after.text);
}

/* "restart" and "reload", where that is what it does. */
static void refresh(const json_t *change, const char *before, struct buf *b)
{
	const char *class = view_string(change, "disruption");
	bool known = class && (strcmp(class, "restart") == 0 ||
			       strcmp(class, "reload") == 0);

	buf_printf(b, "%s%s", before, known ? class : "refresh");
}

static void attributes(const json_t *change, struct buf *b)
{
	json_t *all = json_object_get(change, "attributes"), *value;
	const char *name, *between = "  ";

	json_object_foreach (all, name, value) {
		if (strcmp(name, "fresh") == 0) {
			refresh(change, between, b);
		} else {
			buf_puts(b, between);
			attribute(name, value, b);
		}
		between = ", ";
	}
}

/* --- one change --- */

static void removal(const json_t *all, struct buf *b)
{
	const json_t *below = json_object_get(all, "below");

	buf_puts(b, "  present -> absent");
	if (!below)
		return;
	buf_puts(b, ", ");
	attribute("below", below, b);
}

static void what(const json_t *change, const char *action, struct buf *b)
{
	const char *because = view_string(change, "because");
	size_t before = b->size;

	if (strcmp(action, "create") == 0)
		buf_puts(b, "  absent -> present");
	else if (strcmp(action, "remove") == 0)
		removal(json_object_get(change, "attributes"), b);
	else if (strcmp(action, "refresh") == 0)
		refresh(change, "  ", b);
	else if (strcmp(action, "unknown") == 0)
		buf_puts(b, "  unknown");
	else if (json_object_get(json_object_get(change, "attributes"), "done"))
		buf_puts(b, "  run");
	else
		attributes(change, b);
	if (because) {
		if (strncmp(because, "until ", 6) == 0)
			buf_putc(b, ' ');
		else if (b->size == before)
			buf_puts(b, "  ");
		else
			buf_puts(b,
				 strcmp(action, "unknown") == 0 ? ": " : ", ");
		escape(b, because);
	}
}

static void origin(const json_t *change, struct buf *b)
{
	const json_t *at = json_object_get(change, "origin");
	const char *reason = view_string(change, "reason");

	buf_puts(b, "   ");
	escape(b, view_string(at, "file"));
	buf_printf(b, ":%" JSON_INTEGER_FORMAT,
		   json_integer_value(json_object_get(at, "line")));
	if (reason) {
		buf_puts(b, ", ");
		escape(b, reason);
	}
	if (json_is_true(json_object_get(at, "gone")))
		buf_puts(b, ", as it was");
}

static void note(const char *label, const char *text, struct buf *b)
{
	if (!text)
		return;
	buf_printf(b, "    %s", label);
	escape(b, text);
	buf_putc(b, '\n');
}

static void secrets(const json_t *list, struct buf *b)
{
	const json_t *path;
	size_t i;

	json_array_foreach (list, i, path)
		note("sealed anew: ", json_string_value(path), b);
}

static void diff(const struct view *v, const char *text, struct buf *b)
{
	for (const char *p = text; p && *p;) {
		size_t n = strcspn(p, "\n");
		const char *color = *p == '+' ? "32" : *p == '-' ? "31" : NULL;

		buf_puts(b, "    ");
		if (v->color && color)
			buf_printf(b, "\033[%sm", color);
		converge_escape(b, p, n, true);
		if (v->color && color)
			buf_puts(b, "\033[0m");
		buf_putc(b, '\n');
		p += n + (p[n] == '\n');
	}
}

/* --- a commit --- */

enum { REVISION_SHORT = 7, DAY_SIZE = sizeof("2026-11-02") - 1 };

/* "Ada", of "Ada <ada@example.org>" */
static void person(const char *author, struct buf *b)
{
	const char *mail = strstr(author, " <");

	converge_escape(b, author,
			mail && mail > author ? (size_t)(mail - author)
					      : strlen(author),
			false);
}

/* (OPS-123, #7): those that the subject does not say itself */
static void tickets(const json_t *list, const char *subject, struct buf *b)
{
	const char *between = " (";
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (strstr(subject, json_string_value(item)))
			continue;
		buf_puts(b, between);
		escape(b, json_string_value(item));
		between = ", ";
	}
	if (*between == ',')
		buf_putc(b, ')');
}

void view_text_revision(const char *revision, struct buf *b)
{
	converge_escape(b, revision, strnlen(revision, REVISION_SHORT), false);
}

/* 3f2c1ab Ada, 2026-11-02: raise worker limit (OPS-123) */
void view_text_past(const json_t *past, struct buf *b)
{
	const char *bound = view_string(past, "bound"),
		   *date = view_string(past, "date"),
		   *subject = view_string(past, "subject");

	view_text_revision(view_string(past, "commit"), b);
	buf_putc(b, ' ');
	if (bound)
		buf_printf(b, "or before it (%s) ",
			   strcmp(bound, "limit") == 0 ? "limit"
						       : "end of history");
	person(view_string(past, "author"), b);
	if (date)
		buf_printf(b, ", %.*s", DAY_SIZE, date);
	buf_puts(b, ": ");
	escape(b, subject);
	tickets(json_object_get(past, "tickets"), subject, b);
}

static void past_line(const json_t *change, struct buf *b)
{
	const json_t *origin = json_object_get(change, "origin");

	if (!view_string(origin, "commit"))
		return;
	buf_puts(b, "    by ");
	view_text_past(origin, b);
	buf_putc(b, '\n');
}

/* + file:/etc/motd  absent -> present */
static void change_mark(const struct view *v, const json_t *change,
			struct buf *b)
{
	const char *action = view_string(change, "action");
	size_t i = 0;

	while (i + 1 < COUNT(marks) && strcmp(marks[i].action, action) != 0)
		i++;
	if (v->color)
		buf_printf(b, "\033[%sm", marks[i].color);
	buf_putc(b, marks[i].mark);
	buf_putc(b, ' ');
	escape(b, view_string(change, "id"));
	if (v->color)
		buf_puts(b, "\033[0m");
	what(change, action, b);
}

static void change_line(const struct view *v, const json_t *change,
			struct buf *b)
{
	change_mark(v, change, b);
	origin(change, b);
	buf_putc(b, '\n');
}

void view_text_change(const struct view *v, const json_t *change, struct buf *b)
{
	change_line(v, change, b);
	past_line(change, b);
	note("withheld: ", view_string(change, "withheld"), b);
	note("failed: ", view_string(change, "failed"), b);
	note("skipped: it needs ", view_string(change, "skipped"), b);
	secrets(json_object_get(change, "secrets"), b);
	diff(v, view_string(change, "diff"), b);
}

/* --- the whole --- */

static json_int_t count(const json_t *summary, const char *key)
{
	return json_integer_value(json_object_get(summary, key));
}

void view_text_summary(const json_t *summary, struct buf *b)
{
	static const struct {
		const char *key, *words;
	} parts[] = {
		{ "create", " to create, " }, { "update", " to change, " },
		{ "remove", " to remove, " }, { "refresh", " to refresh, " },
		{ "unknown", " unknown, " },  { "withheld", " withheld" },
	};

	buf_puts(b, "plan: ");
	for (size_t i = 0; i < COUNT(parts); i++)
		buf_printf(b, "%" JSON_INTEGER_FORMAT "%s",
			   count(summary, parts[i].key), parts[i].words);
	if (count(summary, "failed"))
		buf_printf(b, ", %" JSON_INTEGER_FORMAT " failed",
			   count(summary, "failed"));
	buf_printf(b, "; %" JSON_INTEGER_FORMAT " unchanged. Disruption: %s\n",
		   count(summary, "unchanged"),
		   view_string(summary, "disruption"));
}

void view_text_commit(const json_t *head, struct buf *b)
{
	const json_t *commit = json_object_get(head, "commit");
	const char *name = view_string(commit, "name");

	buf_printf(b, "%.*s \"", REVISION_SHORT, view_string(head, "revision"));
	escape(b, view_string(commit, "subject"));
	buf_putc(b, '"');
	if (name) {
		buf_puts(b, " (");
		escape(b, name);
		buf_putc(b, ')');
	}
}

/* "3 hours" */
void view_text_age(json_int_t age, struct buf *b)
{
	static const struct {
		json_int_t seconds;
		const char *unit;
	} units[] = {
		{ 86400, "day" },
		{ 3600, "hour" },
		{ 60, "minute" },
		{ 1, "second" },
	};
	size_t i = 0;

	while (i + 1 < COUNT(units) && age < 2 * units[i].seconds)
		i++;
	age /= units[i].seconds;
	buf_printf(b, "%" JSON_INTEGER_FORMAT " %s%s", age, units[i].unit,
		   age == 1 ? "" : "s");
}

/* "snapshot of web-1, 3 hours old" */
static void head_snapshot(const json_t *snapshot, struct buf *b)
{
	json_int_t age = count(snapshot, "age");

	buf_puts(b, "snapshot of ");
	escape(b, view_string(snapshot, "host"));
	if (age < 0) {
		buf_puts(b, ", from the future\n");
		return;
	}
	buf_puts(b, ", ");
	view_text_age(age, b);
	buf_puts(b, " old\n");
}

/* What became of a change that is on record, if it was not done. */
static void outcome(const json_t *change, bool is_running, struct buf *b)
{
	const char *result = view_string(change, "result"),
		   *action = view_string(change, "action"),
		   *reason = view_string(change, "reason");

	if (strcmp(result, "done") == 0 && strcmp(action, "unknown") != 0)
		return;
	if (strcmp(result, "unchanged") == 0)
		result = "nothing was to be done";
	if (strcmp(result, "planned") == 0)
		result = is_running ? "not done yet" : "not known to be done";
	if (strcmp(result, "left") == 0)
		result = "left undone";
	buf_printf(b, "%s%s", result, reason ? ": " : "");
	escape(b, reason ? reason : "");
}

void view_text_recorded(const struct view *v, const json_t *change,
			bool is_running, struct buf *b)
{
	const json_t *past = json_object_get(change, "commit");
	AUTO_BUF struct buf became = { 0 };

	change_mark(v, change, b);
	buf_putc(b, '\n');
	if (past) {
		buf_puts(b, "    by ");
		view_text_past(past, b);
		buf_putc(b, '\n');
	}
	outcome(change, is_running, &became);
	if (became.size)
		buf_printf(b, "    %s\n", became.text);
}

void view_text_recorded_line(const json_t *change, struct buf *b)
{
	const json_t *past = json_object_get(change, "commit");
	AUTO_BUF struct buf did = { 0 };

	what(change, view_string(change, "action"), &did);
	buf_puts(b, buf_text(&did) + strspn(buf_text(&did), " "));
	if (past) {
		buf_puts(b, ", by ");
		view_text_past(past, b);
	}
	if (view_string(change, "reason")) {
		buf_puts(b, b->size ? ": " : "");
		escape(b, view_string(change, "reason"));
	}
}

void view_text_head(const json_t *document, struct buf *b)
{
	const json_t *snapshot = json_object_get(document, "snapshot");

	escape(b, view_string(document, "host"));
	if (json_object_get(document, "commit")) {
		buf_puts(b, " at ");
		view_text_commit(document, b);
	} else {
		buf_puts(b, " from ");
		escape(b, view_string(document, "source"));
	}
	buf_putc(b, '\n');
	if (snapshot)
		head_snapshot(snapshot, b);
}

void view_text_done(const json_t *summary, struct buf *b)
{
	static const struct {
		const char *key, *words;
		bool always;
	} parts[] = {
		{ "created", "created", true },
		{ "updated", "changed", true },
		{ "removed", "removed", true },
		{ "refreshed", "refreshed", true },
		{ "withheld", "withheld", true },
		{ "failed", "failed", true },
		{ "skipped", "skipped", false },
		{ "left", "left undone", false },
	};
	const char *between = "apply: ";

	for (size_t i = 0; i < COUNT(parts); i++) {
		if (!parts[i].always && !count(summary, parts[i].key))
			continue;
		buf_printf(b, "%s%" JSON_INTEGER_FORMAT " %s", between,
			   count(summary, parts[i].key), parts[i].words);
		between = ", ";
	}
	buf_printf(b, "; %" JSON_INTEGER_FORMAT " unchanged\n",
		   count(summary, "unchanged"));
}

/* A change that went as planned is shown as the plan shows it. */
static void change_event(const struct view *v, const json_t *event,
			 struct buf *b)
{
	const char *result = view_string(event, "result");

	if (strcmp(result, "unchanged") == 0)
		return;
	change_line(v, event, b);
	if (v->verbose)
		past_line(event, b);
	if (strcmp(result, "done") == 0) {
		diff(v, view_string(event, "diff"), b);
		return;
	}
	buf_printf(b, "    %s",
		   strcmp(result, "left") == 0 ? "left undone" : result);
	if (view_string(event, "text")) {
		buf_puts(b, ": ");
		escape(b, view_string(event, "text"));
	}
	buf_putc(b, '\n');
}

void view_text_event(const struct view *v, const json_t *event, struct buf *b)
{
	const char *kind = view_string(event, "event");

	if (strcmp(kind, "end") == 0)
		view_text_done(json_object_get(event, "summary"), b);
	else if (strcmp(kind, "start") == 0 && !v->quiet)
		view_text_head(event, b);
	else if (strcmp(kind, "change") == 0 && !v->quiet)
		change_event(v, event, b);
}
