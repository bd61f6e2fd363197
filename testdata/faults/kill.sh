#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# SIGKILL before and after every system call of an apply and of the commands
# that it runs: each file is old or new in whole, the next run does the rest,
# the command that is notified runs as often as it must, nothing is left.
set -eu
stride=16
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# killed [-x] N
killed() {
	local status=0
	stopat -q -f -k -o "$work/calls" "$@" "${job[@]}" \
		>/dev/null 2>"$work/err" || status=$?
	survives "$status"
}

use_converge
fresh
find_points
sound "killed before" killed
sound "killed after" killed -x

only=1
use_badwriter
fresh
find_points
sound "the sound writer, before" killed
sound "the sound writer, after" killed -x
for defect in --in-place --no-owe --litter; do
	use_badwriter $defect
	fresh
	find_points
	control "control $defect" killed
done
exit $failed
