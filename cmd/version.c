/* SPDX-License-Identifier: MIT */
#include "cmd/commands.h"
#include "cmd/view.h"

static int run(const struct invocation *in)
{
	json_t *version = converge_version(), *value;
	AUTO_BUF struct buf b = { 0 };
	struct converge_view out;
	const char *name;
	struct view v;

	view_init(&v, in, &out);
	if (v.json) {
		view_json(&v, version, false);
	} else {
		json_object_del(version, "format");
		json_object_foreach (version, name, value)
			buf_printf(&b, "%s %s\n", name,
				   json_string_value(value));
		view_print(&v, &b);
	}
	json_decref(version);
	return view_status(&v, CONVERGE_OK);
}

const struct command version_command = {
	.name = "version",
	.summary = "Print the version, and those of the libraries.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_JSON),
	.run = run,
};
