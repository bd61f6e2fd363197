/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static size_t count_of(const json_t *object, const char *key)
{
	return (size_t)json_integer_value(json_object_get(object, key));
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_error(const json_t *error, struct buf *b)
{
	const struct diag d = {
		.place = { view_string(error, "file"), count_of(error, "line"),
			   count_of(error, "column") },
		.subject = view_string(error, "subject"),
		.text = view_string(error, "text") ? view_string(error, "text")
						   : "",
		.hint = view_string(error, "hint"),
	};

	view_diag(&d, b);
}

/* "tests/web.json:14:7: web-1: file:/a: 'mode' is "0600", not "0644"", and
 * under it where that is made. */
static void print_failure(const char *host, const json_t *failure,
			  struct buf *b)
{
	const json_t *origin = json_object_get(failure, "origin");
	const char *id = view_string(failure, "id"), *text;
	const char *rule = view_string(failure, "rule");
	AUTO_BUF struct buf subject = { 0 };
	AUTO_BUF struct buf hint = { 0 };
	struct diag d = { .place = { view_string(failure, "file"),
				     count_of(failure, "line"),
				     count_of(failure, "column") } };

	/* of what fails by itself the place is that already */
	if (origin && rule && strcmp(rule, "expectation") == 0)
		buf_printf(&hint, "%s is made at %s:%zu", id,
			   view_string(origin, "file"),
			   count_of(origin, "line"));
	buf_printf(&subject, "%s%s%s", host, id ? ": " : "", id ? id : "");
	text = view_string(failure, "text");
	d.subject = buf_text(&subject);
	d.text = text ? text : "";
	d.hint = hint.size ? buf_text(&hint) : NULL;
	view_diag(&d, b);
}

static void print_failures(const char *host, const json_t *failures,
			   struct buf *b)
{
	const json_t *failure;
	size_t i;

	json_array_foreach (failures, i, failure)
		print_failure(host, failure, b);
}

static void print_unknown(const char *host, const json_t *j, struct buf *b)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(j, "unknown"), i, item) {
		buf_puts(b, "? ");
		converge_escape(b, host, strlen(host), false);
		buf_puts(b, ": ");
		converge_escape(b, view_string(item, "id"),
				strlen(view_string(item, "id")), false);
		buf_puts(b, "  ");
		converge_escape(b, view_string(item, "because"),
				strlen(view_string(item, "because")), false);
		buf_putc(b, '\n');
	}
	json_array_foreach (json_object_get(j, "assumed"), i, item) {
		buf_puts(b, "? ");
		converge_escape(b, host, strlen(host), false);
		buf_puts(b, ": ");
		converge_escape(b, json_string_value(item),
				json_string_length(item), false);
		buf_puts(b, "  comes with what is installed\n");
	}
}

static void print_host(const struct view *v, const json_t *j, struct buf *b)
{
	const char *host = view_string(j, "host");
	const json_t *test;
	size_t i;

	if (!host)
		return;
	print_failures(host, json_object_get(j, "failures"), b);
	json_array_foreach (json_object_get(j, "tests"), i, test)
		print_failures(host, json_object_get(test, "failures"), b);
	if (v->verbose)
		print_unknown(host, j, b);
}

static void print_summary(const json_t *summary, struct buf *b)
{
	static const struct {
		const char *key, *one;
	} counts[] = {
		{ "hosts", " host" },
		{ "passes", " pass" },
		{ "kills", " kill" },
		{ "tests", " test" },
		{ "expectations", " expectation" },
		{ "failures", " failure" },
		{ "unknown", " unknown" },
	};

	buf_puts(b, "test:");
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		size_t n = count_of(summary, counts[i].key);
		const char *more =
			strcmp(counts[i].key, "unknown") == 0 ? ""
			: strcmp(counts[i].key, "passes") == 0 && n != 1
				? "es"
				: plural(n);

		buf_printf(b, "%s %zu%s%s",
			   i == 0                                   ? ""
			   : strcmp(counts[i].key, "failures") == 0 ? ";"
								    : ",",
			   n, counts[i].one, more);
	}
	if (count_of(summary, "errors"))
		buf_printf(b, ", %zu error%s", count_of(summary, "errors"),
			   plural(count_of(summary, "errors")));
	buf_putc(b, '\n');
}

static void print_tests(struct view *v, const json_t *tests)
{
	AUTO_BUF struct buf b = { 0 };
	const json_t *item;
	size_t i;

	if (!v->quiet) {
		json_array_foreach (json_object_get(tests, "errors"), i, item)
			print_error(item, &b);
		json_array_foreach (json_object_get(tests, "hosts"), i, item)
			print_host(v, item, &b);
	}
	print_summary(json_object_get(tests, "summary"), &b);
	view_print(v, &b);
}

static void print_junit(struct view *v, const json_t *tests)
{
	AUTO_BUF struct buf b = { 0 };

	converge_test_junit(tests, &b);
	view_print(v, &b);
}

static int run(const struct invocation *in)
{
	const char *format = in->values[OPTION_FORMAT];
	struct converge_view out;
	json_t *tests = NULL;
	struct view v;
	int status;

	view_init(&v, in, &out);
	status = converge_test(&in->options, &out, &tests);
	if (tests && (v.json || (format && strcmp(format, "json") == 0)))
		view_json(&v, tests, false);
	else if (tests && format && strcmp(format, "junit") == 0)
		print_junit(&v, tests);
	else if (tests)
		print_tests(&v, tests);
	json_decref(tests);
	return view_status(&v, status);
}

static const char *const formats[] = { "text", "json", "junit", NULL };

const struct command test_command = {
	.name = "test",
	.operand = "[SOURCE]",
	.formats = formats,
	.hosts = true,
	.summary = "Converge every host of a world, or that of a manifest, in "
		   "simulation, and compare with what its tests expect.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_SNAPSHOTS) | BIT(OPTION_THOROUGH) |
		   BIT(OPTION_FORMAT) | BIT(OPTION_JSON) | BIT(OPTION_QUIET) |
		   BIT(OPTION_VERBOSE),
	.run = run,
};
