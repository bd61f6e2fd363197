/* SPDX-License-Identifier: MIT */
/* The commands, each in a file of its name. */
#ifndef CONVERGE_CMD_COMMANDS_H
#define CONVERGE_CMD_COMMANDS_H

#include "cmd/options.h"

extern const struct command plan_command, apply_command, facts_command,
	capture_command, check_command, diff_command, fmt_command, test_command,
	graph_command, why_command, secret_command, bundle_command,
	snapshot_command, status_command, history_command, schema_command,
	help_command, version_command;

#endif
