#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# A file with mode 0600 is at no instant there for others to read: looked at
# as nobody after every system call of an apply, and of the one after a kill.
set -eu
stride=1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# What cannot change what others may read is looked at in the full sweep only.
looked=(-c "openat,write,pwrite64,rename,renameat,renameat2,link,linkat,symlinkat,mkdir,mkdirat,unlinkat,fchmod,fchmodat,fchown,fchownat,execve,exit_group")
[ "${CONVERGE_SWEEP-}" != full ] || looked=()

# shellcheck disable=SC2016 # the hook's own variables
hook='! setpriv --reuid 65534 --regid 65534 --clear-groups \
	grep -rqsF "$CANARY" "$ROOT" "$STATE" "/proc/$STOPAT_PID/cmdline"'

# looks: how often nobody could read it, in exposed, of calls
looks() {
	read -r _ calls _ _ exposed _ < <(
		CANARY=$canary ROOT=$root STATE=$state stopat -f -e \
			"${looked[@]}" -h "$hook" 0 "${job[@]}" 2>&1 \
			>/dev/null | grep '^stopat ')
}

# exposes WHAT
exposes() {
	looks
	say "$1: read at $exposed of $calls instants"
	is_new || die "$1: the job is not done: $why"
}

make_world
use_converge
fresh
setpriv --reuid 65534 --regid 65534 --clear-groups \
	cat "$root/etc/conf" >/dev/null || die "nobody can read nothing here"
exposes "an apply"
[ "$exposed" = 0 ] || failed=1

# what a kill left must go without being shown
fresh
stopat -q -f -k -x renameat2:2 "${job[@]}" >/dev/null 2>&1 || true
exposes "the apply after a kill"
[ "$exposed" = 0 ] || failed=1

use_badwriter
fresh
exposes "the sound writer"
[ "$exposed" = 0 ] || failed=1
use_badwriter --create-0644
fresh
exposes "control --create-0644"
[ "$exposed" -gt 0 ] || failed=1
exit "$failed"
