#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# SIGKILL before and after every system call of an apply that finds at its turn
# what a command has brought: the next run does the rest, nothing of it is
# left, and the command that is notified runs as often as it must.
set -eu
stride=40
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

make_old() {
	mkdir -p "$old"/{bin,log,srv,etc/there,opt/own}
	cp "$TOOLS/tick" "$TOOLS/bring" "$old/bin"
	: >"$old/log/ticks"
	echo root:x:0:0::/root:/bin/sh >"$old/etc/passwd"
	echo root:x:0: >"$old/etc/group"
	echo old >"$old/etc/there/old"
	echo old >"$old/opt/own/old"
}

# Here what was brought is what it is to be as soon as the command has ended.
make_new() {
	cp -a "$old" "$new"
	rm "$new/etc/there/old"
	echo keep >"$new/etc/there/keep"
	mkdir -m 0750 "$new/srv/made"
	echo brought >"$new/opt/own/late"
	chown -R 1000:0 "$new/opt/own"
}

# What may be there for a while: what the command has made, in part or in whole.
make_between() {
	local made=$work/made
	mkdir -p "$made"/{srv/made,etc/there,opt/own}
	for file in {srv/made,etc/there,opt/own}/{late,later}; do
		: >"$made/$file"
	done
	treesum "$made" >"$work/between"
	for file in "$made"/*/*/*; do
		echo brought >"$file"
	done
	treesum "$made" >>"$work/between"
	# it makes the folder tighter than it is to be, then as it is to be
	echo "./srv/made d 0700 0 0 - - - -" >>"$work/between"
}

# make_manifest [ORDER]: require, unless the folders are to come too early
make_manifest() {
	local order=${1:-require}
	local after="\"$order\": \"exec:bring\", \"notify\": \"exec:tick\""
	cat >"$manifest" <<-END
	{ "version": 1, "host": "h", "resources": {
	"exec:tick": { "command": ["/bin/tick", "/log/ticks"],
		"refreshonly": true },
	"exec:bring": { "command": ["/bin/bring",
		"/etc/there/late", "/srv/made/late", "/srv/made/later",
		"/opt/own/late", "/log/brought"], "creates": "/log/brought" },
	"directory:/etc/there": { "purge": true, $after },
	"file:/etc/there/keep": { "content": "keep\n" },
	"directory:/srv/made": { "purge": true, "mode": "0750", $after },
	"directory:/opt/own": { "recurse": true, "owner": "1000", $after } } }
	END
	chmod 0600 "$manifest"
}

# killed [-x] N
killed() {
	faulty -k "$@" || return 1
	survives "$status"
}

make_world
use_converge
find_points
sound "killed before" killed
sound "killed after" killed -x

# what is looked for too early is found by the run after the next
make_manifest before
kind=changes
find_points
control "control: folders that come first" killed
exit "$failed"
