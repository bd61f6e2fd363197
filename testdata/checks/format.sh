#!/usr/bin/env bash
# Every C file is as clang-format leaves it.
set -eu
cd "$(dirname "$0")/../.."
bad=0
while read -r file; do
	if ! clang-format --dry-run -Werror "$file" 2>/dev/null; then
		echo "format: run clang-format -i $file" >&2
		bad=1
	fi
done < <(git ls-files '*.c' '*.h')
exit "$bad"
