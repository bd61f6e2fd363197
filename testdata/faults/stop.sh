#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# A signal that asks an apply to stop comes at every system call: it ends what
# it has in hand, says which signal ended it, and the next run does the rest.
set -eu
stride=100
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# told SIGNAL NUMBER N: it may have done all before it looked; or it was the
# command that was told, which badwriter has no status of its own for
told() {
	faulty -s "$1" "$3" || return 1
	[ "$status" = $((128 + $2)) ] || [ "$status" = 0 ] ||
		[ "$status" = 4 ] ||
		{ [ "$status" = 1 ] && [ "${job[0]}" = badwriter ]; } ||
		wrong "it ended with status $status" || return 1
	survives "$status"
}

make_world
use_converge
find_points
sound "SIGTERM" told TERM 15
sound "SIGINT" told INT 2
sound "SIGHUP" told HUP 1

use_badwriter
find_points
sound "the sound writer, SIGTERM" told TERM 15
use_badwriter --in-place
find_points
control "control --in-place" told TERM 15
exit "$failed"
