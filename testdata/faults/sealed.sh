#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2317 # the hooks' own variables; for lib.sh
#
# A sealed secret is where it belongs and nowhere else: not in what any command
# says, in no log, state, saved plan, argument, variable or temporary file, in
# no core, and at no instant there for others. Each check is first seen to find
# the same text where it is not sealed.
#
#	sealed.sh [ERROR...]   how calls fail, or "kill" (default: in four ways)
set -eu
stride=1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
for tool in age ssh-keygen strace python3 zstd; do
	command -v "$tool" >/dev/null || skip "no $tool"
done

errors=("$@")
[ $# -gt 0 ] || errors=(EIO ENOSPC EACCES kill)
world=$work/world said=$work/said known=$work/known
etc=$root/etc
mkdir -p "$world/secrets" "$world/templates" "$said" "$etc/ssh" \
	"$root"/{usr,tmp,run,var/lib,proc,dev}
mount --bind /usr "$root/usr"
for name in bin sbin lib lib64; do
	ln -s "usr/$name" "$root/$name"
done
: >"$root/dev/null"
mount --bind /dev/null "$root/dev/null"

# The secret, which no command line has, and which changes in every form.
umask 077
new_secret() {
	printf '%s?/"%s\\+' "$(head -c 9 /dev/urandom | base64)" \
		"$(head -c 9 /dev/urandom | base64)" >"$known"
}
new_secret
ssh-keygen -q -t ed25519 -N '' -C '' -f "$etc/ssh/ssh_host_ed25519_key"
umask 022

seal() {
	(cd "$world" && "$CONVERGE" secret seal db --to h) <"$1"
}
printf '{"version": 1, "hosts": {"h": "%s"}}' \
	"$(cat "$etc/ssh/ssh_host_ed25519_key.pub")" >"$world/secrets/recipients.json"
printf 'user=app\ntoken={{vars.db}}\nworkers={{vars.n}}\n' >"$world/templates/t"

# One that says it in all forms that a program might, on both streams.
mkdir "$root/opt"
cat >"$root/opt/tell" <<'M'
#!/usr/bin/python3
import base64, json, sys, urllib.parse
s = open("/etc/alone", "rb").read()
for out in sys.stdout, sys.stderr:
    print(s.decode(), s.hex(), s.hex().upper(), file=out)
    print(urllib.parse.quote(s, safe=""), json.dumps(s.decode()), file=out)
    for pad in b"", b"x", b"xy":
        print(base64.b64encode(pad + s + b"z").decode(), file=out)
sys.exit(int(sys.argv[1]))
M
chmod 0755 "$root/opt/tell"

# manifest SECRET N [STATUS]: what db is, as JSON, how many workers, and how the
# commands end; with 7 all validators fail too. All print what they are given.
manifest() {
	local validate="\"validate\": [\"sh\", \"-c\", \"cat %; cat % >&2; exit $((${3-0} == 7))\"]"
	cat >"$world/m.json" <<M
{"version": 1, "host": "h", "vars": {"db": $1, "n": $2}, "resources": {
"file:/etc/alone": {"content": "\${vars.db}", "mode": "0600"},
"line:db": {"path": "/etc/line", "line": "db=\${vars.db};", "match": "^db=",
	"create": true, $validate},
"line:n": {"path": "/etc/line", "line": "n=$2", "match": "^n=", "create": true,
	"require": "line:db"},
"block:db": {"path": "/etc/block", "content": "one\n\${vars.db}\ntwo",
	"create": true, $validate},
"ini:db": {"path": "/etc/ini", "section": "s", "key": "db", "value": "\${vars.db}",
	"create": true, $validate},
"json:db": {"path": "/etc/json", "pointer": "/a", "value": {"b": "\${vars.db}"},
	"create": true, $validate},
"json:n": {"path": "/etc/json", "pointer": "/n", "value": $2, "create": true,
	"require": "json:db"},
"exec:stdin": {"command": ["sh", "-c", "read -r s; echo \$s; echo \$s >&2; : >/ran; exit ${3-0}"],
	"stdin": "\${vars.db}\n", "creates": "/ran"},
"file:/etc/app": {"template": "templates/t", "mode": "0640",
	"validate": ["sh", "-c", "cat %; exit $((${3-0} == 7))"]},
"exec:tell": {"command": ["/opt/tell", "${3-0}"], "unless": ["/opt/tell", "1"],
	"require": "file:/etc/alone"}}}
M
}

sealed() {
	manifest '{"secret": "secrets/db.age"}' "$@"
}

# In the clear, as it is where nobody cares.
open() {
	manifest "$(python3 -c 'import json, sys; print(json.dumps(
		open(sys.argv[1]).read()))' "$known")" "$@"
}

at=(--host h --root "$root" --state-dir "$state")

# Where it belongs.
places=(alone app line block ini json)
forget() {
	rm -f "${places[@]/#/$etc/}" "$root/ran"
}

# elsewhere: all that is in the state and the tree, but for there and for what
# only root can read of the backups
elsewhere() {
	local name not=()
	for name in "${places[@]}"; do
		not+=(! -path "$etc/$name")
	done
	mkdir -p "$state"
	find "$state" "$root" -xdev -path "$state/backup" -prune -o \
		-type f "${not[@]}" -print0
}

fresh() {
	rm -rf "$state" "$said"
	mkdir "$said"
	forget
}

# run NAME ARGUMENT...: what it says is kept
run() {
	local name=$told.$1
	shift
	"$CONVERGE" "$@" "${at[@]}" >"$said/$name.out" 2>"$said/$name.err" || true
}

# Everything that converge says anything of it by.
told=0
tell_all() {
	told=$((told + 1))
	run plan plan "$world/m.json" -v
	run json plan "$world/m.json" --json --out "$said/$told.plan.json"
	run dry apply "$world/m.json" --dry-run -v
	run graph graph "$world/m.json" --json
	run apply apply "$world/m.json" -v
	run again apply "$world/m.json" --json
	run snapshot snapshot "$world/m.json" --contents --out "$work/snapshot"
	zstdcat "$work/snapshot" >"$said/$told.snapshot.json"
}

# How many snapshots have a digest of the secret, by which it could be guessed.
digests() {
	grep -lF "$(sha256sum <"$known" | cut -d' ' -f1)" "$said"/*.snapshot.json |
		grep -c . || true
}

# hits PATH...: forms.py's
hits() {
	"$here/forms.py" "$known" "$@" || true
}

# none_found WHAT: $found is empty
none_found() {
	say "$1: $(grep -c . <<<"$found" || true) hits"
	[ -z "$found" ] || { echo "$found"; failed=1; }
}

# none WHAT PATH...
none() {
	local found
	found=$(hits "${@:2}")
	none_found "$1"
}

# some_found WHAT LEAST: the control
some_found() {
	local n
	n=$(grep -c . <<<"$found" || true)
	say "control: $1: $n hits"
	[ "$n" -ge "$2" ] || failed=1
}

# some WHAT LEAST PATH...
some() {
	local found
	found=$(hits "${@:3}")
	some_found "$1" "$2"
}

failed=0

# --- what is said, saved and kept (F16) ---

fresh
open 4 1
tell_all
some "said in the clear" 12 "$said"
[ "$(digests)" -gt 0 ] || die "no digest in the clear"
fresh
sealed 4
seal "$known"
tell_all
cmp "$etc/alone" "$known" || die "the secret is not in its file"
for name in app line block ini; do
	grep -qF "$(cat "$known")" "$etc/$name" || die "nor in $name"
done
[ "$(stat -c %a "${places[@]/#/$etc/}" | sort -u | tr '\n' ' ')" = "600 640 " ] ||
	die "they have other modes"
none "what is said" "$said" "$world"
[ "$(digests)" -eq 0 ] || die "a digest of the secret is told"
grep -q '"/etc/alone":{' "$said"/*.snapshot.json || die "nothing is recorded"
grep -q '<secret secrets/db.age>' "$said"/*.apply.out ||
	die "nothing was said of it at all"
cp "$known" "$work/first"

# the next one: the old text is as secret, and failures say more
sealed 8 1
new_secret
seal "$known"
echo "old=$(cat "$work/first")" >>"$etc/app"
tell_all
grep -q 'it said: <secret secrets/db.age> <secret' "$said/$told.apply.err" ||
	die "what a program said of it was not told"
sealed 8 7
rm "$etc/app"
tell_all
head -c 100 "$world/secrets/db.age" >"$work/cut"
cp "$world/secrets/db.age" "$work/whole"
cp "$work/cut" "$world/secrets/db.age"
tell_all
cp "$work/whole" "$world/secrets/db.age"
none "what is said of the next" "$said" "$world"
cp "$known" "$work/second"
cp "$work/first" "$known"
none "what is said of the first" "$said" "$world"
cp "$work/second" "$known"

# --- what is kept: nothing but what root alone can read in the backups ---

# shellcheck disable=SC2046 # words, none with a space
none "state" $(find "$state" -mindepth 1 -maxdepth 1 ! -name backup)
[ "$(stat -c %a "$state" "$state/backup" | sort -u)" = 700 ] || failed=1
mapfile -d '' -t files < <(elsewhere)
none "the tree" "${files[@]}"

# --- arguments and variables (F15) ---

# traced NAME: every execve(2) of an apply
traced() {
	fresh
	strace -f -v -s 65535 -e trace=execve,execveat -o "$work/$1.trace" \
		"$CONVERGE" apply "$world/m.json" "${at[@]}" >/dev/null 2>&1 || true
	grep -c 'execve(' "$work/$1.trace" >/dev/null || die "nothing was traced"
}
sealed 4
sed -i "s|\"/opt/tell\", \"0\"|\"/opt/tell\", $(python3 -c 'import json, sys
print(json.dumps(open(sys.argv[1]).read()).replace("|", ""))' "$known" |
	sed 's/[&\\]/\\&/g')|" "$world/m.json"
traced control
# strace escapes quotes as JSON does
some "in arguments" 1 "$work/control.trace"
sealed 4
traced sealed
none "arguments and variables" "$work/sealed.trace"

# --- a hash of a password, which goes to chpasswd(8) ---

cp "$known" "$work/kept"
if command -v openssl >/dev/null && command -v chpasswd >/dev/null; then
	(umask 077 && openssl passwd -6 -stdin <"$work/kept" >"$known")
	truncate -s -1 "$known"
	(cd "$world" && "$CONVERGE" secret seal hash --to h) <"$known"
	echo 'root:x:0:0::/root:/bin/sh' >"$etc/passwd"
	echo 'root:x:0:' >"$etc/group"
	(umask 077 && echo 'root:*:1::::::' >"$etc/shadow" && : >"$etc/gshadow")
	cat >"$world/m.json" <<-'M'
		{"version": 1, "host": "h", "resources": {"user:ada": {
		"password_hash": {"secret": "secrets/hash.age"}, "shell": "/bin/sh"}}}
	M
	fresh
	tell_all
	places+=(shadow shadow-)
	some "in shadow(5)" 1 "$etc/shadow"
	mapfile -d '' -t files < <(elsewhere)
	none "what is said of a hash" "$said" "${files[@]}"
	sed -i 's/^ada:[^:]*/ada:*/' "$etc/shadow"
	places=(alone app line block ini json)
	traced hash
	some "in shadow(5) again" 1 "$etc/shadow"
	none "arguments and variables with it" "$work/hash.trace"
	rm "$etc"/{passwd,group,shadow,gshadow}*
fi
mv "$work/kept" "$known"

# --- at every instant (F14) ---

looked=(-c "openat,write,rename,renameat2,linkat,mkdirat,unlinkat,fchmod,fchown,execve,exit_group")
hook='! setpriv --reuid 65534 --regid 65534 --clear-groups \
		grep -rqsaF -f - "$ROOT/etc" "$ROOT/tmp" "$ROOT/run" "$STATE" <"$KNOWN" &&
	! grep -qsaF -f "$KNOWN" /proc/[0-9]*/cmdline /proc/[0-9]*/environ'

# watched: how often it was there, in exposed
watched() {
	fresh
	read -r _ calls _ _ exposed _ < <(
		KNOWN=$known ROOT=$root STATE=$state stopat -f -e \
			"${looked[@]}" -h "$hook" 0 "$CONVERGE" apply \
			"$world/m.json" "${at[@]}" 2>&1 >/dev/null |
			grep '^stopat ')
	say "$1: there at $exposed of $calls instants"
}
open 4
sed -i 's/"mode": "0600"/"mode": "0644"/' "$world/m.json"
watched "control"
[ "$exposed" -gt 0 ] || failed=1
sealed 4
watched "sealed"
[ "$exposed" = 0 ] || failed=1

# --- whatever fails ---

# look: what was said and left since the last look, into $found; all of it for
# each of some thousand points would not fit in memory
look() {
	found+=$(hits "$said")
	rm -rf "$said"
	mkdir "$said"
}

# broken ERROR...: an apply of which a call fails, or that is killed there, for
# each of the sampled calls, in $tried; what is said and left is looked at
broken() {
	local error point how
	fresh
	tried=0 found=
	for error; do
		how=(-z -i "$error")
		[ "$error" != kill ] || how=(-k)
		for point in "${points[@]}"; do
			tried=$((tried + 1))
			forget
			rm -rf "$state"
			timeout -s KILL 60 stopat -q -d -f "${how[@]}" "$point" \
				"${job[@]}" >"$said/$tried.out" \
				2>"$said/$tried.err" || true
			# what could not be removed is gone then
			"${job[@]}" >"$said/$tried.next" 2>&1 || true
			elsewhere | tar -Pcf "$said/$tried.tar" --null -T -
			[ $((tried % 100)) -ne 0 ] || look
		done
	done
	look
}

job=("$CONVERGE" apply "$world/m.json" -v "${at[@]}")
kind=sound stride=800
open 4
find_points
points=("${points[@]:0:3}")
broken EIO
some_found "in the clear, of $tried" 1
sealed 4
find_points
broken "${errors[@]}"
none_found "after $tried failures of $calls calls"
# the next value, over the one before
cp "$known" "$work/first"
sealed 8 7
broken "${errors[0]}"
none_found "after $tried failures, and those of all validators"
stride=1

# --- core (F17) ---

mkdir "$work/cores"
cd "$work/cores"
ulimit -c unlimited
bash -c 'kill -SEGV $$' 2>/dev/null || true
cored=$(find . -type f | wc -l)
rm -f ./*
sealed 4
for ((n = 200; n < calls; n += calls / 20)); do
	fresh
	stopat -q -f -s "$((n % 2 ? 6 : 11))" "$n" "${job[@]}" >/dev/null 2>&1 || true
done
say "$(find . -type f | wc -l) cores of it, control $cored"
[ -z "$(find . -type f)" ] || failed=1
exit "$failed"
