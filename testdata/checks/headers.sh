#!/usr/bin/env bash
# Every header compiles alone; those for others also as C++.
set -eu
build=$1
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags=(-I. "-I$build" -fsyntax-only -Wall -Wextra -Wpedantic -Werror)
count=0
while read -r header; do
	printf '#include "%s"\n' "$header" >"$work/one.c"
	gcc -std=c17 -D_GNU_SOURCE "${flags[@]}" "$work/one.c"
	count=$((count + 1))
done < <(git ls-files 'cmd/*.h' 'lib/*.h' 'modules/*.h')
echo "headers: $count compile alone"
