#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# An administrator saves a managed file at every system call of an apply, as a
# new file or in place: the edit is there afterwards, or in the backups.
set -eu
stride=64
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

edit='edited by hand'

has_edit() {
	grep -qsF "$edit" "$root/etc/conf" ||
		grep -rqsF "$edit" "$state/backup"
}

# edited HOOK N
edited() {
	rm -f "$work/late"
	CONF=$root/etc/conf EDIT=$edit LATE=$work/late faulty -h "$late; $1" "$2"
	has_edit || wrong "the edit is lost" || return 1
	! grep -qsF "$edit" "$root/etc/conf" || [ "$status" != 0 ] ||
		[ -e "$work/late" ] ||
		wrong "it says that all is well, and the edit stands" ||
		return 1
	count_ticks
	recovers any "$ticks" || return 1
	has_edit || wrong "the edit is lost in the next run"
}

# shellcheck disable=SC2016 # the hooks' own variables
{
	# it was in place, and perhaps looked at for the last time
	late='! grep -qs ^new "$CONF" || : >"$LATE"'
	save='echo "$EDIT" >"$CONF.edit" && mv "$CONF.edit" "$CONF"'
	in_place='echo "$EDIT" >"$CONF"'
}

make_world
use_converge
find_points
sound "saved as a new file" edited "$save"
sound "saved in place" edited "$in_place"

use_badwriter
find_points
sound "the sound writer" edited "$save"
use_badwriter --clobber
find_points
control "control --clobber" edited "$save"
exit "$failed"
