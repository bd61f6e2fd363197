#!/usr/bin/env bash
# The same source gives the same program, wherever it lies and is built:
# reproducible.sh BUILD.
set -eu
build=$(realpath "$1")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/another/place"
git ls-files -z | xargs -0 cp -a --parents -t "$work/another/place"
cmake -S "$work/another/place" -B "$work/built" -G Ninja \
	-D CMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$work/built" --target converge >/dev/null
cmp "$build/cmd/converge" "$work/built/cmd/converge"
echo "reproducible: $(sha256sum <"$build/cmd/converge" | cut -c1-16)"
