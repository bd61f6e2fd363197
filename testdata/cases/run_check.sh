#!/bin/sh
# The runner itself: each broken law, and each wrong output, must fail a case.
set -eu
python=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/case"
checked=0

# check EXPECTED COMMAND OUTPUT BODY: a converge that does BODY, in a case that
# runs COMMAND and expects OUTPUT, passes or fails as EXPECTED says.
check() {
	printf 'Prose.\n\n  $ %s\n%s' "$2" "$3" >"$work/case/case"
	printf '#!/bin/sh\n%s\n' "$4" >"$work/converge"
	chmod 755 "$work/converge"
	result=passes
	"$python" "$here/run.py" "$work/converge" /bin/true "$work/case" \
		>"$work/out" 2>&1 || result=fails
	checked=$((checked + 1))
	[ "$result" = "$1" ] && return
	echo "'$2' with '$4' $result" >&2
	cat "$work/out" >&2
	exit 1
}

check passes 'plan m.json' '' 'exit 0'
check passes 'plan m.json' '  [2]
' 'exit 2'
check passes 'plan m.json' '  out
  2> err
' 'echo err >&2; echo out'
check passes 'plan m.json' '  first
  ...
  a * c (glob)
' 'echo first; echo second; echo a b c'
check fails 'plan m.json' '' 'echo x'
check fails 'plan m.json' '' 'exit 2'
check fails 'plan m.json' '  x
' 'exit 0'
check fails 'plan m.json' '' 'echo x >&2'
check fails 'plan m.json' '  a * c (glob)
' 'echo ab c'

# a plan changes something
check fails 'plan m.json' '' 'touch $ROOT/x'
check fails 'plan m.json' '' 'chmod 700 $ROOT/etc'
check fails 'true; plan m.json' '' 'touch $ROOT/etc'
# an apply that could not run changes something
check fails 'apply m.json' '  [1]
' 'touch $ROOT/x; exit 1'
check passes 'apply m.json' '  [4]
' 'touch $ROOT/x; exit 4'
# after an apply there is something left to do
check fails 'apply m.json' '' '[ $1 = apply ] || exit 2'
check passes 'apply m.json  # again' '' '[ $1 = apply ] || exit 2'
# a second apply does something again
check fails 'apply m.json' '' '[ $1 = plan ] || date +%N >$ROOT/x'
check passes 'apply m.json' '' '[ $1 = plan ] || [ -e $ROOT/x ] || echo >$ROOT/x'
# output that a terminal or a CI system obeys
check fails 'plan m.json' "$(printf '  \033[2J')
" 'printf "\033[2J\n"'
check fails 'plan m.json' '   ::error::x
' 'echo " ::error::x"'
check fails 'plan m.json' '  2> a ##[command]x
' 'echo "a ##[command]x" >&2'
echo "run: $checked checks"
