#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# bench.sh [N]: N files of 1 KiB (10000), by converge, by the least work that
# could do the job (floor.c), and by others, in one run on one machine.
#
# The table on standard output has medians, ratios and the goals for them. All
# contestants get the same files from generate; the tree that each leaves is
# compared with floor's, bit by bit, and one that differs is a failure (exit
# status 1). A goal that is missed is only told: "short".
#
# As root it installs hyperfine, cfengine3 and puppet-agent from Debian if they
# are not there (and leaves them, stopped; BENCH_INSTALL=no: does not). Without root
# only start-up and the order of 100,000 resources can be measured, since the
# files are root's. What it writes is in a scratch folder, removed at the end.
#
#	TOOLS=DIR       where the helpers were built (the folder of stopat)
#	CONVERGE=FILE   the converge to measure
#	SCRATCH=DIR     a folder on the disk to measure (/var/tmp)
#	RUNS=N          runs of what is fast (20); a tenth, at least 3, of what is
#	                slow; ten times as many of what takes but a millisecond; a
#	                third, at least 3 and odd, of the pairs of first applies
#
# The floor writer and converge's first apply take turns, and turns at being
# first: a disk that lends speed for so many writes, as those of virtual
# machines do, would else be fast for one and slow for the other.
#
# What the others are asked to do, and why it is fair to them:
#   tmpfiles  "f+", which writes every time and syncs nothing; "f" would leave
#             a file with other content as it is
#   cfengine  one promise per file with content and perms, -K so that it looks
#             at all of them each time, its work folder in the scratch folder
#   puppet    file resources with content, puppet apply, no server, no report
set -eu

n=${1:-10000}
here=$(cd "$(dirname "$0")" && pwd)
tools=${TOOLS:-$here/../../build/release/testdata}
converge=${CONVERGE:-$tools/../cmd/converge}
runs=${RUNS:-20}
slow_runs=$((runs / 10 > 3 ? runs / 10 : 3))
pairs=$((runs / 3 > 3 ? runs / 3 | 1 : 3))
warmups=1
start_runs=$((runs * 10))
failed=0

die() {
	echo "bench: $*" >&2
	exit 1
}

say() {
	echo "bench: $*" >&2
}

case $n in
'' | *[!0-9]*) die "'$n' is not a number of files" ;;
esac
[ "$n" -ge 10 ] || die "at least 10 files"
for tool in generate floor jansson_load peak treesum; do
	[ -x "$tools/$tool" ] || die "no '$tool' in '$tools'; set TOOLS"
done
scratch=$(mktemp -d "${SCRATCH:-/var/tmp}/bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP
table=$scratch/table
: >"$table"

is_root() {
	[ "$(id -u)" -eq 0 ]
}

has_converge() {
	[ -x "$converge" ]
}

# install PACKAGE PROGRAM: true if it is there in the end
install() {
	command -v "$2" >/dev/null && return 0
	if [ "${BENCH_INSTALL:-yes}" = no ]; then
		row "$1: skipped, not installed" - ""
		return 1
	fi
	say "installing $1"
	# in this runlevel invoke-rc.d(8) starts no daemon
	RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
		--no-install-recommends "$1" >"$scratch/log" 2>&1 && return 0
	tail -3 "$scratch/log" >&2
	row "$1: skipped, cannot be installed" - ""
	return 1
}

# fresh ROOT STATE: an empty tree, nothing remembered, no writes under way. A
# script, since hyperfine runs it between the runs.
fresh=$scratch/fresh
cat >"$fresh" <<'END'
#!/bin/sh
set -eu
rm -rf "$1" "$2"
mkdir -p "$1/srv" "$1/etc"
echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
echo 'root:x:0:' >"$1/etc/group"
sync
END
chmod +x "$fresh"

# the command that makes NAME fresh, for hyperfine
freshen() {
	printf '%q ' "$fresh" "$scratch/$1" "$scratch/$1.state"
}

# median RUNS PREPARE COMMAND...: seconds, or fails as COMMAND does. PREPARE
# is run before each run; "" for nothing.
median() {
	local count=$1 prepare=$2 options=(-N --style none --warmup "$warmups")
	shift 2
	options+=(--runs "$count" --export-json "$scratch/run.json")
	[ -z "$prepare" ] || options+=(--prepare "$prepare")
	hyperfine "${options[@]}" "$(printf '%q ' "$@")" \
		>"$scratch/hyperfine.log" 2>&1 || {
		# hyperfine does not say why: once more, to see
		"$@" 2>&1 | tail -3 >&2 || true
		return 1
	}
	sed -n 's/^ *"median": \([0-9.e-]*\),$/\1/p' "$scratch/run.json"
}

# row WHAT HAVE UNIT [RATIO GOAL at-most|at-least LIMIT]
row() {
	local what=$1 have=$2 unit=$3 ratio=${4--} goal=${5-} verdict=
	if [ $# -ge 7 ]; then
		verdict=$(awk -v r="$ratio" -v l="$7" -v k="$6" 'BEGIN {
			good = k == "at-most" ? r <= l : r >= l
			print good ? "PASS" : "short" }')
	fi
	printf '%s\t%s %s\t%s\t%s\t%s\n' "$what" "$have" "$unit" "$ratio" \
		"$goal" "$verdict" >>"$table"
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

milliseconds() {
	awk -v s="$1" 'BEGIN { printf "%.2f", s * 1000 }'
}

# what converge was asked for and could not do
missing() {
	row "$1" - "" - "$2"
	failed=1
	say "$1: converge failed"
}

run_converge() {
	local verb=$1 manifest=$2 root=$3
	shift 3
	"$@" "$converge" "$verb" "$manifest" --host bench --root "$root" \
		--state-dir "$root.state"
}

bench_start() {
	local floor have
	floor=$(median "$start_runs" "" "$tools/jansson_load")
	row "start-up, jansson alone" "$(milliseconds "$floor")" ms
	has_converge || return 0
	mkdir -p "$scratch/empty"
	echo '{"version":1,"host":"bench","resources":{}}' \
		>"$scratch/empty.json"
	have=$(run_converge plan "$scratch/empty.json" "$scratch/empty" \
		median "$start_runs" "") || {
		missing "start-up, converge" "<= 2 x jansson"
		return 0
	}
	row "start-up, converge" "$(milliseconds "$have")" ms \
		"$(ratio "$have" "$floor")" "<= 2 x jansson" at-most 2
}

# is_same NAME: the tree NAME is floor's
is_same() {
	"$tools/treesum" "$scratch/$1/srv" >"$scratch/$1.sum"
	cmp -s "$scratch/floor.sum" "$scratch/$1.sum"
}

check_same() {
	is_same "$1" && return 0
	say "$1 left another tree:"
	diff "$scratch/floor.sum" "$scratch/$1.sum" | head -5 >&2 || true
	row "$1, END STATE DIFFERS" - ""
	failed=1
	return 1
}

bench_floor() {
	"$tools/generate" list "$n" >"$scratch/list"
	"$tools/generate" manifest "$n" >"$scratch/manifest.json"
	"$fresh" "$scratch/floor" "$scratch/floor.state"
	"$tools/floor" write "$scratch/list" "$scratch/floor"
	"$tools/treesum" "$scratch/floor/srv" >"$scratch/floor.sum"
	load=$(median "$runs" "" "$tools/jansson_load" "$scratch/manifest.json")
	check=$(median "$runs" "" \
		"$tools/floor" check "$scratch/list" "$scratch/floor")
	least=$(awk -v a="$load" -v b="$check" 'BEGIN { print a + b }')
	row "nothing to do, jansson's load" "$(milliseconds "$load")" ms
	row "nothing to do, floor check" "$(milliseconds "$check")" ms
}

first_write() {
	median 1 "$(freshen again)" \
		"$tools/floor" write "$scratch/list" "$scratch/again"
}

first_apply() {
	run_converge apply "$scratch/manifest.json" "$scratch/converge" \
		median 1 "$(freshen converge)"
}

# middle: the median of the numbers on standard input
middle() {
	sort -n | awk '{ of[NR] = $1 } END { print of[int((NR + 1) / 2)] }'
}

bench_first_apply() {
	local i write have warmups=0
	for ((i = 0; i < pairs; i++)); do
		[ $((i % 2)) = 1 ] || write=$(first_write)
		have=$(first_apply) || {
			missing "first apply, converge" "<= 1.5 x floor"
			return 1
		}
		[ $((i % 2)) = 0 ] || write=$(first_write)
		echo "$write $have $(ratio "$have" "$write")"
	done >"$scratch/pairs"
	check_same converge || return 1
	write=$(cut -d ' ' -f 1 "$scratch/pairs" | middle)
	have=$(cut -d ' ' -f 2 "$scratch/pairs" | middle)
	row "first apply, floor write" "$(milliseconds "$write")" ms
	row "first apply, converge" "$(milliseconds "$have")" ms \
		"$(cut -d ' ' -f 3 "$scratch/pairs" | middle)" \
		"<= 1.5 x floor" at-most 1.5
}

# bench_nothing_to_do VERB: with the catalog that the apply before it kept
bench_nothing_to_do() {
	local verb=$1 have
	have=$(run_converge "$verb" "$scratch/manifest.json" \
		"$scratch/converge" median "$runs" "") || {
		missing "nothing to do, $verb" "<= 1.3 x (load + check)"
		return 1
	}
	row "nothing to do, converge $verb" "$(milliseconds "$have")" ms \
		"$(ratio "$have" "$least")" "<= 1.3 x (load + check)" \
		at-most 1.3
	idle=$have
}

# The manifest has changed: it must be read, and its catalog is kept anew.
bench_nothing_kept() {
	local verb=$1 have
	have=$(run_converge "$verb" "$scratch/manifest.json" \
		"$scratch/converge" median "$runs" \
		"rm -f $(printf '%q' "$scratch/converge.state/catalog")") || {
		missing "the same, manifest is new, $verb" "-"
		return 1
	}
	row "the same, manifest is new, $verb" "$(milliseconds "$have")" ms \
		"$(ratio "$have" "$least")" "of (load + check), no goal"
}

# memory WHEN
memory() {
	local kib
	run_converge apply "$scratch/manifest.json" "$scratch/converge" \
		"$tools/peak" "$scratch/figures" >"$scratch/log" 2>&1 || {
		missing "resident memory, $1" "<= 64 MiB"
		return 0
	}
	read -r _ kib <"$scratch/figures"
	row "resident memory, $1" "$(ratio "$kib" 1024)" MiB \
		"$(ratio "$kib" 1024)" "<= 64 MiB" at-most 64
}

bench_memory() {
	memory "nothing to do"
	"$fresh" "$scratch/converge" "$scratch/converge.state"
	memory "first apply"
}

bench_growth() {
	local small=$((n / 10)) have exponent
	"$tools/generate" manifest "$small" >"$scratch/small.json"
	"$fresh" "$scratch/small" "$scratch/small.state"
	sleep 3
	if ! run_converge apply "$scratch/small.json" "$scratch/small" \
		>"$scratch/log" 2>&1 ||
		! have=$(run_converge apply "$scratch/small.json" \
			"$scratch/small" median "$runs" ""); then
		missing "growth" "exponent <= 1.1"
		return 0
	fi
	exponent=$(awk -v a="$have" -v b="$idle" \
		'BEGIN { printf "%.2f", log(b / a) / log(10) }')
	row "growth, apply of $small" "$(milliseconds "$have")" ms "$exponent" \
		"exponent <= 1.1" at-most 1.1
}

bench_converge() {
	idle=
	has_converge || {
		row "converge: not built" - ""
		return 0
	}
	bench_first_apply || return 0
	sleep 3 # what is newer is not kept
	bench_nothing_kept plan || return 0
	bench_nothing_kept apply || return 0
	bench_nothing_to_do plan || return 0
	bench_nothing_to_do apply || return 0
	bench_memory
	bench_growth
}

# order SHAPE: 100,000 resources, planned on a small stack
bench_order() {
	local shape=$1 took kib status=0
	has_converge || return 0
	# and the folder that they are in
	"$tools/generate" "$shape" 99999 >"$scratch/$shape.json"
	"$fresh" "$scratch/order" "$scratch/order.state"
	(
		ulimit -s 256
		run_converge plan "$scratch/$shape.json" "$scratch/order" \
			"$tools/peak" "$scratch/figures"
	) >"$scratch/log" 2>&1 || status=$?
	if [ "$status" -ne 2 ]; then # 2: there is something to do
		say "plan of a $shape ended with $status"
		tail -3 "$scratch/log" >&2
		missing "plan, $shape of 100,000" "<= 2 s, 512 MiB"
		return 0
	fi
	read -r took kib <"$scratch/figures"
	row "plan, $shape of 100,000" "$took" s "$took" "<= 2 s" at-most 2
	row "plan, $shape of 100,000" "$(ratio "$kib" 1024)" MiB \
		"$(ratio "$kib" 1024)" "<= 512 MiB" at-most 512
}

version() {
	# shellcheck disable=SC2016 # dpkg-query's own variable
	dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo '?'
}

# rival NAME GOAL COMMAND...: GOAL is how many times faster converge is to be
# with nothing to do; "" for none.
rival() {
	local name=$1 goal=$2 first again
	shift 2
	say "measuring $name"
	if ! first=$(median "$slow_runs" "$(freshen "$name")" "$@") ||
		! again=$(median "$slow_runs" "" "$@"); then
		row "$name: failed" - ""
		failed=1
		return 0
	fi
	check_same "$name" || return 0
	row "first apply, $name" "$(milliseconds "$first")" ms
	if [ -z "$idle" ]; then
		row "nothing to do, $name" "$(milliseconds "$again")" ms
	elif [ -z "$goal" ]; then
		row "nothing to do, $name" "$(milliseconds "$again")" ms \
			"$(ratio "$again" "$idle")" "of converge's, no goal"
	else
		row "nothing to do, $name" "$(milliseconds "$again")" ms \
			"$(ratio "$again" "$idle")" ">= $goal x converge" \
			at-least "$goal"
	fi
}

bench_tmpfiles() {
	install systemd systemd-tmpfiles || return 0
	"$tools/generate" tmpfiles "$n" "$scratch/tmpfiles/srv/bench" \
		>"$scratch/tmpfiles.conf"
	rival tmpfiles "" systemd-tmpfiles --create "$scratch/tmpfiles.conf"
	row "  systemd $(version systemd)" - ""
}

bench_cfengine() {
	local work=$scratch/cfengine.work
	install cfengine3 cf-agent || return 0
	# where cf-agent looks for the program that checks its policy
	mkdir -p "$work/bin"
	ln -s "$(command -v cf-promises)" "$work/bin/"
	"$tools/generate" cfengine "$n" "$scratch/cfengine/srv/bench" \
		>"$scratch/cfengine.cf"
	chmod 600 "$scratch/cfengine.cf"
	rival cfengine 14 \
		cf-agent --workdir "$work" -KIf "$scratch/cfengine.cf"
	row "  cfengine3 $(version cfengine3)" - ""
}

bench_puppet() {
	local work=$scratch/puppet.work options=() name
	install puppet-agent puppet || return 0
	for name in conf var run log code public ssl; do
		options+=("--${name}dir" "$work/$name")
	done
	"$tools/generate" puppet "$n" "$scratch/puppet/srv/bench" \
		>"$scratch/puppet.pp"
	rival puppet 80 puppet apply "${options[@]}" --no-report \
		"$scratch/puppet.pp"
	row "  puppet-agent $(version puppet-agent)" - ""
}

bench_files() {
	if ! is_root; then
		row "files: skipped, they are root's" - ""
		return 0
	fi
	bench_floor
	bench_converge
	bench_tmpfiles
	bench_cfengine
	bench_puppet
}

install hyperfine hyperfine || die "hyperfine is not there"
bench_start
bench_files
bench_order chain
bench_order star
printf '%s files of 1 KiB, %s runs, %s for what is slow, %s first applies\n\n' \
	"$n" "$runs" "$slow_runs" "$pairs"
{
	printf 'WHAT\tMEDIAN\tRATIO\tGOAL\tVERDICT\n'
	cat "$table"
} | awk -F '\t' '{ printf "%-34s %14s %9s  %-24s %s\n",
	$1, $2, $3, $4, $5 }' | sed 's/ *$//'
exit "$failed"
