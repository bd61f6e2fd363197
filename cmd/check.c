/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static const char *text_of(const json_t *finding, const char *key)
{
	return json_string_value(json_object_get(finding, key));
}

static size_t count_of(const json_t *summary, const char *key)
{
	return (size_t)json_integer_value(json_object_get(summary, key));
}

/* "3f2c1ab:site/hosts/h.json": a file of a commit is not the one of that name
 * that lies there. */
static void put_file(const json_t *found, const char *file, struct buf *b)
{
	const char *revision = text_of(found, "revision");
	const char *path = text_of(found, "path");

	if (revision)
		buf_printf(b, "%.7s:", revision);
	if (path)
		buf_printf(b, "%s/", path);
	buf_puts(b, file);
}

static void print_finding(const json_t *found, const json_t *finding,
			  struct buf *b)
{
	AUTO_BUF struct buf file = { 0 };
	struct diag d = {
		.severity = strcmp(text_of(finding, "severity"), "error") == 0
				    ? SEVERITY_ERROR
				    : SEVERITY_WARNING,
		.place = { text_of(finding, "file"), count_of(finding, "line"),
			   count_of(finding, "column") },
		.subject = text_of(finding, "subject"),
		.text = text_of(finding, "text"),
		.hint = text_of(finding, "hint"),
	};

	if (d.place.file) {
		put_file(found, d.place.file, &file);
		d.place.file = file.text;
	}
	view_diag(&d, b);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_found(struct view *v, const json_t *found)
{
	const json_t *summary = json_object_get(found, "summary"), *finding;
	size_t i, hosts = count_of(summary, "hosts"),
		  roles = count_of(summary, "roles"),
		  errors = count_of(summary, "errors");
	AUTO_BUF struct buf b = { 0 };

	if (!v->quiet)
		json_array_foreach (json_object_get(found, "findings"), i,
				    finding)
			print_finding(found, finding, &b);
	if (count_of(summary, "more"))
		buf_printf(&b, "converge: and %zu more\n",
			   count_of(summary, "more"));
	buf_printf(
		&b,
		"check: %zu host%s, %zu role%s, %zu resources; %zu error%s\n",
		hosts, plural(hosts), roles, plural(roles),
		count_of(summary, "resources"), errors, plural(errors));
	view_print(v, &b);
}

static int run(const struct invocation *in)
{
	json_t *found = NULL;
	struct converge_view out;
	struct view v;
	int status;

	view_init(&v, in, &out);
	status = converge_check(&in->options, &out, &found);
	if (found && v.json)
		view_json(&v, found, false);
	else if (found)
		print_found(&v, found);
	json_decref(found);
	return view_status(&v, status);
}

const struct command check_command = {
	.name = "check",
	.operand = "SOURCE",
	.summary = "Say what is wrong with a world, every host and every role "
		   "of it, or with a manifest.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_JSON) | BIT(OPTION_QUIET),
	.run = run,
};
