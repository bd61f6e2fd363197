# shellcheck shell=bash disable=SC2034 # for the tests
# SPDX-License-Identifier: MIT
#
# lib.sh is what the fault tests share: a world that an apply has to change in
# every way that it can, a fault at one system call of that apply, and what
# must hold after it. A test sources it, makes a world, picks a job and its
# points, and then says
#
#	sound WHAT FUNCTION     FUNCTION N must hold for each of $points
#	control WHAT FUNCTION   and must not, for one point at least: the job is
#	                        a writer with a defect, that the test must find
#
#	TOOLS=DIR          where the tools were built (the folder of stopat)
#	CONVERGE=FILE      the converge to test
#	CONVERGE_SWEEP=N   every Nth call is a point, and eight times as many of
#	                   those that change something (default: the test's
#	                   stride); "full": all are
#
# Each test runs as root in namespaces of its own, on a file system in memory:
# what it mounts, starts and writes is gone when it ends, however it ends.
# Exit status 77: that cannot be had here.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${TOOLS:=$here/../../build/release/testdata}"
: "${CONVERGE:=$TOOLS/../cmd/converge}"

say() {
	echo "${0##*/}: $*"
}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

skip() {
	say "skipped: $*"
	exit 77
}

# --- a place of its own ---

apart() {
	local child status=0
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	unshare --mount --pid --fork --kill-child --mount-proc \
		setarch --addr-no-randomize true 2>/dev/null ||
		skip "needs namespaces"
	"$TOOLS/stopat" -q 0 true || skip "needs ptrace"
	FAULTS=$(mktemp -d /tmp/faults.XXXXXX)
	export FAULTS TOOLS CONVERGE
	# a heap that is always at one place makes calls that are as many
	setpriv --pdeathsig KILL \
		unshare --mount --pid --fork --kill-child --mount-proc -- \
		setarch --addr-no-randomize "$0" "$@" &
	child=$!
	# Its process 1, so that it ends when all is gone: to remove what others
	# have mounted on would leave loop devices behind that nobody can detach.
	trap 'kill -KILL $(cat "/proc/$child/task/$child/children") ||
		kill -KILL "$child"' INT TERM HUP
	while kill -0 "$child" 2>/dev/null; do
		status=0
		wait "$child" || status=$?
	done
	rmdir "$FAULTS"
	exit "$status"
}

for tool in stopat treesum swap godown badwriter tick bring; do
	[ -x "$TOOLS/$tool" ] || die "no '$tool' in '$TOOLS'; set TOOLS"
done
[ -x "$CONVERGE" ] || die "no '$CONVERGE'; set CONVERGE"
TOOLS=$(cd "$TOOLS" && pwd)
CONVERGE=$(cd "$(dirname "$CONVERGE")" && pwd)/${CONVERGE##*/}
[ -n "${FAULTS-}" ] || apart "$@"

work=$FAULTS
mount -t tmpfs -o mode=0711,size=512m faults "$work"
umask 022
cd "$work" || exit
export LC_ALL=C
PATH=$TOOLS:$PATH

# --- the world ---

canary=cD7kQ2vX9mZ4wR1p
old=$work/old new=$work/new
root=$work/root state=$work/state
manifest=$work/manifest.json

# More than one write(2), and no lines that would be compared.
big() {
	head -c 300000 /dev/zero
	echo "$1"
}

# The tree before: of what is told of in the manifest, all differs but "same",
# "keep" and "u"; "bystander" and "linked" are told of nowhere.
make_old() {
	local etc=$old/etc
	mkdir -p "$old"/{bin,log,run,home/u,usr/bin,opt/tree/below} \
		"$etc"/{conf.d/stray.d/deep,was-dir/below}
	cp "$TOOLS/tick" "$old/bin/tick"
	: >"$old/log/ticks"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$etc/passwd"
	echo 'u:x:1000:1000:u:/home/u:/bin/sh' >>"$etc/passwd"
	printf 'root:x:0:\nu:x:1000:\n' >"$etc/group"
	echo same >"$etc/same"
	echo old >"$etc/conf"
	echo old >"$etc/owned"
	chmod 0640 "$etc/owned"
	big old >"$etc/big"
	echo mode >"$etc/mode"
	echo owner >"$etc/owner"
	echo gone >"$etc/gone"
	echo old >"$etc/checked"
	echo "old $canary" >"$etc/key"
	chmod 0600 "$etc/key"
	ln -s v1 "$etc/current"
	echo a >"$etc/was-dir/a"
	echo b >"$etc/was-dir/below/b"
	for stray in keep stray stray.d/one stray.d/deep/two; do
		echo "$stray" >"$etc/conf.d/$stray"
	done
	echo bystander >"$etc/bystander"
	ln "$etc/bystander" "$etc/linked"
	echo program >"$old/usr/bin/su"
	chmod 4755 "$old/usr/bin/su"
	echo one >"$old/opt/tree/one"
	echo two >"$old/opt/tree/below/two"
	echo old >"$old/home/u/.profile"
	chown -R 1000:1000 "$old/home/u"
}

# The tree after, made by nobody whom this tests.
make_new() {
	local etc=$new/etc
	cp -a "$old" "$new"
	echo new >"$etc/conf"
	echo new >"$etc/owned"
	chown 1000:1000 "$etc/owned"
	chmod 0600 "$etc/owned"
	big new >"$etc/big"
	chmod 0600 "$etc/mode"
	chown 1000:1000 "$etc/owner"
	chmod 0640 "$etc/owner"
	rm "$etc/gone"
	echo new >"$etc/checked"
	echo "new $canary" >"$etc/key"
	echo "first $canary" >"$etc/secret"
	chmod 0600 "$etc/secret"
	ln -sfn v2 "$etc/current"
	ln -s current "$etc/link"
	rm -r "$etc/was-dir" "$etc/conf.d/stray" "$etc/conf.d/stray.d"
	echo file >"$etc/was-dir"
	echo newer >"$new/usr/bin/su"
	chmod 4755 "$new/usr/bin/su"
	rm -r "$new/opt/tree"
	mkdir -p "$new/srv/a/b"
	chmod 0750 "$new/srv/a"
	chgrp 1000 "$new/srv/a"
	echo deep >"$new/srv/a/b/file"
	echo new >"$new/home/u/.profile"
	mkdir -m 0700 "$new/home/u/.config"
	echo mine >"$new/home/u/.config/app"
	chmod 0600 "$new/home/u/.config/app"
	chown -R 1000:1000 "$new/home/u"
}

# What /etc/conf has, and what all others have.
conf='"notify": "exec:tick"'
tick=$conf

make_manifest() {
	cat >"$manifest" <<-END
	{ "version": 1, "host": "h", "resources": {
	"exec:tick": { "command": ["/bin/tick", "/log/ticks"],
		"refreshonly": true },
	"file:/etc/same": { "content": "same\n", "mode": "0644", $tick },
	"file:/etc/conf": { "content": "new\n", $conf },
	"file:/etc/owned": { "content": "new\n", "owner": "u", "group": "u",
		"mode": "0600", $tick },
	"file:/etc/big": { "source": "big", $tick },
	"file:/etc/mode": { "mode": "0600", $tick },
	"file:/etc/owner": { "owner": "1000", "group": "1000", "mode": "0640",
		$tick },
	"file:/etc/gone": { "ensure": "absent", $tick },
	"file:/etc/checked": { "content": "new\n",
		"validate": ["/bin/tick", "%"], $tick },
	"file:/etc/key": { "content": "new $canary\n", "mode": "0600",
		"sensitive": true, $tick },
	"file:/etc/secret": { "content": "first $canary\n", "mode": "0600",
		"sensitive": true, $tick },
	"link:/etc/current": { "target": "v2", $tick },
	"link:/etc/link": { "target": "current", $tick },
	"file:/etc/was-dir": { "content": "file\n", "force": true, $tick },
	"directory:/etc/conf.d": { "purge": true, $tick },
	"file:/etc/conf.d/keep": { "content": "keep\n", $tick },
	"file:/usr/bin/su": { "content": "newer\n", "mode": "4755", $tick },
	"directory:/opt/tree": { "ensure": "absent", "force": true, $tick },
	"directory:/srv": { "mode": "0755", $tick },
	"directory:/srv/a": { "group": "1000", "mode": "0750", $tick },
	"directory:/srv/a/b": { "mode": "0755", $tick },
	"file:/srv/a/b/file": { "content": "deep\n", $tick },
	"directory:/home/u": { "owner": "u", $tick },
	"file:/home/u/.profile": { "content": "new\n", "owner": "u",
		"group": "u", $tick },
	"directory:/home/u/.config": { "owner": "u", "group": "u",
		"mode": "0700", $tick },
	"file:/home/u/.config/app": { "content": "mine\n", "owner": "u",
		"group": "u", "mode": "0600", $tick } } }
	END
	cp "$new/etc/big" "$work/big"
	chmod 0600 "$manifest"
}

# What a folder is for a moment as it is made, or a node as it is given away:
# tighter than before and after.
make_between() {
	cat >"$work/between" <<-END
	./srv d 0700 0 0 - - - -
	./srv/a d 0700 0 0 - - - -
	./srv/a d 0700 0 1000 - - - -
	./srv/a/b d 0700 0 0 - - - -
	END
	sed -n 's/^\(\.\/etc\/owner f\) 0644 0 0/\1 0640 0 0/p' \
		"$work/old.sum" >>"$work/between"
	# converge makes that one as the user
	cat "$work/between" - >"$work/between.root" <<-END
	./home/u/.config d 0700 0 0 - - - -
	END
}

make_world() {
	make_old
	make_new
	make_manifest
	treesum "$old" >"$work/old.sum"
	treesum "$new" >"$work/new.sum"
	make_between
	chmod 0700 "$old" "$new"
	from_old
}

# What a run starts with, and how often tick was run by then.
from_old() {
	start=$old base_ticks=0
	cp "$work/old.sum" "$work/start.sum"
}

fresh() {
	rm -rf "$root" "$state"
	mkdir "$root"
	cp -a "$start/." "$root"
	chmod 0755 "$root"
	if [ -d "$start.state" ]; then
		cp -a "$start.state" "$state"
	fi
}

# --- the job ---

use_converge() {
	kind=sound
	local options=(--host h --root "$root" --state-dir "$state")
	job=("$CONVERGE" apply "$manifest" "${options[@]}")
	still=("$CONVERGE" plan "$manifest" "${options[@]}")
	between=$work/between
}

# use_badwriter [DEFECT...]: its points are what it changes, all of that when
# a defect must be found
use_badwriter() {
	kind=$([ $# = 0 ] && echo changes || echo all)
	job=(badwriter "$@" "$new" "$root" "$state")
	still=(true)
	between=$work/between.root
}

# --- what must hold: each says in why what does not ---

why=
wrong() {
	why=$*
	return 1
}

# Of a tree in sums: each line must be one of old, new or between, and each
# name that is in old and new must be there; strictly, it must be new alone.
# What has a temporary name may be read by others only if they could read it
# before, or will.
# shellcheck disable=SC2016 # the program's own $
judge='
function fields(n,  i, text) {
	for (i = 1; i <= n; i++)
		text = text " " $i
	return text
}
/^\.\/log/ { next }
FILENAME != have {
	allowed[$0]
	known[$8]
	if ($3 ~ /[4-7]$/)
		public[$8]
	if (FILENAME == new)
		is_new[$1]
	else if (FILENAME == old)
		is_old[$1]
	next
}
# a folder for root alone, and what is in it may be half a copy
!strict && $1 ~ /\/converge-validate-[^\/]*\// { next }
!strict && $1 ~ /\/converge-validate-/ && $2 $3 == "d0700" { next }
!strict && $1 ~ /\/\.converge-/ {
	if ($2 == "f" && $3 ~ /[4-7]$/ && $8 in known && !($8 in public))
		print "all may read" fields(7)
	next
}
!($0 in allowed) { print "there is" fields(7); next }
{ seen[$1] }
END {
	for (name in is_new)
		if (!(name in seen) && (strict || name in is_old))
			print "there is no " name
}'

judge() {
	local found
	treesum "$root" >"$work/have.sum" || wrong "it cannot be read" ||
		return 1
	found=$(awk -v "have=$work/have.sum" -v "new=$work/new.sum" \
		-v "old=$work/old.sum" -v "strict=$1" "$judge" "${@:2}" \
		"$work/new.sum" "$work/have.sum") || die "awk fails"
	[ -z "$found" ] || wrong "${found//$'\n'/, }"
}

# Each thing is as it was or as it is to be, in whole.
is_whole() {
	judge 0 "$work/old.sum" "$between"
}

# All is as it is to be, and nothing else is there.
is_new() {
	judge 1
}

count_ticks() {
	local lines
	mapfile -t lines <"$root/log/ticks"
	ticks=${#lines[@]}
}

# Nobody but this shell, which is process 1.
is_alone() {
	local i seen=
	for ((i = 0; i < 50; i++)); do
		seen=
		for process in /proc/[0-9]*; do
			[ "${process#/proc/}" = $$ ] || seen+=" $process"
		done
		[ -n "$seen" ] || return 0
		read -rt 0.02 <> <(:) || true
	done
	wrong "left running:$seen"
}

has_no_strays() {
	local stray
	for stray in "$state"/*.new* "$state"/*damaged* "$state"/backup/*.new*; do
		[ ! -e "$stray" ] || wrong "left in the state: $stray" ||
			return 1
	done
}

# It was told, for kills until then, that tick has run: what was synced after
# its start. What is killed need not have written that down.
has_paid() {
	awk '$2 ~ /^(clone|clone3|fork|vfork)$/ { started = NR; synced = 0 }
		started && $2 == "fdatasync" { synced = NR }
		END { exit !(synced && synced < NR) }' "$work/calls"
}

# ticked_rightly STATUS BEFORE: at least once, and again only when a kill came
# between a tick and the record of it; or, with any as the status, when there
# was more to do
ticked_rightly() {
	local status=$1 before=$2
	[ "$ticks" -gt 0 ] || wrong "no tick at all" || return 1
	[ "$status" != any ] || return 0
	[ "$ticks" != $((before > 1 ? before : 1)) ] || return 0
	[ "$ticks" = $((before + 1)) ] ||
		wrong "$ticks ticks, $before before the next run" || return 1
	[ "$status" != 0 ] || wrong "one more tick after success" || return 1
	[ "$status" != 137 ] || ! has_paid ||
		wrong "one more tick though it was paid" || return 1
	again=$((again + 1))
}

# recovers STATUS TICKS: the next run ends what one that ended so, after so
# many ticks, left.
recovers() {
	local status=$1 before=$2 code=0
	"${job[@]}" >"$work/out" 2>&1 || code=$?
	[ "$code" = 0 ] || wrong "the next run exits with $code: $(
		tail -n 1 "$work/out")" || return 1
	is_new || wrong "after the next run: $why" || return 1
	count_ticks
	ticked_rightly "$status" "$before" || return 1
	has_no_strays || return 1
	code=0
	"${still[@]}" >"$work/out" 2>&1 || code=$?
	[ "$code" = 0 ] || wrong "a plan after it exits with $code: $(
		grep -v '^plan:' "$work/out" | tail -n 1)" || return 1
	is_alone
}

# survives STATUS: what must hold at once after a run that ended so
survives() {
	is_whole || return 1
	count_ticks
	[ "$ticks" -le $((base_ticks + 1)) ] ||
		wrong "$ticks ticks in one run" || return 1
	if [ "$1" = 0 ]; then
		is_new || wrong "it says that all is well, but $why" || return 1
		[ "$ticks" -gt 0 ] || wrong "it says that all is well" \
			"without a tick" || return 1
	fi
	recovers "$1" "$ticks"
}

# --- sweeps ---

# after CALL NTH: what a kill after that call leaves, -1 is the last, is what
# runs start with
after() {
	local nth=$2 total
	from_old
	fresh
	stopat -q -f -o "$work/points" 0 "${job[@]}" >/dev/null 2>&1 ||
		die "the job fails without a fault"
	total=$(grep -c " $1\$" "$work/points" || true)
	[ "$nth" -gt 0 ] || nth=$total
	[ "$nth" -le "$total" ] || die "there is no $1 $2"
	fresh
	stopat -q -f -k -x "$1:$nth" "${job[@]}" >/dev/null 2>&1 || true
	count_ticks
	base_ticks=$ticks
	rm -rf "$work/half" "$work/half.state"
	cp -a "$root" "$work/half"
	cp -a "$state" "$work/half.state"
	start=$work/half
	treesum "$root" >"$work/start.sum"
}

# Calls that change something, start something or wait for something.
changes='^(write|pwrite64|ftruncate|fallocate|fsync|fdatasync|syncfs|link|linkat|rename|renameat|renameat2|unlink|unlinkat|mkdir|mkdirat|rmdir|symlinkat|fchmod|fchmodat|fchown|fchownat|clone|clone3|execve|wait4|waitid|exit_group)$'

# Which calls of the job to try, in points, of how many, in calls; but none
# that spared matches. Each as "name:nth": processes that run at once make
# their calls in any order, but each name's are as many, or nearly.
spared='^$'
find_points() {
	local every=${CONVERGE_SWEEP:-$stride}
	[ "$every" != full ] || every=1
	fresh
	stopat -q -f -o "$work/points" 0 "${job[@]}" >/dev/null 2>&1 ||
		die "the job fails without a fault"
	calls=$(wc -l <"$work/points")
	mapfile -t points < <(awk -v every="$every" -v kind="$kind" \
		-v changes="$changes" -v spared="$spared" -v dense="$((every > 8 ? every / 8 : 1))" '
		{ point = $2 ":" ++count[$2] }
		$2 ~ spared { next }
		$2 ~ changes && (kind == "all" || nth++ % dense == 0) ||
		kind == "sound" && NR % every == 1 % every { print point }' \
		"$work/points")
}

failed=0
again=0 bad=0 missed=0 point='' call='' at=''
# faulty ARGUMENT...: stopat with these and the job; its status in status, and
# in call and at what the job was stopped at: nothing when it ended before
faulty() {
	status=0
	timeout -s KILL 60 stopat -d -f -o "$work/calls" "$@" "${job[@]}" \
		>/dev/null 2>"$work/err" || status=$?
	[ "$status" != 125 ] || die "stopat fails: $(tail -n 1 "$work/err")"
	call='?'
	grep -q '^stopat [0-9]* calls ' "$work/err" || wrong "it hangs" ||
		return 1
	read -r at call < <(sed -n 's/^stopat .* at \([0-9]* [^ ]*\) .*/\1/p' \
		"$work/err") || true
}

# stands FUNCTION [ARGUMENT...]: whether it holds at the point. Who waits for
# another process may look more or less often, so that a point may be missed.
patience=8
stands() {
	local tries
	for ((tries = 0; tries < patience; tries++)); do
		call=
		fresh
		"$@" "$point" || [ -z "$call" ] || return 1
		[ -z "$call" ] || return 0
	done
	missed=$((missed + 1))
}

# sweep LIMIT WHAT FUNCTION [ARGUMENT...]
sweep() {
	local limit=$1 what=$2 tried=0 status began=$SECONDS
	shift 2
	bad=0 again=0 missed=0
	for point in "${points[@]}"; do
		tried=$((tried + 1))
		stands "$@" && continue
		bad=$((bad + 1))
		[ "$limit" = 1 ] ||
			say "FAILED: $what, $point: $why"
		[ $bad -lt "$limit" ] || break
	done
	summary="$tried points of $calls, $bad failures"
	[ $again = 0 ] || summary+=", $again second ticks"
	[ $missed = 0 ] || summary+=", $missed missed"
	summary+=", $((SECONDS - began)) s"
}

sound() {
	sweep 20 "$@"
	say "$1: $summary"
	[ $bad = 0 ] || failed=1
}

control() {
	sweep 1 "$@"
	if [ $bad = 0 ]; then
		say "FAILED: $1: the defect is not found, $summary"
		failed=1
	else
		say "$1: found at $point: $why"
	fi
}
