#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# The power is cut at every system call of an apply, on a disk that holds back
# all that is not synced: each file is old or new in whole after it, and the
# next run does the rest; and of all content that is not there any more a copy
# is. Without noauto_da_alloc ext4 itself would hide that a sync is missing.
set -eu
stride=64
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

disk=$work/disk
root=$disk/root state=$disk/state
disk_options=loop,data=ordered,noauto_da_alloc

make_disk() {
	mkdir "$disk"
	truncate -s 24M "$work/fresh.img"
	mkfs.ext4 -qF "$work/fresh.img" || skip "needs mkfs.ext4"
	mount -o loop "$work/fresh.img" "$disk" || skip "needs loop devices"
	mkdir "$root"
	cp -a "$old/." "$root"
	chmod 0755 "$root" "$disk"
	rmdir "$disk/lost+found"
	umount "$disk"
}

fresh() {
	! mountpoint -q "$disk" || umount "$disk"
	cp --sparse=always "$work/fresh.img" "$work/now.img"
	mount -o "$disk_options" "$work/now.img" "$disk"
}

# Whoever backs up what it replaces and removes.
keeps=1

# Of all old content that is gone there is a whole copy.
is_kept() {
	local path sum
	for path in "${precious[@]}"; do
		! cmp -s "$old/$path" "$root/$path" || continue
		read -r sum _ < <(sha256sum "$old/$path")
		cmp -s "$old/$path" "$state/backup/$sum" ||
			wrong "there is no copy of $path" || return 1
	done
}

# cut FLAG N
cut() {
	faulty -K -h "godown '$disk' $1" "$2" || return 1
	is_alone || return 1
	umount "$disk"
	mount -o "$disk_options" "$work/now.img" "$disk" ||
		wrong "the disk cannot be mounted" || return 1
	[ -z "$keeps" ] || is_kept || return 1
	survives "$status"
}

make_world
mapfile -t precious < <(cd "$old" && find etc opt usr -type f)
make_disk
use_converge
find_points
sound "metadata on the disk, data not" cut 1
sound "nothing more on the disk" cut 2

use_badwriter
keeps=
find_points
sound "the sound writer" cut 1
use_badwriter --no-fsync
find_points
control "control --no-fsync" cut 1
umount "$disk"
exit "$failed"
