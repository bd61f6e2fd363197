# What the commands of a case may use beside the usual tools.
# shellcheck shell=bash disable=SC2086 # AT is words: options
# ROOT, STATE: the tree to converge and the state directory; both are new.
# CONVERGE: the binary. AT: options that make it act there, as host h.
AT="--root $ROOT --state-dir $STATE --host h"
converge() { "$CONVERGE" "$@"; }
plan() { "$CONVERGE" plan "$@" $AT; }
apply() { "$CONVERGE" apply "$@" $AT; }
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
