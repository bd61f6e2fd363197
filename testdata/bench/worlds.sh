#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# worlds.sh [HOSTS [RESOURCES]]: "converge check" of the fleet of testdata (40
# hosts), and of a world of HOSTS hosts (10000) with about RESOURCES resources
# each (200), read from git; and "converge diff" of that: a change of all hosts,
# of a fiftieth of them, and of one. A table of time and memory, the best of RUNS
# each (3), beside the goals.
#
#	TOOLS=DIR       where peak was built
#	CONVERGE=FILE   the converge to measure
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tools=${TOOLS:-$here/../../build/release/testdata}
converge=${CONVERGE:-$tools/../cmd/converge}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# row NAME SECONDS MEBIBYTES COMMAND ARGUMENT...: goals, and what to do; diff
# has something to tell
row() {
	local name=$1 seconds=$2 mebibytes=$3 i status want=0
	shift 3
	[ "$1" = check ] || want=2
	for ((i = 0; i < ${RUNS:-3}; i++)); do
		status=0
		"$tools/peak" "$work/figure" "$converge" "$@" >"$work/out" || status=$?
		# check may warn
		[ "$status" = "$want" ] || { [ "$want" = 0 ] && [ "$status" = 2 ]; } || {
			cat "$work/out" >&2
			exit 1
		}
		cat "$work/figure" >>"$work/$name"
	done
	sort -n "$work/$name" | head -1 |
		awk -v name="$name" -v s="$seconds" -v m="$mebibytes" \
			-v what="$(sed -n 's/^[a-z]*: //; s/;.*//p' "$work/out" | tail -1)" '{
			printf "%-8s %8.2f s (%s) %6.0f MiB (%s)  %s\n",
				name, $1, s, $2 / 1024, m, what
		}'
}

python3 "$here/fleet.py" "$work/large.git" "${1:-10000}" "${2:-200}" >/dev/null
echo "check      time (goal)      memory (goal)"
row fleet 0.5 512 check "$here/../fleet/world"
row large 20 512 check "$work/large.git" --rev main
echo "diff"
row all 20 1024 diff main~3 main~2 -q --world "$work/large.git"
row some 20 1024 diff main~2 main~1 -q --world "$work/large.git"
row one 20 1024 diff main~1 main -q --world "$work/large.git"
row markdown 20 1024 diff main~3 main~2 --format markdown --world "$work/large.git"
