#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# SIGKILL before and after every system call of an apply and of the command
# that it runs: each file is old or new in whole, the next run does the rest,
# the command that is notified runs as often as it must, nothing is left.
set -eu
stride=24
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# killed [-x] N
killed() {
	faulty -k "$@" || return 1
	survives "$status"
}

make_world
use_converge
find_points
sound "killed before" killed
sound "killed after" killed -x

use_badwriter
find_points
sound "the sound writer, killed after" killed -x
for defect in --in-place --no-owe --litter; do
	use_badwriter $defect
	find_points
	control "control $defect" killed
done
exit "$failed"
