#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# converge(1) has the commands and options of the binary's help, and no other.
# usage: options.sh CONVERGE MAN
set -eu
converge=$1
page=$2/converge.1
status=0

# same WHAT HAVE WANT: compares two lists of lines.
same() {
	diff -u --label "$1 of converge(1)" --label "$1 of converge help" \
		<(sort -u <<<"$2") <(sort -u <<<"$3") || status=1
}

# "Fl -root", "Fl q" as they are typed.
typed() {
	grep -oE 'Fl -?[a-z-]+' | sed 's/^Fl /-/'
}

section() {
	sed -n "/^\\.S[hs] $1\$/,/^\\.S[hs] /p" "$page"
}

commands=$("$converge" help | sed -n '/^commands:/,/^$/s/^  \([a-z]\+\) .*/\1/p')
[ "$(wc -l <<<"$commands")" -ge 7 ]
same "the commands" \
	"$(section Commands | sed -n 's/^\.It Cm \([a-z]*\).*/\1/p')" "$commands"
same "the commands of the synopsis" \
	"$(section SYNOPSIS | sed -n 's/^\.Cm //p')" "$commands"

all=
for command in $commands; do
	help=$("$converge" "$command" --help)
	[ "$help" = "$("$converge" help "$command")" ]
	# help wraps its lines: options are what begins one
	names=$(sed -n 's/^  \(-[^ ].*\)/\1/p' <<<"$help" | sed 's/  .*//' |
		grep -oE -- '(^|, )--?[a-z-]+' | sed 's/^, //')
	all+=$names$'\n'
	synopsis=$(section SYNOPSIS |
		sed -n "/^\\.Cm $command\$/,/^\\.\\(Nm\\|Sh\\)/p")
	same "the options of $command" "$(typed <<<"$synopsis")" \
		"$(grep -vx -e -h -e --help <<<"$names" || true)"
	operand=$(head -1 <<<"$help" |
		sed -E "s/^usage: converge $command ?//; s/ ?\\[options\\]\$//")
	same "the operand of $command" \
		"$(sed -nE 's/^\.(Op )?Ar (.*)/\1\2/p' <<<"$synopsis" |
			sed -E 's/^Op (.*)/[\1]/; s/ Op Ar (.*)/ [\1]/; s/ \| /|/g')" "$operand"
done
all=$(grep . <<<"$all")
options=$(section Options)
same "the options" "$(grep '^\.It Fl' <<<"$options" | typed)" "$all"

# A page of commands names one on each line of its synopsis, in full: to groff a
# .Nm without arguments is the first word of the name alone.
for manual in "$2"/converge-*.1; do
	page=$manual
	lines=$(section SYNOPSIS | grep '^\.Nm')
	while read -r _ program command rest; do
		[ "$program" = converge ] && [ -z "$rest" ] &&
			grep -qx -e "$command" <<<"$commands" || {
			echo "$manual: .Nm $program $command: it names no command"
			status=1
		}
	done <<<"$lines"
done
page=$2/converge.1

# an argument has one name everywhere
arguments=$(for command in $commands; do
	"$converge" help "$command"
done | sed -nE 's/^  (-., )?(--[a-z-]+)(\[=| )([A-Z]+)\]?  .*/\2 \4/p')
same "the arguments" "$(sed -nE \
	's/^\.It .*Fl (-[a-z-]+)( Ns Op Ns = Ns)? Ar ([A-Z]+)$/-\1 \3/p' \
	<<<"$options")" "$arguments"

# whatever the manuals mention is there
for manual in "$2"/*.[1-9]; do
	typed <"$manual" | sort -u | while read -r name; do
		grep -qx -e "$name" -e "${name}-" <<<"$all"$'\n--' || {
			echo "$manual: there is no option $name"
			exit 1
		}
	done || status=1
done

# exit statuses are those of the header
want=$(sed -nE 's/^\tCONVERGE_[A-Z_]+ = ([0-9]+),$/\1/p' "$2/../lib/converge.h" |
	sed 's/^128$/128+n/')
same "the exit statuses" \
	"$(section "EXIT STATUS" | sed -nE 's/^\.It ([0-9].*)/\1/p')" "$want"$'\n6'

# no line of help is wider than a terminal
types=$("$converge" help | sed -n '/^resource types/,/^$/p' | sed 1d)
for topic in "" $commands $types; do
	"$converge" help ${topic:+"$topic"} | awk -v topic="$topic" '
		# a key of ssh is one word
		{ for (i = 1; i <= NF; i++) if (length($i) > 60) next }
		length > 79 { print "help " topic ": " $0; bad = 1 }
		END { exit bad }' || status=1
done
exit $status
