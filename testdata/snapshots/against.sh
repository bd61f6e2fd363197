#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# against.sh CONVERGE: a plan against a snapshot, and a simulation of it, run
# nothing, open nothing but the world, the snapshot and libraries, and have no
# socket, whatever the world asks for; of this machine they say nothing. strace(1) is seen to find each of
# these where a plan of this very host does it.
set -eu
converge=$(realpath "$1")
for tool in strace git zstd; do
	command -v "$tool" >/dev/null || {
		echo "skipped: no $tool"
		exit 77
	}
done
strace -o /dev/null true 2>/dev/null || {
	echo "skipped: nothing can be traced here"
	exit 77
}
work=$(realpath "$(mktemp -d)")
trap 'rm -rf "$work"' EXIT
unset TMPDIR
export ASAN_OPTIONS=detect_leaks=0 # which cannot be done when it is traced
root=$work/root world=$work/world

die() {
	echo "against.sh: $*" >&2
	exit 1
}

# --- a world that would do all that must not be done ---

mkdir -p "$root"/etc "$root"/var/lib "$world"/{hosts,files,modules.d,secrets}
echo victim >"$root/etc/hostname"
echo '{"version": 1}' >"$world/converge.json"
echo hello >"$world/files/f"
cat >"$world/modules.d/own.json" <<'M'
{"format": "converge.type/1", "summary": "Runs.", "effects": "own",
 "example": {"own:a": {}},
 "attributes": {"name": {"type": "text", "name": true, "doc": "N."},
  "state": {"type": "text", "doc": "S."}}}
M
printf '#!/bin/sh\ntouch %s/ran\n' "$work" >"$world/modules.d/own"
chmod +x "$world/modules.d/own"
cat >"$world/hosts/victim.json" <<M
{"version": 1, "host": "victim", "resources": {
 "file:/etc/f": {"source": "files/f", "validate": ["touch", "$work/ran", "%"]},
 "file:/etc/passwd": {"content": "x"},
 "line:/etc/group": {"path": "/etc/group", "line": "x"},
 "exec:guarded": {"command": ["touch", "$work/ran"], "unless": ["touch", "$work/ran"]},
 "exec:plain": {"command": ["touch", "$work/ran"]},
 "own:x": {"state": "s"},
 "package:bash": {"ensure": "latest"},
 "service:cron": {"ensure": "running", "check": ["touch", "$work/ran"]},
 "git:/opt/g": {"repository": "https://127.0.0.1/x", "revision": "main"}}}
M
git -C "$world" init -q -b main
git -C "$world" -c user.name=t -c user.email=t@example.org add -A
git -C "$world" -c user.name=t -c user.email=t@example.org commit -qm one

mkdir "$work/empty"
cat >"$work/empty/m.json" <<'M'
{"version": 1, "host": "victim", "resources": {"file:/etc/f": {}}}
M
"$converge" snapshot "$work/empty/m.json" --root "$root" --out "$work/snap" \
	2>/dev/null
mkdir "$work/snaps"
cp "$work/snap" "$work/snaps/victim.json.zst"

# --- what a trace has that it must not ---

# Lines of strace of what was run, opened outside or connected.
found() {
	python3 - "$1" "$world" "$work/snap" "$work/snaps" <<'P'
import re
import sys

trace, world, snapshot, snapshots = sys.argv[1:]
# libgit2 reads certificates as it is loaded, a sanitizer what it was started by
libraries = re.compile(r"/(usr/)?lib(64|x32)?/.*\.so[.0-9]*$|/etc/ld\.so\.cache$"
                       r"|/proc/[0-9]+/(fd|maps|cmdline|environ)$"
                       r"|/etc/ssl/certs/ca-certificates\.crt$"
                       # libc counts processors, and jansson seeds a hash
                       r"|/sys/devices/system/cpu/online$|/dev/urandom$")
network = re.compile(r"(socket|socketpair|connect|bind|listen|accept4?|sendto"
                     r"|sendmsg|recvfrom|recvmsg)\(")
first = True
for line in open(trace, encoding="utf-8", errors="replace"):
    call = line.split(None, 1)[1]
    if call.startswith("execve(") and first:
        first = False
    elif call.startswith("execve"):
        print("runs:", call, end="")
    elif network.match(call):
        print("talks:", call, end="")
    # what a path came to, links and descriptors and all
    opened = re.match(r"open(at2?)?\(.*\) += [0-9]+<(.*)>$", call)
    if not opened or "O_PATH" in call:
        continue
    path = opened.group(2)
    if re.search("O_(WRONLY|RDWR|CREAT)", call):
        print("writes:", call, end="")
    elif not (path in (snapshot, world, snapshots) or
              path.startswith((world + "/", snapshots + "/")) or
              libraries.match(path)):
        print("opens:", call, end="")
P
}

# traced NAME ARGUMENT...
traced() {
	local name=$1
	shift
	(cd "$world" && strace -f -qq -y -o "$work/$name" \
		-e trace=%file,%network,execve,execveat \
		"$converge" "$@" >"$work/$name.out" 2>"$work/$name.err") || true
}

# none NAME ARGUMENT...
none() {
	local said
	traced "$@"
	grep -Eq '^(plan: |test: 1 host, )' "$work/$1.out" || {
		cat "$work/$1.out" "$work/$1.err" >&2
		die "$1: no plan was made"
	}
	said=$(found "$work/$1")
	[ -z "$said" ] || die "$1: $said"
	[ ! -e "$work/ran" ] || die "$1: something of the world was run"
	echo "$1: $(wc -l <"$work/$1") calls, none that it must not make"
}

none folder plan --against "$work/snap" "$world"
none commit plan --against "$work/snap" "$world" --rev main
none test test "$world" --snapshots "$work/snaps"
none test-commit test "$world" --rev main --snapshots "$work/snaps"
none test-debian test "$world"
grep -q 'exec:plain: a second pass runs it again' \
	"$work/test.out" || die "the second pass: $(cat "$work/test.out")"

# what cannot be known says why
grep -q '^? exec:guarded  unknown: its guard .*a recorded host runs nothing' \
	"$work/folder.out" || die "the guard: $(cat "$work/folder.out")"

# --- the control: a plan of a host does all of that ---

traced control plan "$world" --root "$root" --state-dir "$work/state"
said=$(found "$work/control")
for what in runs opens talks; do
	grep -q "^$what: " <<<"$said" || die "the control: $what nothing"
done
echo "control: $(grep -c . <<<"$said") such calls in a plan of a host"
