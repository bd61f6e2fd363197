#!/usr/bin/env bash
# Unit tests under valgrind, those that need no sandbox and no other process:
# memory.sh BUILD. Of a release, for that is the code that runs, and quicker.
set -eu
build=$(realpath "$1")
cd "$(dirname "$0")/../.."
# conformance, refused and origin start processes; lib/host/linux does little
# else. snapshot_random is the same code again and again.
tests=$(git ls-files '*_test.c' | grep -vE '^lib/host/linux/|/(conformance|refused|origin|snapshot_random)_test' |
	sed -E "s#^([a-z]+)/(.*/)?([a-z0-9_]+)\.c#$build/\1/\3#")
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

under_valgrind() {
	CK_FORK=no valgrind --quiet --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=definite --errors-for-leak-kinds=definite \
		"$2" >"$1/${2##*/}" 2>&1 || { cat "$1/${2##*/}"; exit 1; }
}
export -f under_valgrind
xargs -P "$(nproc)" -I '{}' bash -c 'under_valgrind "$@"' - "$log" '{}' <<<"$tests"
echo "memory: $(wc -l <<<"$tests") suites"
