/* SPDX-License-Identifier: MIT */
#include "cmd/commands.h"
#include "cmd/view.h"

static int run(const struct invocation *in)
{
	json_t *manifest = NULL;
	struct converge_view out;
	struct view v;
	int status;

	view_init(&v, in, &out);
	status = converge_capture(&in->options, &out, &manifest);
	if (manifest)
		view_json(&v, manifest, false);
	json_decref(manifest);
	return view_status(&v, status);
}

const struct command capture_command = {
	.name = "capture",
	.summary = "Print a manifest of what was made of this host since its "
		   "installation.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_ROOT) | BIT(OPTION_HOST),
	.run = run,
};
