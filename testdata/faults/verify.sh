#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# Every system call of an apply from its branch, or from a bundle, fails, or is
# where it is killed, the verifiers' calls too: what must not be trusted is
# never applied and never remembered as taken, what is good is applied or
# refused with a reason, and the next run does it all.
#
#	verify.sh [HOW...]   these alone, and no controls: errors, with a "+" from
#	                     then on, "kill", and "killed" after the call; from
#	                     a "branch", a "bundle", or one "cut" at any byte
set -eu
stride=full
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
for tool in git gpg gpgv openssl python3 ssh-keygen; do
	command -v "$tool" >/dev/null || skip "no $tool"
done

errors=() from=()
for word; do
	case $word in
	branch | bundle | cut) from+=("$word") ;;
	*) errors+=("$word") ;;
	esac
done
[ ${#errors[@]} -gt 0 ] ||
	errors=(EIO EIO+ ENOSPC ENOMEM EACCES EINTR kill killed)
[ ${#from[@]} -gt 0 ] || from=(branch bundle)
[ $# -gt 0 ] || from+=(cut)

# A /tmp of its own, to see what is left in it: with what this needs of it.
mkdir "$work/tmp"
mount -t tmpfs -o mode=1777 tmp "$work/tmp"
for folder in "$work" "$(dirname "$here")" "$TOOLS" "${CONVERGE%/*}"; do
	[ "$folder" != "${folder#/tmp/}" ] || continue
	mkdir -p "$work$folder"
	mount --bind "$folder" "$work$folder"
done
mount --rbind "$work/tmp" /tmp
cd "$work"

# --- a branch, with all that may be at its tip ---

servers=$work/servers etc=$old/etc/converge
mkdir -p "$servers" "$etc" "$work/bundles"
mkfifo "$work/in"
: >"$work/said"
python3 -W ignore -B "$here/../fetch/server.py" "$servers" \
	<"$work/in" >"$work/said" 2>"$work/server.err" &
server=$!
exec 9>"$work/in"
until grep -q '^$' "$work/said"; do
	kill -0 "$server" 2>/dev/null || die "no server: $(tail -n 1 "$work/server.err")"
	read -rt 0.05 <> <(:) || true
done
port() {
	sed -n "s/^$1 //p" "$work/said"
}

export HOME=$servers GIT_CONFIG_NOSYSTEM=1 GNUPGHOME=$servers/gnupg
git() {
	command git -C "$servers/work" -c user.name=A -c user.email=a "$@"
}

mkdir -m 700 "$GNUPGHOME"
for name in good other; do
	gpg --batch -q --passphrase '' --quick-gen-key "$name" ed25519 sign never \
		2>/dev/null
done
fingerprint() {
	gpg --batch -q --with-colons --list-keys "$1" 2>/dev/null |
		sed -n 's/^fpr:*\([0-9A-F]*\):$/\1/p' | head -n 1
}
ssh-keygen -q -t ed25519 -N '' -C revoked -f "$servers/revoked"

declare -A id
# commit NAME START [KEY [OPTION...]]: signed by KEY of SSH
commit() {
	local name=$1 start=$2 key=${3-signer}
	git checkout -q --detach "$start"
	echo "$name" >"$servers/work/motd"
	[ "$name" != elsewhere ] ||
		sed -i s/web-1/web-2/ "$servers/work/hosts/web-1.json"
	[ "$name" != absent ] || git mv hosts/web-1.json hosts/web-3.json
	git add -A
	git "${@:4}" commit -q "-S$servers/$key.pub" -m "$name"
	keep "$name"
}
keep() {
	id[$1]=$(git rev-parse HEAD)
	git push -q -f "$servers/world.git" "HEAD:refs/heads/$1"
}

pgp=(-c gpg.format=openpgp -c "user.signingkey=$(fingerprint good)")
commit older main
commit base "${id[older]}"
commit next "${id[base]}"
commit sibling "${id[older]}"
commit foreign "${id[base]}" other
commit revoked "${id[base]}" revoked
commit elsewhere "${id[base]}"
commit absent "${id[base]}"
git checkout -q --detach "${id[base]}"
echo unsigned >"$servers/work/motd"
git commit -q -a --no-gpg-sign -m unsigned
keep unsigned
for name in pgp pgp-foreign; do
	git checkout -q --detach "${id[base]}"
	echo "$name" >"$servers/work/motd"
	git -c gpg.format=openpgp commit -q -a -m "$name" \
		"-S$(fingerprint "$([ "$name" = pgp ] && echo good || echo other)")"
	keep "$name"
done
gpg --batch -q --export >"$etc/keyring"
gpgconf --kill all

# What must not be trusted.
untrusted=(unsigned foreign revoked pgp-foreign older sibling elsewhere absent cut)
never=$(printf '%s\n' "${id[@]}" | grep -vxF "$(printf '%s\n' \
	"${id[base]}" "${id[next]}" "${id[pgp]}")")

{
	echo "alice@example $(cat "$servers/signer.pub")"
	echo "alice@example $(cat "$servers/revoked.pub")"
} >"$etc/allowed_signers"
ssh-keygen -q -k -f "$etc/revoked" "$servers/revoked.pub"
cp "$servers/ca.pem" "$etc"
cp "$servers/known" "$etc/known_hosts"
cp "$servers/client" "$etc/client"
# agent URL: agent.json for it
agent() {
	cat <<-END
	{"version": 1, "host": "web-1", "ca_file": "/etc/converge/ca.pem",
	"url": "$1", "ssh_key": "/etc/converge/client",
	"allowed_signers": "/etc/converge/allowed_signers",
	"revoked_keys": "/etc/converge/revoked",
	"gpg_keyring": "/etc/converge/keyring",
	"gpg_signers": "$(fingerprint good)"}
	END
}
agent "https://127.0.0.1:$(port good)/ok/world.git" >"$etc/agent.json"
chmod 0644 "$etc"/*
chmod 0600 "$etc/client"
secret=$(sed -n 3p "$servers/client")

is_at() {
	echo "${id[$1]}" >"$servers/world.git/refs/heads/main"
}

bundles=$work/bundles
bundle() {
	(cd "$servers/work" && "$CONVERGE" bundle web-1 --rev "${id[$1]}" \
		--out "$bundles/$1" -q)
}

# job_of TIP: the job, with that at the tip or in the bundle
job_of() {
	job=("$CONVERGE" apply --root "$root" --state-dir "$state")
	if [ "$source" = branch ]; then
		is_at "$1"
	else
		job+=("$bundles/$1")
	fi
}

# --- the host: it has taken "base", and somebody has changed a file ---

chmod 0755 "$old" "$old/etc" "$etc"
mkdir "$work/first"
cp -a "$old/." "$work/first"
echo drift >"$work/first/etc/motd"
start=$old source=branch
fresh
job_of base
"${job[@]}" >"$work/out" 2>&1 || die "the first run fails: $(cat "$work/out")"
cp -a "$root/." "$old"
echo drift >"$old/etc/motd"
cp -a "$state" "$old.state"
# and has another way to it, or has lost one of its two memories
for name in ssh repository database; do
	cp -a "$old" "$work/$name"
	cp -a "$old.state" "$work/$name.state"
done
agent "ssh://root@127.0.0.1:$(port ssh)$servers/world.git" \
	>"$work/ssh/etc/converge/agent.json"
rm -r "$work/repository.state/world.git"
rm "$work/database.state"/state.db*

parts() {
	find "$state" /tmp -xdev ! -path "$state/backup/*" ! -name 'state.db-*' \
		! -path '*/objects/pack/pack-*' -printf '%p %y %m %u\n' | sort
}

# case_of TIP@START: what runs begin with, and what good ones end with
case_of() {
	tip=${1%@*} goal=next
	[ "$tip" != pgp ] || goal=pgp
	start=$work/${1#*@}
	parts=$work/parts.$source.$goal
	if [ ! -e "$parts" ]; then
		fresh
		job_of "$goal"
		"${job[@]}" >"$work/out" 2>&1 ||
			die "$1: a good run fails: $(tail -n 1 "$work/out")"
		parts >"$parts"
	fi
	fresh
	job_of "$tip"
	how=none
	faulty 0 || die "$1, without a fault: $why"
	mv "$work/calls" "$work/points"
	calls=$(wc -l <"$work/points")
}

# --- what must hold ---

# It cannot say what it cannot write.
says() {
	grep -v '^stopat ' "$work/err" | grep -qE "$1" ||
		{ [[ $call =~ ^write ]] && ! grep -qv '^stopat ' "$work/err"; }
}

read_motd() {
	motd=none
	[ ! -e "$root/etc/motd" ] || read -r motd <"$root/etc/motd"
}

went_on() {
	[ "$motd" = base ] && says "going on with commit ${id[base]:0:12}"
}

# ld.so(8) may die of what fails before the program is there.
is_loading() {
	[ "${at:-0}" -gt 0 ] && ! awk -v at="$at" '$1 >= at { exit }
		$2 == "rt_sigaction" { started = 1 }
		END { exit !started }' "$work/calls"
}

# What it may end with, and what may be changed then.
ended_rightly() {
	local good=1 reason='^(converge|[^ ]+): '
	[[ " ${untrusted[*]} " != *" $tip "* ]] || good=0
	read_motd
	case $motd in
	drift | base) ;;
	"$tip") [ $good = 1 ] || wrong "it is applied" || return 1 ;;
	*) wrong "the file is '$motd'" || return 1 ;;
	esac
	case $status in
	0) [ "$good$motd" = "1$tip" ] || went_on ||
		wrong "it says that all is well, with '$motd'" ;;
	1) [ "$motd" = drift ] ||
		wrong "it says that it could not run, and changed the file" ||
		return 1
		says "$reason" || wrong "it gives no reason" ;;
	4) says "$reason" || wrong "it gives no reason" ;;
	137) [[ $how = kill* ]] || wrong "it is killed" ;;
	*) is_loading || wrong "it ends with status $status" ;;
	esac
}

# The commits that the database says the host was at: what was looked at and
# not taken is told of by another table.
taken() {
	rm -rf "$work/look"
	mkdir "$work/look"
	cp "$state"/state.db* "$work/look" 2>/dev/null || return 0
	python3 - "$work/look/state.db" <<-'END' 2>/dev/null || true
		import sqlite3, sys
		for row in sqlite3.connect(sys.argv[1]).execute(
		        "SELECT revision FROM world UNION "
		        "SELECT revision FROM runs WHERE revision IS NOT NULL"):
		    print(row[0])
	END
}

has_no_trace() {
	local found
	found=$(grep -rslaF "$never" "$state" --exclude-dir=objects \
		--exclude='state.db*' || true)
	! taken | grep -qF "$never" || found+=${found:+, }'its database'
	[ -z "$found" ] || wrong "it remembers $tip, in ${found//$'\n'/, }"
}

has_no_process() {
	local i left
	for ((i = 0; i < 100; i++)); do
		left=$(cat /proc/[0-9]*/comm 2>/dev/null |
			grep -xE 'converge|ssh-keygen|gpgv|stopat') || return 0
		read -rt 0.02 <> <(:) || true
	done
	wrong "left running: ${left//$'\n'/ }"
}

# The key that opens the server is in no file; what could not be removed is told
# of, unless it is killed.
has_no_files() {
	! grep -rqsaF -e "$secret" "$state" || wrong "there is a private key" ||
		return 1
	[ "$status" -lt 128 ] || return 0
	is_loading || [ ! -e "$state/fetched" ] || says 'cannot|lost' ||
		wrong "what was fetched is left"
}

# The next run takes what is good.
recovers() {
	local code=0
	job_of "$goal"
	"${job[@]}" >"$work/out" 2>&1 || code=$?
	job_of "$tip"
	[ $code = 0 ] || wrong "the next run exits with $code: $(
		tail -n 1 "$work/out")" || return 1
	read_motd
	[ "$motd" = "$goal" ] || wrong "after the next run the file is '$motd'" ||
		return 1
	parts | cmp -s - "$parts" || wrong "the next run leaves $(
		parts | diff "$parts" - | grep '^[<>]' | head -n 4 |
			tr '\n' ' ')" || return 1
	[ "$source" = bundle ] || command git -c safe.directory='*' \
		-C "$state/world.git" fsck --connectivity-only \
		>"$work/out" 2>&1 || wrong "world.git is damaged: $(
		tail -n 1 "$work/out")"
}

survives() {
	ended_rightly && has_no_trace && has_no_process && has_no_files &&
		recovers
}

# faulted HOW POINT
faulted() {
	how=$1
	case $1 in
	kill) faulty -k "$2" ;;
	killed) faulty -k -x "$2" ;;
	*+) faulty -z -i "${1%+}" -I "$2" ;;
	*) faulty -z -i "$1" "$2" ;;
	esac && survives
}

# cut_before SIZE: the bundle has so many bytes
cut_before() {
	how="cut" call="cut"
	head -c "$1" "$work/whole" >"$bundles/cut"
	job_of cut
	status=0
	"${job[@]}" >/dev/null 2>"$work/err" || status=$?
	survives
}

# cut_there POINT: it loses its end then
cut_there() {
	how="cut"
	cp "$work/whole" "$bundles/next"
	faulty -h "truncate -s $cut '$bundles/next'" "$1" || return 1
	cp "$work/whole" "$bundles/next"
	survives
}

# --- where ---

# These never fail, or not like this: glibc dies of it, and is asked for no more.
spared='^(brk|futex|umask|getpid|getppid|gettid|getuid|geteuid|getgid|getegid)$'

# pick: in points those of the calls of the case that are tried, other ones
# each turn
turn=0
pick() {
	mapfile -t points < <(awk -v every="${CONVERGE_SWEEP:-0}" \
		-v turn="$turn" -v changes="$changes" -v spared="$spared" '
		{ point = $2 ":" ++count[$2] }
		$2 ~ spared { next }
		{ points[++n] = point }
		$2 ~ changes { some[++m] = n }
		function print_one(i) {
			if (!(i in done))
				print points[i]
			done[i]
		}
		END {
			if (every == "full")
				every = 1
			if (!every) {
				i = turn * 7919
				print_one(turn % 2 ? some[i % m + 1] : i % n + 1)
				exit
			}
			dense = every > 8 ? int(every / 8) : 1
			for (i = 1; i <= m; i++)
				if ((i + turn) % dense == 0)
					print_one(some[i])
			for (i = 1; i <= n; i++)
				if ((i + turn) % every == 0)
					print_one(i)
		}' "$work/points")
}

# What is fetched comes in as many pieces as it likes.
patience=2

# try WHAT FUNCTION [ARGUMENT...]: for the points; adds up how it goes
npoints=0 nbad=0 nmissed=0
try() {
	sweep 20 "$@"
	npoints=$((npoints + ${#points[@]}))
	nbad=$((nbad + bad))
	nmissed=$((nmissed + missed))
}

# tell WHAT: what try has added up
began=$SECONDS
tell() {
	say "$source: $1: $npoints points, $nbad failures, $nmissed missed," \
		"$((SECONDS - began)) s"
	[ $nbad = 0 ] || failed=1
	npoints=0 nbad=0 nmissed=0 began=$SECONDS
}

# cases CASE...: all of them, with all errors
cases() {
	local case error
	for case; do
		case_of "$case"
		if ! survives; then
			say "FAILED: $case, without a fault: $why"
			failed=1
			continue
		fi
		for error in "${errors[@]}"; do
			turn=$((turn + 1))
			[ -n "${CONVERGE_SWEEP-}" ] || ((turn % 3 == 0)) ||
				continue
			pick
			try "$case, $error" faulted "$error"
		done
		[ -z "${CONVERGE_SWEEP-}" ] || say "$case: $calls calls," \
			"$npoints points so far, $nbad failures"
	done
	tell "${errors[*]}"
}

from_branch() {
	source=branch
	cases next@old next@first next@ssh pgp@old unsigned@old unsigned@first \
		foreign@old foreign@first pgp-foreign@old revoked@old \
		older@old sibling@old older@repository sibling@repository \
		older@database sibling@database elsewhere@old absent@old sibling@ssh
}

from_bundle() {
	source=bundle
	cases next@old next@first unsigned@old foreign@old revoked@first \
		older@old sibling@repository older@database elsewhere@old
}

# The bundle ends at any byte, from the start or while it is read.
from_cut() {
	local size n every=${CONVERGE_SWEEP:-600} looks=3
	source=bundle errors=(cut)
	[ "$every" != full ] || every=1
	[ -z "${CONVERGE_SWEEP-}" ] || looks=1
	size=$(stat -c %s "$bundles/next")
	case_of next@old
	cp "$bundles/next" "$work/whole"
	points=()
	for ((n = size - 1; n >= 0; n -= every)); do
		points+=("$n")
	done
	tip="cut"
	try "cut" cut_before
	cp "$work/whole" "$bundles/cut"
	job_of cut
	seen "a bundle that is whole" true
	tip=next cut=$((size / 2))
	case_of next@old
	for ((n = 0; n < looks; n++)); do
		turn=$((turn + 1))
		pick
		try "cut while it is read" cut_there
	done
	tell "cut at any byte"
}

# --- and what must be found ---

# seen WHAT COMMAND...: what survives says once the job is done and that is
seen() {
	local what=$1
	shift
	how=none point=0
	fresh
	faulty 0 || die "control: $what: $why"
	"$@"
	if survives; then
		say "FAILED: control: $what is not found"
		failed=1
	else
		say "control: $what is found: $why"
	fi
}

take_for_good() {
	echo "${id[$tip]}" >"$state/world.git/refs/heads/world"
}

note_for_good() {
	python3 - "$state/state.db" "${id[$tip]}" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		db.execute("UPDATE world SET revision = ?", sys.argv[2:])
		db.commit()
	END
}

litter() {
	mkdir "$state/fetched"
}

leave_key() {
	cp "$servers/client" "$state/key"
}

run_again() {
	"${job[@]}" --allow-rollback="${id[$tip]}" >/dev/null 2>&1
}

# An ssh-keygen that says yes when it could not be started.
lenient() {
	local real=$work/ssh-keygen program
	program=$(command -v ssh-keygen)
	cp "$program" "$real"
	printf '#!/bin/sh\n%s "$@" && exit\n[ $? -ge 126 ]\n' "$real" \
		>"$work/lenient"
	chmod 0755 "$work/lenient" "$real"
	mount --bind "$work/lenient" "$program"
	"$@"
	umount "$program"
}

find_lenient() {
	local error=$1
	case_of revoked@old
	mapfile -t points < <(awk '{ point = $2 ":" ++count[$2] }
		$2 == "execve" { print point }' "$work/points")
	control "control: a lenient verifier, $source" faulted "$error"
}

controls() {
	source=branch
	case_of older@old
	seen "a commit that goes back" run_again
	case_of foreign@old
	seen "a commit of another key that is remembered" take_for_good
	seen "a commit of another key in the database" note_for_good
	seen "a file that is left" litter
	seen "a key that is left" leave_key
	lenient find_lenient EIO
}

for name in next unsigned foreign revoked older sibling elsewhere; do
	bundle "$name"
done
for name in "${from[@]}"; do
	"from_$name"
done
[ $# -gt 0 ] || controls
exit "$failed"
