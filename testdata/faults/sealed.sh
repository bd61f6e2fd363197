#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2034,SC2317 # the hooks' own variables; for lib.sh
#
# A sealed secret is where it belongs and nowhere else: not in what any command
# says, in no log, state, saved plan, argument, variable or temporary file, in
# no core, and at no instant there for others. Each check is first seen to find
# the same text where it is not sealed.
set -eu
stride=1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
for tool in age ssh-keygen strace python3 zstd; do
	command -v "$tool" >/dev/null || skip "no $tool"
done

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

# manifest SECRET N: what db is, as JSON, and how many workers
manifest() {
	cat >"$world/m.json" <<M
{"version": 1, "host": "h", "vars": {"db": $1, "n": $2}, "resources": {
"file:/etc/alone": {"content": "\${vars.db}", "mode": "0600"},
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

fresh() {
	rm -rf "$state" "$said" "$etc/alone" "$etc/app"
	mkdir "$said"
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

# none WHAT PATH...
none() {
	local what=$1 found
	shift
	found=$(hits "$@")
	say "$what: $(grep -c . <<<"$found" || true) hits"
	[ -z "$found" ] || { echo "$found"; failed=1; }
}

# some WHAT LEAST PATH...: the control
some() {
	local what=$1 least=$2 n
	shift 2
	n=$(hits "$@" | grep -c . || true)
	say "control: $what: $n hits"
	[ "$n" -ge "$least" ] || failed=1
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
grep -qF "$(cat "$known")" "$etc/app" || die "nor in the other"
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
# shellcheck disable=SC2046
none "the tree" $(find "$root" -mindepth 1 -maxdepth 1 ! -name etc ! -name usr) \
	$(find "$etc" -type f ! -name alone ! -name app)

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

# --- core (F17) ---

mkdir "$work/cores"
cd "$work/cores"
ulimit -c unlimited
bash -c 'kill -SEGV $$' 2>/dev/null || true
cored=$(find . -type f | wc -l)
rm -f ./*
for n in 200 400 600 800; do
	fresh
	stopat -q -f -s SEGV "$n" "$CONVERGE" apply "$world/m.json" "${at[@]}" \
		>/dev/null 2>&1 || true
done
say "$(find . -type f | wc -l) cores of it, control $cored"
[ -z "$(find . -type f)" ] || failed=1
exit "$failed"
