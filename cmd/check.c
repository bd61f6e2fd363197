/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

static size_t count_of(const json_t *summary, const char *key)
{
	return (size_t)json_integer_value(json_object_get(summary, key));
}

static enum severity severity_of(const char *name)
{
	if (strcmp(name, "error") == 0)
		return SEVERITY_ERROR;
	return strcmp(name, "warning") == 0 ? SEVERITY_WARNING : SEVERITY_INFO;
}

/* "3f2c1ab:site/hosts/h.json": a file of a commit is not the one of that name
 * that lies there. */
static void put_file(const json_t *found, const char *file, struct buf *b)
{
	const char *revision = view_string(found, "revision");
	const char *path = view_string(found, "path");

	if (revision)
		buf_printf(b, "%.7s:", revision);
	if (path)
		buf_printf(b, "%s/", path);
	buf_puts(b, file);
}

static void print_finding(const json_t *found, const json_t *finding,
			  struct buf *b)
{
	AUTO_BUF struct buf file = { 0 }, text = { 0 };
	struct diag d = {
		.severity = severity_of(view_string(finding, "severity")),
		.place = { view_string(finding, "file"),
			   count_of(finding, "line"),
			   count_of(finding, "column") },
		.subject = view_string(finding, "subject"),
		.hint = view_string(finding, "hint"),
	};

	if (d.place.file) {
		put_file(found, d.place.file, &file);
		d.place.file = file.text;
	}
	buf_puts(&text, view_string(finding, "text"));
	/* of errors there is no more to be read */
	if (view_string(finding, "reason"))
		buf_printf(&text, " [%s]", view_string(finding, "rule"));
	d.text = buf_text(&text);
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
		  resources = count_of(summary, "resources"),
		  errors = count_of(summary, "errors"),
		  warnings = count_of(summary, "warnings");
	AUTO_BUF struct buf b = { 0 };

	if (!v->quiet)
		json_array_foreach (json_object_get(found, "findings"), i,
				    finding)
			print_finding(found, finding, &b);
	if (count_of(summary, "more"))
		buf_printf(&b, "converge: and %zu more\n",
			   count_of(summary, "more"));
	buf_printf(&b,
		   "check: %zu host%s, %zu role%s, %zu resource%s; "
		   "%zu error%s",
		   hosts, plural(hosts), roles, plural(roles), resources,
		   plural(resources), errors, plural(errors));
	if (warnings)
		buf_printf(&b, ", %zu warning%s", warnings, plural(warnings));
	if (count_of(summary, "info"))
		buf_printf(&b, ", %zu info", count_of(summary, "info"));
	buf_putc(&b, '\n');
	view_print(v, &b);
}

static void print_format(struct view *v, const json_t *found,
			 const char *format)
{
	AUTO_BUF struct buf b = { 0 };

	converge_check_format(found, format, &b);
	if (strcmp(format, "github") == 0)
		view_bytes(v, &b);
	else
		view_print(v, &b);
}

static int run(const struct invocation *in)
{
	const char *format = in->values[OPTION_FORMAT];
	json_t *found = NULL;
	struct converge_view out;
	struct view v;
	int status;

	view_init(&v, in, &out);
	status = converge_check(&in->options, &out, &found);
	if (found && (v.json || (format && strcmp(format, "json") == 0)))
		view_json(&v, found, false);
	else if (found && format && strcmp(format, "text") != 0)
		print_format(&v, found, format);
	else if (found)
		print_found(&v, found);
	json_decref(found);
	return view_status(&v, status);
}

static const char *const formats[] = { "text",       "json",   "sarif",
				       "junit",      "gitlab", "github",
				       "checkstyle", NULL };

const struct command check_command = {
	.name = "check",
	.operand = "SOURCE",
	.summary = "Say what is wrong with a world, every host, role and test "
		   "of it, or with a manifest, and what is likely to bite.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_JSON) | BIT(OPTION_FORMAT) | BIT(OPTION_QUIET),
	.formats = formats,
	.run = run,
};
