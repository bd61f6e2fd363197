#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# In a user's own folder the user swaps things at every system call of an
# apply: the parent of managed files for a link to a folder of root's, that
# folder for nothing, a managed file, or one with a managed line, for a link to
# a file of root's. Nothing of root's is ever touched, nor told.
set -eu
stride=40
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFx"
key="${key}gZGhscHR4f k"

# What is outside has the names that are in the user's folder.
make_app() {
	mkdir -p "$1"
	echo old >"$1/conf"
	echo old >"$1/gone"
	echo mode >"$1/mode"
	echo "# mine" >"$1/keys"
	ln -s v1 "$1/current"
	mkdir -p "$1/tree/below"
	echo below >"$1/tree/below/file"
}

make_old() {
	mkdir -p "$old"/{bin,etc,log,home/u}
	cp "$TOOLS/tick" "$old/bin/tick"
	: >"$old/log/ticks"
	printf 'root:x:0:0::/root:/bin/sh\nu:x:1000:1000::/home/u:/bin/sh\n' \
		>"$old/etc/passwd"
	printf 'root:x:0:\nu:x:1000:\n' >"$old/etc/group"
	make_app "$old/home/u/app"
	chown -R 1000:1000 "$old/home/u"
	make_app "$old/outside"
	echo "# a secret of root" >"$old/outside/keys"
	chmod 0700 "$old/outside"
}

make_new() {
	local app=$new/home/u/app
	cp -a "$old" "$new"
	echo new >"$app/conf"
	rm -r "$app/gone" "$app/tree"
	chmod 0600 "$app/mode"
	echo "$key" >>"$app/keys"
	echo new >"$app/new"
	ln -sfn v2 "$app/current"
	mkdir "$app/folder"
	chown -Rh 1000:1000 "$app"
}

make_manifest() {
	local app=/home/u/app u='"owner": "u", "group": "u", "notify": "exec:tick"'
	cat >"$manifest" <<-END
	{ "version": 1, "host": "h", "resources": {
	"exec:tick": { "command": ["/bin/tick", "/log/ticks"],
		"refreshonly": true },
	"file:$app/conf": { "content": "new\n", $u },
	"file:$app/gone": { "ensure": "absent", "notify": "exec:tick" },
	"file:$app/mode": { "mode": "0600", $u },
	"file:$app/new": { "content": "new\n", $u },
	"authorized_key:k": { "user": "u", "key": "$key",
		"path": "$app/keys", "notify": "exec:tick" },
	"link:$app/current": { "target": "v2", "notify": "exec:tick" },
	"directory:$app/folder": { "mode": "0755", $u },
	"directory:$app/tree": { "ensure": "absent", "force": true,
		"notify": "exec:tick" } } }
	END
}

# swapped HOOK N: with the user's folder as $APP, the trap as $TRAP. That is
# kept in a folder that no job looks at.
swapped() {
	local app=$root/home/u/app trap=$root/log/trap
	ln -s ../../outside "$trap"
	chown -h 1000:1000 "$trap"
	ln -s ../../../outside/conf "$trap.file"
	ln -s ../../../outside/keys "$trap.keys"
	chown -h 1000:1000 "$trap.file" "$trap.keys"
	treesum -t "$root/outside" >"$work/outside"
	APP=$app TRAP=$trap faulty -h "$1" "$2" || return 1
	treesum -t "$root/outside" | cmp -s - "$work/outside" ||
		wrong "an escape: $(treesum "$root/outside" |
			diff - <(sed 's/ [^ ]* [^ ]*$//' "$work/outside") |
			grep '^[<>]' | head -n 1)" || return 1
	! grep -rqs "secret of root" "$root/home" ||
		wrong "a secret of root is in the home" || return 1
	runs_on || return 1
	put_back "$app" "$trap" || return 1
	count_ticks
	recovers any "$ticks"
}

# A user who leaves his trap in place fails his own files, and no others.
runs_on() {
	local code=0
	[ "${job[0]}" != badwriter ] || return 0
	"${job[@]}" >"$work/out" 2>&1 || code=$?
	[ "$code" = 0 ] || [ "$code" = 4 ] ||
		wrong "with the trap in place the next run exits with $code"
}

put_back() {
	if [ -L "$1" ]; then
		swap "$1" "$2"
	fi
	if [ -d "$2.moved" ]; then
		rm -rf "$1"
		mv "$2.moved" "$1"
	fi
	# a file is put in place of a link, but no line into one
	if [ -L "$1/keys" ]; then
		swap "$1/keys" "$2.keys"
	fi
	rm -rf "$2" "$2.file" "$2.keys"
}

# shellcheck disable=SC2016 # the hooks' own variables
{
	parent='swap "$APP" "$TRAP"'
	away='mv "$APP" "$TRAP.moved"'
	leaf='swap "$APP/conf" "$TRAP.file"'
	keys='swap "$APP/keys" "$TRAP.keys"'
}

make_world
use_converge
find_points
sound "the folder swapped for a link" swapped "$parent"
sound "the folder moved away" swapped "$away"
sound "a file swapped for a link" swapped "$leaf"
sound "a file of keys swapped for a link" swapped "$keys"

use_badwriter
find_points
sound "the sound writer" swapped "$parent"
use_badwriter --by-path
find_points
control "control --by-path" swapped "$parent"
exit "$failed"
