#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# converge-types(5), as it is committed, is what the binary prints.
# usage: types.sh CONVERGE MAN
set -eu
"$1" help --mdoc | diff -u "$2/converge-types.5" - || {
	echo "write it anew: converge help --mdoc > man/converge-types.5"
	exit 1
}
