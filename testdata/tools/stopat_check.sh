#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# stopat_check.sh [DIR]: are the fault tools in DIR fit to find faults? Each is
# turned on a writer known to be broken, where it must find what is wrong, and
# on a sound one, where it must find nothing. Exit status 77: no ptrace here.
# The power cuts need root and a loop device, and are skipped without.
set -eu

tools=$(cd "${1:-.}" && pwd)
PATH=$tools:$PATH
export PATH
for tool in stopat swap godown treesum; do
	[ -x "$tools/$tool" ] || {
		echo "no '$tool' in '$tools'" >&2
		exit 1
	}
done

work=$(mktemp -d /tmp/stopat_check.XXXXXX)
mount=$work/mount
# shellcheck disable=SC2317 # the trap calls it
cleanup() {
	cd /
	if mountpoint -q "$mount"; then
		umount "$mount"
	fi
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP
cd "$work"

stopat -q 0 true || {
	echo "cannot trace here"
	exit 77
}

failed=0
# is WHAT HAVE WANT
is() {
	if [ "$2" = "$3" ]; then
		echo "ok: $1"
	else
		echo "FAILED: $1: have '$2', want '$3'"
		failed=1
	fi
}

# calls [OPTION...] COMMAND...: how many there are
calls() {
	stopat "$@" 2>&1 >/dev/null | awk '/^stopat / { print $2 }'
}

status() {
	local code=0
	"$@" >/dev/null 2>&1 || code=$?
	echo "$code"
}

check_count() {
	local first
	echo text >file
	first=$(calls 0 cat file)
	is "some calls are counted" "$((first > 10))" 1
	is "counts are stable" "$(calls 0 cat file) $(calls 0 cat file)" \
		"$first $first"
	stopat -q -o list 0 cat file >/dev/null
	is "the list has each call" "$(wc -l <list)" "$first"
	is "the list ends with the end" "$(tail -1 list)" "$first exit_group"
	is "only what is named counts" "$(calls -c exit_group,1000 0 cat file)" 1
	is "children do not count" "$(calls -c execve 0 sh -c '/bin/true; :')" 0
	is "but with -f" "$(calls -f -c execve 0 sh -c '/bin/true; :')" 1
	if command -v strace >/dev/null; then
		strace -o trace cat file >/dev/null
		# one more: the execve that starts it
		is "as strace counts" \
			"$(grep -c '^[a-z0-9_]*(' trace)" "$((first + 1))"
	fi
}

check_status() {
	is "exit status" "$(status stopat 0 sh -c 'exit 7')" 7
	is "signals are passed on" \
		"$(status stopat 0 sh -c 'kill -TERM $$')" 143
	is "handlers run" \
		"$(status stopat 0 sh -c 'trap "exit 9" USR1; kill -USR1 $$')" 9
	is "not found" "$(status stopat 0 /nonexistent)" 127
	is "bad usage" "$(status stopat x true)" 125
	is "unknown call" "$(status stopat -c open_sesame 1 true)" 125
	is "-s" "$(status stopat -s TERM -c write 1 \
		sh -c 'trap "exit 9" TERM; echo')" 9
	is "the closing line" \
		"$(stopat -c write -k 2 sh -c 'echo; echo' 2>&1 >/dev/null)" \
		"stopat 2 calls at 2 write status 137"
	stopat -q -o list 0 sh -c 'echo; echo' >/dev/null
	is "the Nth of a name is where the list has it" \
		"$(stopat -k write:2 sh -c 'echo; echo' 2>&1 >/dev/null |
			cut -d ' ' -f 5-6)" \
		"$(awk '$2 == "write" && ++n == 2' list)"
	is "-d: then it is let go" "$(stopat -d -i write=EIO 1 \
		sh -c 'echo; echo; echo; exit 3' 2>&1 >/dev/null | tail -1)" \
		"stopat 1 calls at 1 write status 3"
	is "past the end nothing happens" "$(status stopat -k 100000 true)" 0
	is "-q" "$(stopat -q 0 true 2>&1)" ""
	is "SIGCHLD ignored" "$(trap '' CHLD
		status stopat 0 sh -c 'exit 7')" 7
}

check_processes() {
	stopat -q -f 0 sh -c '(sleep 0.2; echo late >late) & exit 0'
	is "-f waits for all" "$(cat late)" late
	is "-k kills the one that calls" "$(stopat -q -f -k -c mkdir 1 \
		sh -c 'mkdir one; echo $?' 2>/dev/null)" 137
	is "-K kills the group" "$(stopat -q -f -K -c mkdir 1 \
		sh -c 'mkdir one; echo $?' 2>/dev/null || echo $?)" 137
	is "neither was let go" "$(ls -d one 2>/dev/null)" ""
	# shellcheck disable=SC2016 # the hook's own variable
	is "a stopped process is held, and goes on" "$(status stopat -s STOP \
		-h '(sleep 0.3; date +%s%N >resumed
			kill -CONT $STOPAT_PID) </dev/null >/dev/null 2>&1 &' \
		-c write 1 sh -c 'echo; date +%s%N >ended')" 0
	is "no sooner than that" "$(($(cat ended) > $(cat resumed)))" 1
}

# its tracees die with it: nobody finishes the job unseen
check_exit_kill() {
	local state
	stopat -q 0 sh -c 'echo $$ >pid; exec sleep 60' &
	until [ -s pid ]; do sleep 0.05; done
	kill -KILL $!
	wait $! 2>/dev/null || true
	sleep 0.2
	# dead, and perhaps not yet waited for by init
	state=$(awk '/^State:/ { print $2 }' "/proc/$(cat pid)/status" \
		2>/dev/null || true)
	is "they die with stopat" "${state:-Z}" Z
}

check_before_and_after() {
	stopat -q -k -c mkdir 1 mkdir before || true
	is "before the call" "$(ls -d before 2>/dev/null)" ""
	stopat -q -k -x -c mkdir 1 mkdir after || true
	is "after the call" "$(ls -d after)" after
}

check_error() {
	local said
	said=$(stopat -q -i write=ENOSPC 1 \
		dd if=/dev/zero of=dd bs=100 count=1 2>&1 || true)
	case $said in
	*"No space left on device"*) said=yes ;;
	esac
	is "dd tells of it" "$said" yes
	is "dd wrote nothing" "$(stat -c %s dd)" 0
	stopat -q -x -i write=EIO 1 \
		dd if=/dev/zero of=dd bs=100 count=1 2>/dev/null || true
	is "-x: it failed, and was done" "$(stat -c %s dd)" 100
	is "a call that lies" \
		"$(status stopat -i mkdir=0 1 mkdir lies) $(status ls lies)" "0 2"
	stopat -q -i write=EIO 2 sh -c 'echo a; echo b; echo c' \
		>once 2>/dev/null || true
	is "once" "$(tr -d '\n' <once)" ac
	stopat -q -I -i write=EIO 2 sh -c 'echo a; echo b; echo c' \
		>sticky 2>/dev/null || true
	is "-I: from then on" "$(tr -d '\n' <sticky)" a
	is "the end cannot fail" "$(status stopat -i exit_group=EIO 1 true)" 0
	# the first ones are of the program's loader
	# shellcheck disable=SC2016 # the command's own variable
	is "what close fails for is closed" "$(for k in 3 4 5; do
		status stopat -i close=EIO $k sh -c 'exec 7>/dev/null 7>&-
			test ! -e /proc/$$/fd/7'
	done)" "$(printf '0\n0\n0')"
}

check_sleep() {
	is "-z: nobody sleeps" "$(status timeout 10 stopat -z 0 sleep 60)" 0
	is "but for a moment" \
		"$(calls -z -c clock_nanosleep 0 sleep 0.001)" 1
}

check_hook() {
	# shellcheck disable=SC2016 # the hook's own variables
	is "what a hook is told" "$(stopat -q -c mkdir \
		-h 'echo $STOPAT_N $STOPAT_CALL; test -d /proc/$STOPAT_PID &&
			test ! -e told && echo not yet' 1 mkdir told)" \
		"$(printf '1 mkdir\nnot yet')"
	is "its failures are counted" \
		"$(stopat -e -h 'exit 3' -c write 0 sh -c 'echo; echo' 2>&1 |
			tail -1)" "stopat 2 calls failures 2 status 0"
}

# sweep PREPARE JUDGE COMMAND...: for how many points does JUDGE fail when
# COMMAND is killed there?
sweep() {
	local prepare=$1 judge=$2 bad=0 last k
	shift 2
	$prepare
	last=$(calls -f 0 "$@")
	for ((k = 1; k <= last; k++)); do
		$prepare
		stopat -q -f -K "$k" "$@" >/dev/null 2>&1 || true
		$judge || bad=$((bad + 1))
	done
	echo "$bad"
}

# shellcheck disable=SC2317 # sweep calls it
prepare_files() {
	echo old >have
	echo new >want
	rm -f have.new
}

# shellcheck disable=SC2317 # sweep calls it
is_whole() {
	cmp -s have want || [ "$(cat have)" = old ]
}

check_torn() {
	local torn
	torn=$(sweep prepare_files is_whole cp want have)
	is "a writer in place tears the file" "$((torn > 0))" 1
	is "one that renames does not" "$(sweep prepare_files is_whole \
		sh -c 'cp want have.new && mv have.new have')" 0
}

# how often was the secret there for all to read?
exposures() {
	rm -f secret
	# shellcheck disable=SC2016 # the hook's own substitution
	stopat -f -e -h 'test -z "$(find secret -perm -4 2>/dev/null)"' \
		-c openat,write,close,fchmodat,chmod 0 "$@" 2>&1 |
		awk '/^stopat / { print $5 }'
}

check_exposure() {
	local n
	n=$(exposures sh -c 'umask 022; echo x >secret; chmod 600 secret')
	is "0644 at first is seen" "$((n > 0))" 1
	is "0600 from the start is not" "$(exposures sh -c \
		'umask 077; echo x >secret; chmod 600 secret')" 0
}

# escapes COMMAND...: at how many points does a swap of the folder d and a link
# to the folder outside make COMMAND write there?
escapes() {
	local bad=0 last k
	rm -rf d link outside
	mkdir d outside
	last=$(calls 0 "$@")
	for ((k = 1; k <= last; k++)); do
		rm -rf d link outside
		mkdir d outside
		ln -s outside link
		stopat -q -h "swap d link" "$k" "$@" >/dev/null 2>&1 || true
		[ ! -e outside/file ] || bad=$((bad + 1))
	done
	echo "$bad"
}

check_swap() {
	local n
	n=$(escapes sh -c '[ -L d ] || echo x >d/file')
	is "a writer that trusts a path escapes" "$((n > 0))" 1
	# the folder that it holds may be called link by now
	# shellcheck disable=SC2016 # the writer's own variable
	n=$(escapes sh -c 'top=$(pwd -P); cd -P d; case $(/bin/pwd) in
		"$top/d" | "$top/link") echo x >file ;;
		esac')
	is "one that holds its folder does not" "$n" 0
	is "swap fails where there is nothing" "$(status swap d nothing)" 1
}

check_treesum() {
	local same change
	mkdir -p tree/folder
	echo a >tree/folder/file
	echo b >'tree/odd name'
	ln -s folder/file tree/link
	mkfifo tree/pipe
	cp -a tree copy
	same=$(treesum tree)
	is "copies have one sum" "$(treesum copy)" "$same"
	is "a line for each" "$(treesum tree | wc -l)" 6
	for change in 'echo c >copy/folder/file' 'chmod 600 copy/folder/file' \
		'chmod 700 copy/folder' 'rm copy/pipe' 'ln -f copy/folder/file copy/more' \
		'ln -sfn folder copy/link' 'mv "copy/odd name" copy/odd' \
		'rm copy/pipe && touch copy/pipe'; do
		rm -rf copy
		cp -a tree copy
		sh -c "$change"
		is "seen: $change" "$([ "$(treesum copy)" = "$same" ] || echo yes)" yes
	done
	is "an absent tree is an error" "$(status treesum nothing)" 1
}

# power_cut FLAG COMMAND: what is in the file when the power goes after COMMAND?
power_cut() {
	cp base.img cut.img
	mount -o loop,noauto_da_alloc cut.img "$mount"
	(cd "$mount" && sh -c "$2")
	godown "$mount" "$1"
	umount "$mount"
	mount -o loop cut.img "$mount"
	tr '\0' '?' <"$mount/have" | head -c 3
	umount "$mount"
}

make_image() {
	mkdir -p "$mount"
	truncate -s 16M base.img
	mkfs.ext4 -qF base.img
	mount -o loop base.img "$mount"
	echo old >"$mount/have"
	umount "$mount"
}

check_power() {
	local torn
	if [ "$(id -u)" -ne 0 ] || ! command -v mkfs.ext4 >/dev/null ||
		! make_image 2>/dev/null; then
		echo "skipped: power cuts (need root, mkfs.ext4 and a loop device)"
		return 0
	fi
	torn=$(power_cut 1 'echo new >have.new && mv have.new have')
	is "unsynced, a power cut tears the file" \
		"$([ "$torn" != old ] && [ "$torn" != new ] && echo torn)" torn
	is "synced, it does not" "$(power_cut 1 'echo new >have.new &&
		sync have.new && mv have.new have')" new
	is "nothing flushed, the old one is there" "$(power_cut 2 \
		'echo new >have.new && sync have.new && mv have.new have')" old
}

check_count
check_status
check_processes
check_exit_kill
check_before_and_after
check_error
check_sleep
check_hook
check_torn
check_exposure
check_swap
check_treesum
check_power
exit "$failed"
