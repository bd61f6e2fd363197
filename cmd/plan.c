/* SPDX-License-Identifier: MIT */
#include "cmd/commands.h"
#include "cmd/view.h"

static int run(const struct invocation *in)
{
	struct converge_view out;
	struct view v;

	view_init(&v, in, &out);
	if (options_have(in, OPTION_AGAINST))
		return view_status(&v, converge_against(&in->options, &out));
	return view_status(&v, converge_plan(&in->options, &out));
}

const struct command plan_command = {
	.name = "plan",
	.operand = "[SOURCE]",
	.summary = "Say what apply would change on this host, and why; change "
		   "nothing.",
	.options = BIT(OPTION_HELP) | BIT(OPTION_REV) | BIT(OPTION_HOST) |
		   BIT(OPTION_ROOT) | BIT(OPTION_STATE_DIR) | BIT(OPTION_JSON) |
		   BIT(OPTION_COLOR) | BIT(OPTION_QUIET) | BIT(OPTION_VERBOSE) |
		   BIT(OPTION_ONLY) | BIT(OPTION_TAGS) | BIT(OPTION_OUT) |
		   BIT(OPTION_MAX_DISRUPTION) | BIT(OPTION_ALLOW_ROLLBACK) |
		   BIT(OPTION_AGAINST),
	.run = run,
};
