#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# converge-types(5) and converge-lint(7), as they are committed, are what the
# binary prints.
# usage: types.sh CONVERGE MAN
set -eu
"$1" help --mdoc | diff -u "$2/converge-types.5" - || {
	echo "write it anew: converge help --mdoc > man/converge-types.5"
	exit 1
}
"$1" help lint --mdoc | diff -u "$2/converge-lint.7" - || {
	echo "write it anew: converge help lint --mdoc > man/converge-lint.7"
	exit 1
}
