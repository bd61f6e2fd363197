#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# packages.sh [N]: N packages that are installed here (100), nothing to do, by
# "converge plan" and by the least work that could tell (floor_packages.c). The
# best of RUNS each (30), and their ratio. It changes nothing.
#
#	TOOLS=DIR       where floor_packages was built
#	CONVERGE=FILE   the converge to measure
set -eu

n=${1:-100}
tools=${TOOLS:-$(dirname "$0")/../../build/release/testdata}
converge=${CONVERGE:-$tools/../cmd/converge}
goal=3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# shellcheck disable=SC2016 # dpkg-query's own
dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' >"$work/all"
mapfile -t names < <(awk '$1 == "ii" { print $2 }' "$work/all" | sort -u |
	shuf -n "$n" --random-source=/etc/services)
[ "${#names[@]}" = "$n" ] || {
	echo "packages: this machine has ${#names[@]} packages, not $n" >&2
	exit 77
}
{
	echo '{"version": 1, "resources": {'
	printf '"package:%s": {},\n' "${names[@]}" | sed '$s/,$//'
	echo '}}'
} >"$work/m.json"

# best COMMAND...: microseconds
best() {
	local least="" begin spent
	for ((i = 0; i < ${RUNS:-30}; i++)); do
		begin=${EPOCHREALTIME/[.,]/}
		"$@" >"$work/out" 2>&1 || {
			cat "$work/out" >&2
			return 1
		}
		spent=$((${EPOCHREALTIME/[.,]/} - begin))
		[ -n "$least" ] && [ "$least" -le "$spent" ] || least=$spent
	done
	echo "$least"
}

floor=$(best "$tools/floor_packages" "${names[@]}")
ours=$(best "$converge" plan "$work/m.json")
awk -v n="$n" -v f="$floor" -v o="$ours" -v g="$goal" 'BEGIN {
	printf "%d packages, nothing to do: floor %.1f ms, converge %.1f ms, " \
		"ratio %.1f (goal %d)%s\n", n, f / 1000, o / 1000, o / f, g,
		(o / f > g) ? ": short" : ""
}'
