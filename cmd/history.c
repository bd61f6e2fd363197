/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/grid.h"
#include "cmd/view.h"

enum { LINES = 20, MOST_LINES = 1000000 };

static json_int_t number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

/* --- cells --- */

static void add_number(struct grid *t, const json_t *j, const char *key)
{
	AUTO_BUF struct buf b = { 0 };

	if (json_object_get(j, key))
		buf_printf(&b, "%" JSON_INTEGER_FORMAT, number(j, key));
	grid_add(t, buf_text(&b));
}

static void add_time(struct grid *t, const json_t *j, const char *key)
{
	AUTO_BUF struct buf b = { 0 };

	if (view_string(j, key))
		converge_time(view_string(j, key), &b);
	grid_add(t, buf_text(&b));
}

static void add_revision(struct grid *t, const json_t *j)
{
	AUTO_BUF struct buf b = { 0 };

	if (view_string(j, "revision"))
		view_text_revision(view_string(j, "revision"), &b);
	grid_add_word(t, buf_text(&b));
}

/* 3s, 2m10s, 1h02m */
static void put_took(json_int_t seconds, struct buf *b)
{
	if (seconds < 60)
		buf_printf(b, "%" JSON_INTEGER_FORMAT "s", seconds);
	else if (seconds < 3600)
		buf_printf(b,
			   "%" JSON_INTEGER_FORMAT "m%02" JSON_INTEGER_FORMAT
			   "s",
			   seconds / 60, seconds % 60);
	else
		buf_printf(b,
			   "%" JSON_INTEGER_FORMAT "h%02" JSON_INTEGER_FORMAT
			   "m",
			   seconds / 3600, seconds / 60 % 60);
}

/* +1,~2: in the marks of a plan. */
static void put_counts(const json_t *summary, struct buf *b)
{
	static const struct {
		char mark;
		const char *key;
	} counts[] = {
		{ '+', "created" },
		{ '~', "updated" },
		{ '-', "removed" },
		{ '!', "refreshed" },
	};

	for (size_t i = 0; i < COUNT(counts); i++)
		if (number(summary, counts[i].key))
			buf_printf(b, "%s%c%" JSON_INTEGER_FORMAT,
				   b->size ? "," : "", counts[i].mark,
				   number(summary, counts[i].key));
}

/* failed (2), withheld (1): after a word that may be the same. */
static void put_count(const char *name, json_int_t n, struct buf *b)
{
	size_t size = strlen(name);

	if (!n)
		return;
	if (b->size < size || memcmp(b->text + b->size - size, name, size) != 0)
		buf_printf(b, ", %s", name);
	buf_printf(b, " (%" JSON_INTEGER_FORMAT ")", n);
}

static void put_result(const json_t *run, struct buf *b)
{
	const json_t *summary = json_object_get(run, "summary");
	const char *result = view_string(run, "result");
	json_int_t code = number(run, "exit");
	json_int_t failed = number(summary, "failed"),
		   withheld = number(summary, "withheld");

	buf_puts(b, result);
	if (strcmp(result, "stopped") == 0)
		buf_printf(b, " by signal %" JSON_INTEGER_FORMAT,
			   code - CONVERGE_SIGNAL);
	put_count("failed", failed, b);
	put_count("withheld", withheld, b);
}

/* --- all runs --- */

static void add_run(struct grid *t, const json_t *run)
{
	AUTO_BUF struct buf took = { 0 }, counts = { 0 }, result = { 0 };

	if (json_object_get(run, "seconds"))
		put_took(number(run, "seconds"), &took);
	put_counts(json_object_get(run, "summary"), &counts);
	put_result(run, &result);
	add_number(t, run, "run");
	add_time(t, run, "started");
	grid_add(t, buf_text(&took));
	grid_add_word(t, view_string(run, "command"));
	add_revision(t, run);
	grid_add(t, buf_text(&counts));
	grid_add(t, buf_text(&result));
}

/* There is no run of it. */
static void add_refused(struct grid *t, const json_t *look)
{
	const char *reason = view_string(look, "reason");
	json_int_t times = number(look, "times");
	AUTO_BUF struct buf b = { 0 };

	buf_puts(&b, "refused");
	if (times > 1 && view_string(look, "last")) {
		buf_printf(&b, " %" JSON_INTEGER_FORMAT " times to ", times);
		converge_time(view_string(look, "last"), &b);
	}
	if (reason) {
		buf_puts(&b, ": ");
		converge_escape(&b, reason, strlen(reason), false);
	}
	grid_add(t, NULL);
	add_time(t, look, "first");
	grid_add(t, NULL);
	grid_add(t, NULL);
	add_revision(t, look);
	grid_add(t, NULL);
	grid_add(t, b.text);
}

static void add_head(struct grid *t, const char *const *names)
{
	for (t->columns = 0; names[t->columns]; t->columns++)
		grid_add(t, names[t->columns]);
}

static void print_grid(struct view *v, const struct grid *t)
{
	AUTO_BUF struct buf b = { 0 };

	grid_print(t, converge_columns(), &b);
	view_print(v, &b);
}

/* Both lists have the newest first; times of one form are in their order. */
static void print_runs(struct view *v, const json_t *history)
{
	static const char *const names[] = { "RUN",     "STARTED", "TOOK",
					     "COMMAND", "COMMIT",  "CHANGES",
					     "RESULT",  NULL };
	const json_t *runs = json_object_get(history, "runs"),
		     *looks = json_object_get(history, "refused");
	AUTO_GRID struct grid t = { 0 };
	size_t i = 0, j = 0;

	add_head(&t, names);
	while (i < json_array_size(runs) || j < json_array_size(looks)) {
		const json_t *run = json_array_get(runs, i),
			     *look = json_array_get(looks, j);
		const char *first = view_string(look, "first"),
			   *started = view_string(run, "started");

		if (look && (!run || (first && started &&
				      strcmp(first, started) >= 0))) {
			add_refused(&t, look);
			j++;
		} else {
			add_run(&t, run);
			i++;
		}
	}
	print_grid(v, &t);
}

/* --- one run --- */

/* run 12: apply of web-1 at 3f2c1ab, 2026-11-28T10:00:01+00:00, 3s: ok */
static void put_run(const json_t *run, struct buf *b)
{
	buf_printf(b, "run %" JSON_INTEGER_FORMAT, number(run, "run"));
	view_put(b, ": ", view_string(run, "command"));
	view_put(b, " of ", view_string(run, "host"));
	if (view_string(run, "revision")) {
		buf_puts(b, " at ");
		view_text_revision(view_string(run, "revision"), b);
	}
	if (view_string(run, "started")) {
		buf_puts(b, ", ");
		converge_time(view_string(run, "started"), b);
	}
	if (json_object_get(run, "seconds")) {
		buf_puts(b, ", ");
		put_took(number(run, "seconds"), b);
	}
	buf_puts(b, ": ");
	put_result(run, b);
	view_put(b, "\nfrom ", view_string(run, "source"));
	buf_putc(b, '\n');
}

static void print_run(struct view *v, const json_t *history)
{
	const json_t *run = json_array_get(json_object_get(history, "runs"), 0);
	bool is_running = strcmp(view_string(run, "result"), "running") == 0;
	const json_t *changes = json_object_get(history, "changes"), *change;
	AUTO_BUF struct buf b = { 0 };
	size_t i;

	put_run(run, &b);
	json_array_foreach (changes, i, change)
		view_text_recorded(v, change, is_running, &b);
	if (json_object_get(run, "summary"))
		view_text_done(json_object_get(run, "summary"), &b);
	view_print(v, &b);
}

/* --- one resource --- */

static void print_resource(struct view *v, const json_t *history)
{
	static const char *const names[] = { "TIME",   "RUN",    "COMMIT",
					     "RESULT", "CHANGE", NULL };
	const json_t *changes = json_object_get(history, "changes"), *change;
	AUTO_GRID struct grid t = { 0 };
	size_t i;

	add_head(&t, names);
	json_array_foreach (changes, i, change) {
		AUTO_BUF struct buf b = { 0 };

		view_text_recorded_line(change, &b);
		add_time(&t, change, "time");
		add_number(&t, change, "run");
		add_revision(&t, change);
		grid_add(&t, view_string(change, "result"));
		grid_add(&t, buf_text(&b));
	}
	print_grid(v, &t);
}

/* --- the whole --- */

/* False, and says so: it is no number that will do. */
static bool parse_lines(const struct invocation *in, size_t *most)
{
	const char *text = in->values[OPTION_LINES];
	char *end;
	long n;

	*most = in->values[OPTION_SINCE] ? 0 : LINES;
	if (!text)
		return true;
	if (strcmp(text, "all") == 0) {
		*most = 0;
		return true;
	}
	n = strtol(text, &end, 10);
	if (*end || n < 1 || n > MOST_LINES)
		return options_wrong(in->command,
				     "--lines must be a number from 1 on, or "
				     "all, not",
				     text);
	*most = (size_t)n;
	return true;
}

static int run(const struct invocation *in)
{
	struct converge_options options = in->options;
	struct converge_view out;
	json_t *history = NULL;
	struct view v;
	int status;

	view_init(&v, in, &out);
	if (!parse_lines(in, &options.most))
		return CONVERGE_CANNOT_RUN;
	options.id = in->operand;
	options.since = in->values[OPTION_SINCE];
	status = converge_history(&options, &out, &history);
	if (history && v.json)
		view_json(&v, history, false);
	else if (json_object_get(history, "refused"))
		print_runs(&v, history);
	else if (json_object_get(history, "runs"))
		print_run(&v, history);
	else if (history)
		print_resource(&v, history);
	json_decref(history);
	return view_status(&v, status);
}

const struct command history_command = {
	.name = "history",
	.operand = "[RUN|ID]",
	.words = true,
	.summary = "Tell of past runs, of the changes of one, or of those of a "
		   "resource.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_ROOT) | BIT(OPTION_STATE_DIR) |
		   BIT(OPTION_JSON) | BIT(OPTION_COLOR) | BIT(OPTION_LINES) |
		   BIT(OPTION_SINCE),
	.run = run,
};
