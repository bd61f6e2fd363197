/* SPDX-License-Identifier: MIT */
#include "cmd/commands.h"
#include "cmd/view.h"

static int run(const struct invocation *in)
{
	struct converge_view out;
	struct view v;

	view_init(&v, in, &out);
	return view_status(&v, converge_snapshot(&in->options, &out));
}

const struct command snapshot_command = {
	.name = "snapshot",
	.operand = "[SOURCE]",
	.summary = "Record what manifests can touch of this host, without "
		   "secrets, for plans that are made elsewhere.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_ROOT) | BIT(OPTION_STATE_DIR) | BIT(OPTION_OUT) |
		   BIT(OPTION_CONTENTS),
	.run = run,
};
