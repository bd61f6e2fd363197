#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# An administrator saves a managed file at every system call of an apply, as a
# new file or in place, also one that is to be removed, by itself or with the
# tree that it is in: the edit is there afterwards, or in the backups.
set -eu
stride=64
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

edit='edited by hand'

has_edit() {
	grep -qsF "$edit" "$file" || grep -rqsF "$edit" "$state/backup"
}

# keeps_edit: at once
keeps_edit() {
	has_edit || wrong "the edit is lost" || return 1
	! grep -qsF "$edit" "$file" || [ "$status" != 0 ] ||
		[ -e "$work/late" ] ||
		wrong "it says that all is well, and the edit stands"
}

# edited FILE DONE SAVE N: where there is no folder any more, none is saved
edited() {
	file=$root$1
	rm -f "$work/late" "$work/saved"
	FILE=$file EDIT=$edit LATE=$work/late SAVED=$work/saved \
		faulty -h "$2; $3 && : >\"\$SAVED\"" "$4" || return 1
	[ ! -e "$work/saved" ] || keeps_edit || return 1
	count_ticks
	recovers any "$ticks" || return 1
	[ ! -e "$work/saved" ] || has_edit ||
		wrong "the edit is lost in the next run"
}

# shellcheck disable=SC2016 # the hooks' own variables
{
	# it was done, and perhaps looked at for the last time
	replaced='! grep -qs ^new "$FILE" || : >"$LATE"'
	removed='[ -e "$FILE" ] || : >"$LATE"'
	save='echo "$EDIT" >"$FILE.edit" && mv "$FILE.edit" "$FILE"'
	in_place='echo "$EDIT" >"$FILE"'
}

make_world
use_converge
find_points
sound "saved as a new file" edited /etc/conf "$replaced" "$save"
sound "saved in place" edited /etc/conf "$replaced" "$in_place"
sound "to be removed, a new file" edited /etc/gone "$removed" "$save"
sound "to be removed, in place" edited /etc/gone "$removed" "$in_place"
sound "in a tree to be removed" \
	edited /opt/tree/below/two "$removed" "$in_place"

use_badwriter
find_points
sound "the sound writer" edited /etc/conf "$replaced" "$save"
sound "the sound writer removes" edited /etc/gone "$removed" "$save"
use_badwriter --clobber
find_points
control "control --clobber" edited /etc/conf "$replaced" "$save"
control "control --clobber removes" edited /etc/gone "$removed" "$save"
exit "$failed"
