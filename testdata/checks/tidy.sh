#!/usr/bin/env bash
# clang-tidy over all that is not a test, as a build with clang compiles it:
# tidy.sh BUILD. .clang-tidy says what is asked.
set -eu
build=$1
cd "$(dirname "$0")/../.."
files=$(sed -nE 's/^ *"file": "(.*)",?$/\1/p' "$build/compile_commands.json" |
	grep -vE '_(test|fuzz)\.c$' | sort -u)
[ "$(wc -l <<<"$files")" -gt 50 ] || { echo "tidy: no files to look at" >&2; exit 1; }
xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p "$build" <<<"$files" \
	2> >(grep -vE '^[0-9]+ warnings? generated' >&2)
echo "tidy: $(wc -l <<<"$files") files"
