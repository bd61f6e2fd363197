#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# worlds.sh [HOSTS [RESOURCES]]: "converge check" of the fleet of testdata (40
# hosts), and of a world of HOSTS hosts (10000) with about RESOURCES resources
# each (200), read from git. A table of time and memory, the best of RUNS each
# (3), beside the goals.
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

# row NAME SECONDS MEBIBYTES ARGUMENT...: goals, and what to check
row() {
	local name=$1 seconds=$2 mebibytes=$3 i
	shift 3
	for ((i = 0; i < ${RUNS:-3}; i++)); do
		"$tools/peak" "$work/figure" "$converge" check "$@" >"$work/out" ||
			# it may warn
			[ $? = 2 ] || {
			cat "$work/out" >&2
			exit 1
		}
		cat "$work/figure" >>"$work/$name"
	done
	sort -n "$work/$name" | head -1 |
		awk -v name="$name" -v s="$seconds" -v m="$mebibytes" \
			-v what="$(sed -n 's/^check: //; s/ resources;.*/ resources/p' "$work/out" | tail -1)" '{
			printf "%-8s %8.2f s (%s) %6.0f MiB (%s)  %s\n",
				name, $1, s, $2 / 1024, m, what
		}'
}

python3 "$here/fleet.py" "$work/large.git" "${1:-10000}" "${2:-200}" >/dev/null
echo "check      time (goal)      memory (goal)"
row fleet 0.5 512 "$here/../fleet/world"
row large 20 512 "$work/large.git" --rev main
