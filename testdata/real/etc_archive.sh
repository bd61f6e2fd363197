#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# etc_archive.sh FILE: an archive of the whole /etc of a Debian root, made
# once and kept. By mmdebstrap(1) where that works (half a minute, and a
# mirror), with packages whose files have owners, modes and links of many
# kinds; else of this machine's own /etc.
set -eu

archive=$1
packages=ca-certificates,exim4-daemon-light,nginx-light,openssh-server,ppp,sudo
[ ! -s "$archive" ] || exit 0

scratch=$(mktemp -d /tmp/etc_archive.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP

# pack ROOT: with numbers for owners, for they are those of ROOT
pack() {
	tar -C "$1" --numeric-owner --sort=name -cf "$archive.new" ./etc
	mv "$archive.new" "$archive"
}

from_mirror() {
	command -v mmdebstrap >/dev/null &&
		timeout 400 mmdebstrap --quiet --variant=important \
			--include="$packages" \
			--dpkgopt='path-exclude=/usr/share/doc/*' \
			--dpkgopt='path-exclude=/usr/share/locale/*' \
			bookworm "$scratch/root" >"$scratch/log" 2>&1
}

if from_mirror; then
	echo "etc_archive: a Debian root made by mmdebstrap"
	pack "$scratch/root"
else
	tail -3 "$scratch/log" 2>/dev/null || true
	echo "etc_archive: no mmdebstrap; this machine's own /etc"
	pack /
fi
