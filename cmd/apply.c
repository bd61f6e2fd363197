/* SPDX-License-Identifier: MIT */
#include "cmd/commands.h"
#include "cmd/view.h"

static int run(const struct invocation *in)
{
	struct converge_view out;
	struct view v;

	view_init(&v, in, &out);
	if (options_have(in, OPTION_DRY_RUN))
		return view_status(&v, converge_plan(&in->options, &out));
	return view_status(&v, converge_apply(&in->options, &out));
}

const struct command apply_command = {
	.name = "apply",
	.operand = "[SOURCE]",
	.summary = "Make this host what SOURCE, a manifest or a saved plan, "
		   "says.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_ROOT) | BIT(OPTION_STATE_DIR) | BIT(OPTION_JSON) |
		   BIT(OPTION_COLOR) | BIT(OPTION_QUIET) | BIT(OPTION_VERBOSE) |
		   BIT(OPTION_ONLY) | BIT(OPTION_TAGS) | BIT(OPTION_DRY_RUN) |
		   BIT(OPTION_WAIT) | BIT(OPTION_DEADLINE) |
		   BIT(OPTION_MAX_DISRUPTION) | BIT(OPTION_ALLOW_ROLLBACK) |
		   BIT(OPTION_DETAILED_EXITCODE) | BIT(OPTION_SNAPSHOT) |
		   BIT(OPTION_CONTENTS),
	.run = run,
};
