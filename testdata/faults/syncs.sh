#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2119 # for lib.sh
#
# However many files of a folder a run makes, replaces or removes, it syncs no
# more often than for a dozen: once a folder and file system, beside what the
# state folder costs. The control is a writer that syncs each of its files.
set -eu
stride=1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

few=12 many=100
folder=$root/srv/d

# more FORMAT N: that for each file, with a comma before it
more() {
	local i
	for ((i = 0; i < $2; i++)); do
		# shellcheck disable=SC2059 # the caller's
		printf ",\n\"file:/srv/d/$i\": $1" "$i"
	done
}

files() {
	local i
	for ((i = 0; i < $1; i++)); do
		echo "$i" >"$folder/$i"
	done
}

links() {
	local i
	for ((i = 0; i < $1; i++)); do
		ln "$root/etc/passwd" "$folder/$i"
	done
}

folders() {
	local i
	for ((i = 0; i < $1; i++)); do
		mkdir "$folder/$i"
		echo "$i" >"$folder/$i/file"
	done
}

# In three folders, which have one each.
nested() {
	local i
	mkdir -p "$folder"/{a,b,c}/below
	for ((i = 0; i < $1; i++)); do
		echo "$i" | tee "$folder"/{a,b,c}/"$i" \
			"$folder"/{a,b,c}/below/"$i" >/dev/null
	done
}

# run KIND N: has a dozen or many files to deal with, and deals with them
run() {
	local rest='' d='"purge": true' left=0
	rm -rf "$root" "$state"
	mkdir -p "$root"/{bin,etc,log} "$folder"
	cp "$TOOLS/tick" "$root/bin/tick"
	: >"$root/log/ticks"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	case $1 in
	badwriter)
		rm -rf "$new"
		cp -a "$root" "$new"
		folder=$new/srv/d files "$2"
		left=$2
		;;
	make | replace)
		rest=$(more '{ "content": "new %d\\n" }' "$2") d='' left=$2
		[ "$1" = make ] || files "$2"
		;;
	remove)
		files "$2"
		rest=$(more '{ "ensure": "absent" }' "$2") d=''
		;;
	purge) files "$2" ;;
	purge-shared)
		chmod 1777 "$folder"
		files "$2"
		;;
	purge-links) links "$2" ;;
	purge-folders) folders "$2" ;;
	purge-nested) nested "$2" ;;
	tree)
		folders "$2"
		d='"ensure": "absent", "force": true'
		;;
	esac
	echo '{ "version": 1, "policy": { "max_removals": 10000 },' \
		"\"resources\": { \"directory:/srv/d\": { $d }$rest } }" \
		>"$manifest"
	stopat -q -f -o "$work/calls" 0 "${job[@]}" >"$work/out" 2>&1 ||
		die "$1 of $2 fails: $(cat "$work/out")"
	[ "$(find "$root/srv" -type f | wc -l)" = "$left" ] ||
		die "$1 of $2 does not do it"
}

# syncs KIND N: how many, in found
syncs() {
	run "$@"
	found=$(grep -cE ' (fsync|fdatasync|syncfs|sync)$' "$work/calls" ||
		true)
}

# are_few KIND: what the state folder costs differs by one or two
are_few() {
	local some
	syncs "$1" "$few"
	some=$found
	syncs "$1" "$many"
	say "$1: $some syncs for $few, $found for $many"
	[ "$found" -le $((some + 4)) ]
}

use_converge
for kind in make replace remove purge purge-shared purge-links purge-folders \
	purge-nested tree; do
	are_few "$kind" || failed=1
done
use_badwriter
! are_few badwriter || failed=1
exit "$failed"
