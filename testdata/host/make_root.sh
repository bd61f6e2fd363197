#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make_root.sh FOLDER: the Debian root that test hosts boot, made once and kept
# as FOLDER: systemd, and what converge itself needs. It takes a minute and a
# mirror. Exit status 77: that cannot be had here.
set -eu

folder=$1
packages=systemd-sysv,dbus,libpam-systemd,iproute2,procps,libjansson4,libsqlite3-0
[ ! -e "$folder/sbin/init" ] || exit 0

skip() {
	echo "make_root: skipped: $*"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "needs root"
command -v mmdebstrap >/dev/null || skip "mmdebstrap is not installed"
mkdir -p "$(dirname "$folder")"
scratch=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP
timeout 500 mmdebstrap --quiet --variant=apt --include="$packages" \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	bookworm "$scratch/root" >"$scratch/log" 2>&1 || {
	tail -3 "$scratch/log"
	skip "mmdebstrap failed"
}
mv "$scratch/root" "$folder"
echo "make_root: $(du -sm "$folder" | cut -f1) MiB in '$folder'"
