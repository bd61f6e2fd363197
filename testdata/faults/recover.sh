#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# SIGKILL before every system call of the run after a kill: what is half
# recovered is recovered by the next one. The first kills come where each
# leaves something else behind.
set -eu
stride=24
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# killed [-x] N
killed() {
	faulty -k "$@" || return 1
	survives "$status"
}

# recovered WHAT CALL NTH
recovered() {
	after "$2" "$3"
	find_points
	sound "$1" killed
}

make_world
use_converge
recovered "killed with a name moved aside" renameat2 1
recovered "killed with two names exchanged" renameat2 2
recovered "killed after tick, before it is noted" waitid -1
if [ "${CONVERGE_SWEEP-}" = full ]; then
	recovered "killed as the database is made" renameat 1
	recovered "killed with what is owed noted" fdatasync 1
	recovered "killed in the midst of new names" linkat 6
	recovered "killed with a folder half made" mkdirat 5
	recovered "killed with a tree half removed" unlinkat 35
	recovered "killed with a copy half kept" write 23
fi

use_badwriter --litter
after renameat2 1
find_points
control "control --litter" killed
exit "$failed"
