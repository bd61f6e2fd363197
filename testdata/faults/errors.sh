#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# Every system call of an apply fails, once or from then on: a run that says
# that all is well is right, one that says that nothing was changed too, each
# file is old or new in whole, and the next run does the rest. A call that was
# only interrupted is made again.
#
#	errors.sh [ERROR...]   these alone, and no controls
set -eu
stride=200
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Of those that wait for something: the others are never interrupted, or not
# for what is asked of them here, signal(7).
waits='^(read|write|pread64|pwrite64|fsync|fdatasync|flock|poll|wait4|waitid|getrandom|fallocate|ftruncate)$'

# These never fail, and brk(2) would not say so like this.
spared='^(brk|umask|getpid|getppid|gettid|getuid|geteuid|getgid|getegid)$'

is_untouched() {
	treesum "$root" | cmp -s - "$work/start.sum"
}

# ld.so(8) may die of what fails before the program is there, and takes no
# interruption, which reading a library does not meet. The program begins with
# its signals; badwriter is static.
is_loading() {
	[ "${job[0]}" != badwriter ] || return 1
	grep -q 'package that has libsqlite3' "$work/err" ||
		! awk -v at="$at" '$1 >= at { exit }
			$2 == "rt_sigaction" { started = 1 }
			END { exit !started }' "$work/calls"
}

# SQLite does not sync again; no disk is ever interrupted, signal(7).
is_sqlite() {
	grep -q 'state.db.: disk I/O error' "$work/err"
}

# fails ERROR [-I] N
fails() {
	local error=$1
	shift
	faulty -z -i "$error" "$@" || return 1
	[[ ! $call =~ $spared ]] || return 0
	[ "$status" -lt 124 ] || is_loading ||
		wrong "it ended with status $status" || return 1
	[ "$status" != 1 ] || [ "${job[0]}" = badwriter ] || is_untouched ||
		wrong "it says that it could not run, and changed something" ||
		return 1
	if [ "$error" = EINTR ] && [[ $call =~ $waits ]]; then
		[ "$status" = 0 ] || is_loading || is_sqlite ||
			wrong "it ended with status $status: $(
				tail -n 1 "$work/err")" || return 1
	fi
	survives "$status"
}

errors=("$@")
[ $# -gt 0 ] || errors=(ENOSPC EIO EACCES EINTR)

has_error() {
	[[ " ${errors[*]} " == *" $1 "* ]]
}

make_world
use_converge
find_points
for error in "${errors[@]}"; do
	sound "$error once" fails "$error"
done
for error in "${errors[@]}"; do
	# what is interrupted for ever is never done
	[ "$error" != EINTR ] || continue
	sound "$error from then on" fails "$error" -I
done

# what failed after its change was made may be the only one that notifies
if has_error EIO; then
	tick='"description": "quiet"'
	make_manifest
	find_points
	sound "EIO once, one notifies" fails EIO
	tick=$conf
	make_manifest
fi

# all but tick was done before it: what is remembered is all that asks for it
after pipe2 -1
find_points
for error in EIO EACCES; do
	has_error "$error" || continue
	sound "$error once, tick is owed" fails "$error"
	sound "$error from then on, tick is owed" fails "$error" -I
done
from_old
[ $# = 0 ] || exit "$failed"

use_badwriter
find_points
sound "the sound writer, EIO" fails EIO
sound "the sound writer, EINTR" fails EINTR
use_badwriter --deaf
find_points
control "control --deaf" fails EIO
use_badwriter --brittle
find_points
control "control --brittle" fails EINTR
exit "$failed"
