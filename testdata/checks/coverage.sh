#!/usr/bin/env bash
# Builds with counters, runs units and cases, and prints how much of each file
# was run: coverage.sh [FOLDER-OR-FILE...]. Not a test: the question to ask of
# a branch that nothing takes is which host or which manifest would take it.
# converge stays out of its sandbox for this, so the tests of that fail.
set -eu
cd "$(dirname "$0")/../.."
build=$PWD/build/coverage
jobs=$(nproc)
[ $# -gt 0 ] || set -- cmd lib modules

mkdir -p "$build"
gcc -c -O1 -o "$build/coverage.o" testdata/checks/coverage.c
cmake --preset coverage -D CMAKE_EXE_LINKER_FLAGS="--coverage \
-Wl,--wrap=sandbox_enter,--wrap=_exit $build/coverage.o" >/dev/null
cmake --build "$build" -- -j "$jobs" >/dev/null
find "$build" -name '*.gcda' -delete
ctest --test-dir "$build" -L 'unit|corpus|cases' -j "$jobs" |
	grep -F '***' >&2 || true

filters=()
for part; do filters+=(--filter "$part"); done
gcovr --root . "${filters[@]}" --exclude '.*_(test|fuzz|gen)\.c' \
	--exclude '.*/(fuzz_main\.c|.*test\.h|scratch\.h)' \
	--exclude-unreachable-branches --csv - -j "$jobs" "$build" |
	awk -F , 'NR == 1 { printf "%8s %8s  %s\n", "lines", "branches", "file"; next }
		{ lines += $2; ran += $3; ways += $5; went += $6
		  printf "%7.1f%% %7.1f%%  %s\n", 100 * $4, 100 * $7, $1 }
		END { printf "%7.1f%% %7.1f%%  all\n", 100 * ran / lines, 100 * went / ways }'
