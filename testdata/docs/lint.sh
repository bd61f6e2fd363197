#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# mandoc(1) finds nothing to warn of in the manuals.
# usage: lint.sh MAN
set -eu
command -v mandoc >/dev/null || {
	echo "mandoc is missing: install it"
	exit 1
}
status=0
for page in "$1"/*.[1-9]; do
	mandoc -T lint -W warning "$page" || status=1
	# lines of 78 columns, and nothing lost in them; but a key of SSH is a
	# word that cannot be broken
	mandoc -T ascii -O width=78 "$page" | sed 's/.\x08//g' |
		awk -v page="$page" '
			{ for (i = 1; i <= NF; i++) if (length($i) > 60) next }
			length > 80 { print page ": " $0; bad = 1 }
			END { exit bad }' || status=1
done
exit $status
