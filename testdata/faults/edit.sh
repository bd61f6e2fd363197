#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# An administrator saves a managed file at every system call of an apply, as a
# new file or in place: the edit is there afterwards, or in the backups.
set -eu
stride=40
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

edit='edited by hand'

has_edit() {
	grep -qsF "$edit" "$root/etc/conf" ||
		grep -rqsF "$edit" "$state/backup"
}

# edited HOOK N
edited() {
	local status=0
	CONF=$root/etc/conf EDIT=$edit stopat -q -f -h "$1" "$2" "${job[@]}" \
		>/dev/null 2>"$work/err" || status=$?
	has_edit || wrong "the edit is lost" || return 1
	! grep -qsF "$edit" "$root/etc/conf" || [ "$status" != 0 ] ||
		[ "$2" -ge "$last_look" ] ||
		wrong "it says that all is well, and the edit stands" ||
		return 1
	count_ticks
	recovers "$status" "$ticks" || return 1
	has_edit || wrong "the edit is lost in the next run"
}

# shellcheck disable=SC2016 # the hooks' own variables
{
	save='echo "$EDIT" >"$CONF.edit" && mv "$CONF.edit" "$CONF"'
	in_place='echo "$EDIT" >"$CONF"'
}

make_world
use_converge
find_points
# after the child was started nothing is looked at any more
last_look=$(awk '$2 ~ /^(clone|clone3|vfork)$/ { print $1; exit }' \
	"$work/points")
sound "saved as a new file" edited "$save"
sound "saved in place" edited "$in_place"

use_badwriter --clobber
find_points
control "control --clobber" edited "$save"
exit "$failed"
