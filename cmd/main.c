/* SPDX-License-Identifier: MIT */
/* argv to command to exit status; the only exit of the program. */
#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/view.h"

const struct command *const commands[] = {
	&plan_command,
	&apply_command,
	&facts_command,
	&check_command,
	&diff_command,
	&test_command,
	&fmt_command,
	&capture_command,
	&snapshot_command,
	&graph_command,
	&why_command,
	&status_command,
	&history_command,
	&secret_command,
	&bundle_command,
	&schema_command,
	&help_command,
	&version_command,
	NULL,
};

static int run(const struct invocation *in)
{
	AUTO_BUF struct buf b = { 0 };
	struct converge_view out;
	struct view v;

	if (!options_have(in, OPTION_HELP))
		return in->command->run(in);
	view_init(&v, in, &out);
	options_help(in->command, &b);
	view_print(&v, &b);
	return view_status(&v, CONVERGE_OK);
}

int main(int argc, char **argv)
{
	struct diags d = { 0 };
	struct invocation in;
	int status = CONVERGE_CANNOT_RUN, cwd = -1;

	if (!converge_start(&cwd, &d)) {
		view_diags(&d);
		status = CONVERGE_CANNOT_RUN;
	} else {
		if (options_parse(argc, argv, &in)) {
			in.options.cwd = cwd;
			status = run(&in);
		}
		options_release(&in);
	}
	diags_release(&d);
	exit(status);
}
