/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/view.h"

/* "libcurl 7.88.1", a line each; those that are missing last, with why. */
static void print(json_t *version, struct buf *b)
{
	const char *name, *text;
	json_t *value;

	json_object_foreach (version, name, value) {
		text = json_string_value(value);
		if (text && strcmp(name, "format") != 0) {
			buf_puts(b, name);
			view_put(b, " ", text);
			buf_putc(b, '\n');
		}
	}
	json_object_foreach (json_object_get(version, "missing"), name, value) {
		buf_printf(b, "%s not found", name);
		view_put(b, ": ", json_string_value(value));
		buf_putc(b, '\n');
	}
}

static int run(const struct invocation *in)
{
	json_t *version = converge_version();
	AUTO_BUF struct buf b = { 0 };
	struct converge_view out;
	struct view v;

	view_init(&v, in, &out);
	if (v.json) {
		view_json(&v, version, false);
	} else {
		print(version, &b);
		view_print(&v, &b);
	}
	json_decref(version);
	return view_status(&v, CONVERGE_OK);
}

const struct command version_command = {
	.name = "version",
	.summary =
		"Print the version, and those of the libraries that it uses.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_JSON),
	.run = run,
};
