#!/bin/sh
# SPDX-License-Identifier: MIT
# The example of a type of one's own, on a tree that has just what its program
# needs. alternative_check.sh CONVERGE
set -eu
converge=$1
here=$(cd "$(dirname "$0")" && pwd)
tools="sh cat sed tr update-alternatives"

for tool in $tools ldd; do
	command -v "$tool" >/dev/null || exit 77
done
[ "$(id -u)" = 0 ] || exit 77
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

mkdir -p "$root/bin" "$root/usr/bin" "$root/etc/alternatives" \
	"$root/var/lib/dpkg/alternatives" "$root/var/log" "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3 2>/dev/null || exit 77
for tool in $tools; do
	path=$(command -v "$tool")
	cp "$path" "$root/bin/$tool"
	ldd "$path" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		cp "$library" "$root$library"
	done
done
for pager in less more; do
	cp "$root/bin/cat" "$root/bin/$pager"
	chroot "$root" /bin/update-alternatives --quiet --install \
		/usr/bin/pager pager "/bin/$pager" 50
done

run() {
	"$converge" "$@" "$here/alternative.json" --root "$root" \
		--state-dir "$root/state" --host h
}

target() {
	readlink "$root/etc/alternatives/pager"
}

[ "$(target)" = /bin/less ]
run plan >"$root/out" && exit 1
grep -q '^? alternative:pager ' "$root/out"
run apply
[ "$(target)" = /bin/more ]
run plan

# somebody else's choice is taken back
chroot "$root" /bin/update-alternatives --set pager /bin/less
run plan >"$root/out" && exit 1
grep '^~ alternative:pager  path /bin/less -> /bin/more' "$root/out"
run apply
[ "$(target)" = /bin/more ]
run apply | grep '0 created, 0 changed, .* 4 unchanged'
