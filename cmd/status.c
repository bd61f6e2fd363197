/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

enum { SHOWN = 10 /* resources of a list; JSON has all */ };

static json_int_t number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static void put_time(struct buf *b, const char *before, const char *time)
{
	if (!time)
		return;
	buf_puts(b, before);
	converge_time(time, b);
}

static void put_revision(struct buf *b, const char *before,
			 const char *revision)
{
	if (!revision)
		return;
	buf_puts(b, before);
	view_text_revision(revision, b);
}

static void put_running(const json_t *running, struct buf *b)
{
	buf_puts(b, "running: ");
	view_put(b, "", view_string(running, "command"));
	if (json_object_get(running, "pid"))
		buf_printf(b, ", pid %" JSON_INTEGER_FORMAT,
			   number(running, "pid"));
	put_time(b, ", since ", view_string(running, "since"));
	if (!json_object_get(running, "run")) {
		buf_puts(b, "; it has not begun to change anything\n");
		return;
	}
	buf_printf(b,
		   "; run %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT
		   " of %" JSON_INTEGER_FORMAT " changes known to be done",
		   number(running, "run"), number(running, "done"),
		   number(running, "changes"));
	view_put(b, ", at ", view_string(running, "next"));
	buf_puts(b, view_string(running, "next") ? " or further\n" : "\n");
}

static void put_last(const json_t *last, struct buf *b)
{
	buf_printf(b, "last run: %" JSON_INTEGER_FORMAT, number(last, "run"));
	view_put(b, ", ", view_string(last, "command"));
	put_revision(b, " at ", view_string(last, "revision"));
	put_time(b, ", ", view_string(last, "started"));
	view_put(b, ": ", view_string(last, "result"));
	buf_putc(b, '\n');
	if (!json_object_get(last, "summary"))
		return;
	buf_puts(b, "  ");
	view_text_done(json_object_get(last, "summary"), b);
}

static void put_world(const json_t *world, struct buf *b)
{
	put_revision(b, "commit: ", view_string(world, "revision"));
	if (json_object_get(world, "age")) {
		buf_puts(b, ", ");
		view_text_age(number(world, "age"), b);
		buf_puts(b, " old");
	}
	put_time(b, ", taken ", view_string(world, "taken"));
	buf_putc(b, '\n');
}

/* "taken 2026-11-28T10:00:01+00:00 from git@...", or since when it is not. */
static void put_look(const json_t *look, const char *label, struct buf *b)
{
	const char *ruling = view_string(look, "ruling");
	bool is_taken = strcmp(ruling, "taken") == 0;
	json_int_t times = number(look, "times");

	buf_puts(b, label);
	view_put(b, "", is_taken ? "newest" : ruling);
	put_revision(b, " ", view_string(look, "revision"));
	if (times > 1 && !is_taken) {
		buf_printf(b, " %" JSON_INTEGER_FORMAT " times", times);
		put_time(b, " since ", view_string(look, "first"));
		put_time(b, ", last ", view_string(look, "last"));
	} else {
		put_time(b, " at ", view_string(look, "last"));
	}
	view_put(b, ", from ", view_string(look, "source"));
	view_put(b, "\n  ", view_string(look, "reason"));
	buf_putc(b, '\n');
}

/* What was refused before the newest look, which is told of anyway. */
static void put_refused(const json_t *status, struct buf *b)
{
	const json_t *look = json_object_get(status, "look"),
		     *refused = json_object_get(status, "refused");

	if (refused && !json_equal(look, refused))
		put_look(refused, "before that: ", b);
}

static void put_list(const json_t *list, const char *label, struct buf *b)
{
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		const char *result = view_string(item, "result");

		if (i == SHOWN) {
			buf_printf(b, "%s: and %zu more\n", label,
				   json_array_size(list) - i);
			return;
		}
		/* of those that failed some were skipped */
		view_put(b, "", result ? result : label);
		view_put(b, ": ", view_string(item, "id"));
		if (view_string(item, "cause")) {
			view_put(b, ", for ", view_string(item, "cause"));
			buf_printf(b, ", since run %" JSON_INTEGER_FORMAT,
				   number(item, "run"));
		}
		view_put(b, ": ", view_string(item, "reason"));
		buf_putc(b, '\n');
	}
}

static void put_summary(const json_t *status, struct buf *b)
{
	const json_t *problems = json_object_get(status, "problems"), *problem;
	const char *between = "status: ";
	size_t i;

	if (json_is_true(json_object_get(status, "well"))) {
		buf_puts(b, "status: all is well\n");
		return;
	}
	json_array_foreach (problems, i, problem) {
		view_put(b, between, view_string(problem, "text"));
		between = "; ";
	}
	buf_putc(b, '\n');
}

static void print_status(struct view *v, const json_t *status)
{
	static const struct {
		const char *key;
		void (*put)(const json_t *, struct buf *);
	} parts[] = {
		{ "running", put_running },
		{ "last", put_last },
		{ "world", put_world },
	};
	AUTO_BUF struct buf b = { 0 };

	if (v->quiet) {
		put_summary(status, &b);
		view_print(v, &b);
		return;
	}
	view_put(&b, "", view_string(status, "host"));
	if (b.size)
		buf_putc(&b, '\n');
	for (size_t i = 0; i < COUNT(parts); i++)
		if (json_object_get(status, parts[i].key))
			parts[i].put(json_object_get(status, parts[i].key), &b);
	if (json_object_get(status, "look"))
		put_look(json_object_get(status, "look"), "world: ", &b);
	put_refused(status, &b);
	put_list(json_object_get(status, "failed"), "failed or skipped", &b);
	put_list(json_object_get(status, "withheld"), "withheld", &b);
	put_list(json_object_get(status, "owed"), "owed a refresh", &b);
	put_summary(status, &b);
	view_print(v, &b);
}

static int run(const struct invocation *in)
{
	struct converge_view out;
	json_t *document = NULL;
	struct view v;
	int status;

	view_init(&v, in, &out);
	status = converge_status(&in->options, &out, &document);
	if (document && v.json)
		view_json(&v, document, false);
	else if (document)
		print_status(&v, document);
	json_decref(document);
	return view_status(&v, status);
}

const struct command status_command = {
	.name = "status",
	.summary = "Say whether a run is in progress and at what, how the last "
		   "one ended, and which commit this host is at.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_ROOT) | BIT(OPTION_STATE_DIR) |
		   BIT(OPTION_JSON) | BIT(OPTION_QUIET),
	.run = run,
};
