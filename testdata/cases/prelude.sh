# What the commands of a case may use beside the usual tools.
# shellcheck shell=bash disable=SC2086 # AT is words: options
# ROOT, STATE: the tree to converge and the state directory; both are new.
# CONVERGE: the binary. AT: options that make it act there, as host h.
AT="--root $ROOT --state-dir $STATE --host h"
converge() { "$CONVERGE" "$@"; }
plan() { "$CONVERGE" plan "$@" $AT; }
apply() { "$CONVERGE" apply "$@" $AT; }
check() { "$CONVERGE" check "$@"; }
fmt() { "$CONVERGE" fmt "$@"; }
why() { "$CONVERGE" why "$@" $AT; }
status() { "$CONVERGE" status "$@" --root "$ROOT" --state-dir "$STATE"; }
history() { "$CONVERGE" history "$@" --root "$ROOT" --state-dir "$STATE"; }
# pick EXPRESSION: of j, the JSON on standard input
pick() { python3 -c "import json, sys; j = json.load(sys.stdin); print(json.dumps(($1)))"; }
# untimed: what history and status print, without what differs from run to run
untimed() {
	sed -E 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})/TIME/g
		s/(TIME,?) +[0-9]+s/\1 TOOK/; s/pid [0-9]+/pid PID/
		s/([^ ])   +/\1  /g; s/"(age|seconds|pid)": [0-9]+/"\1": N/'
}
graph() { "$CONVERGE" graph "$@" --root "$ROOT" --host h; }
# manifest: a whole one around the resources on standard input
manifest() { printf '{"version":1,"resources":{%s}}' "$(cat)" >m.json; }
# tree PATH...: mode, owner (who runs the case counts as root) and name of all
# that is there
tree() {
	(cd "$ROOT" && find "$@" -printf '%M %U:%G %p -> %l\n' |
		sed "s/ -> $//; s/ $(id -u):$(id -g) / 0:0 /" | LC_ALL=C sort -k3)
}
# await FILE: until a background command has made it
await() {
	n=0
	until [ -e "$1" ]; do
		n=$((n + 1))
		[ $n -lt 500 ] || return 1
		sleep 0.02
	done
}
# accounts: a small passwd(5) and its kin in the tree
accounts() {
	printf '%s\n' root:x:0:0::/root:/bin/sh ada:x:1000:1000::/home/ada:/bin/sh >"$ROOT/etc/passwd"
	printf '%s\n' 'root:*:19000:0:99999:7:::' 'ada:$1$x$y:19000:0:99999:7:::' >"$ROOT/etc/shadow"
	printf '%s\n' root:x:0: adm:x:4: ada:x:1000: >"$ROOT/etc/group"
	printf '%s\n' 'root:*::' 'adm:*::' 'ada:!::' >"$ROOT/etc/gshadow"
}
