#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Completion, as it is installed, in the shells themselves.
# usage: completion.sh CONVERGE bash|zsh|fish
set -eu
converge=$1
shell=$2
command -v "$shell" >/dev/null || {
	echo "$shell is missing: install it"
	exit 1
}
folder=$(mktemp -d "${TMPDIR:-/tmp}/converge-docs-XXXXXX")
trap 'rm -rf "$folder"' EXIT
script=$folder/_converge
"$converge" help --completion "$shell" >"$script"
mkdir "$folder/here" "$folder/here/plan dir"
touch "$folder/here/web one.json" "$folder/here/web2.json"
cd "$folder/here"
status=0

complete_line() {
	case $shell in
	bash) bash_complete "$1" ;;
	fish) fish_complete "$1" ;;
	esac
}

# expect LINE WORD...: completing LINE gives these words and no other.
expect() {
	local line=$1 have want
	shift
	have=$(complete_line "$line" | sort)
	want=$( (($# == 0)) || printf '%s\n' "$@" | sort)
	[ "$have" = "$want" ] && return
	printf '%s: "%s" is completed to:\n%s\nnot to:\n%s\n' \
		"$shell" "$line" "$have" "$want"
	status=1
}

# What bash would do at the end of LINE. Sourced is what is tested.
bash_complete() {
	(
		# shellcheck disable=SC1090
		. "$script"
		# shellcheck disable=SC2317
		compopt() { :; } # it is for a prompt alone
		# words as readline breaks them: also at "="
		read -ra COMP_WORDS <<<"${1//=/ = }"
		case $1 in
		*" ") COMP_WORDS+=("") ;;
		esac
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		COMPREPLY=()
		_converge
		[ "${#COMPREPLY[@]}" = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
	)
}

# An option with "=" completes to all of the word, and has a description.
fish_complete() {
	# shellcheck disable=SC2016
	HOME=$folder XDG_CONFIG_HOME=$folder fish -c '
		complete -c converge -e
		source $argv[1]
		complete -C $argv[2]' "$script" "$1" | cut -f 1 |
		sed 's/^--[a-z-]*=//'
}

common() {
	"$shell" -n "$script"
	expect "converge pl" plan
	expect "converge " plan apply check diff test fmt capture snapshot facts graph why status history secret bundle schema help version
	expect "converge x"
	expect "converge plan --col" --color
	expect "converge plan --color " auto always never
	expect "converge plan --color=al" always
	expect "converge apply --max-disruption re" reload restart reboot
	expect "converge apply --det" --detailed-exitcode
	expect "converge plan --det"
	expect "converge graph --format s" svg
	expect "converge plan --host "
	expect "converge facts --" --help --root --json
	expect "converge help dir" directory
	expect "converge help gra" graph
	expect "converge schema converge.pl" converge.plan/1
	expect "converge version pl"
	expect "converge secret ro" rotate
	expect "converge bundle --al" --all
	expect "converge bundle we"
	expect "converge secret who --js" --json
	expect "converge diff --ex" --exact
	expect "converge diff HE"
	expect "converge diff --format " text json markdown
	expect "converge fmt --ch" --check
	expect "converge history --sin" --since
	expect "converge status --qu" --quiet
	expect "converge fmt web2" web2.json
	expect "converge test --thor" --thorough
	expect "converge test --format " text json junit
	expect "converge graph --format " dot json svg
}

bash_tests() {
	common
	expect "converge plan web" "web one.json" web2.json
	expect "converge plan --out web2" web2.json
	expect "converge plan --root pl" "plan dir"
	expect "converge plan --root=pl" "plan dir"
	expect "converge apply --wait --de" --deadline --detailed-exitcode
	expect "converge plan --color always --quiet web2" web2.json
	expect "converge pl" plan # not the folder "plan dir"
}

fish_tests() {
	common
	expect "converge plan web2" web2.json
	expect "converge plan --root pl" "plan dir/"
}

# zsh completes at a prompt alone: that it loads, both ways, is what is seen.
zsh_tests() {
	zsh -n "$script"
	local out
	# shellcheck disable=SC2016
	out=$(zsh -f -c '
		autoload -Uz compinit
		compinit -u -d $2/dump
		source $1
		print sourced $_comps[converge]
		(( $+functions[_converge] )) && print defined' zsh \
		"$script" "$folder" 2>&1)
	[ "$out" = $'sourced _converge\ndefined' ] || {
		echo "zsh says: $out"
		status=1
	}
	# shellcheck disable=SC2016
	out=$(zsh -f -c '
		fpath=($1 $fpath)
		autoload -Uz compinit
		compinit -u -d $1/dump2
		print found $_comps[converge]
		# what stands for the functions of the prompt says what it is given
		_describe() { print -l ${(P)2%%:*} }
		_arguments() { print -l -- "${@%%\[*}" }
		words=(converge "") CURRENT=2; _converge
		words=(converge facts --) CURRENT=3; _converge
		words=(converge fmt "") CURRENT=3; _converge
		' zsh "$folder" 2>&1)
	[ "$out" = "found _converge
plan
apply
facts
check
diff
test
fmt
capture
snapshot
graph
why
status
history
secret
bundle
schema
help
version
(-h --help)-h
(-h --help)--help
--root=
--json
(-h --help)-h
(-h --help)--help
--json
(-q --quiet)-q
(-q --quiet)--quiet
--check
--diff
*:file:_files" ] || {
		echo "zsh completes: $out"
		status=1
	}
}

case $shell in
bash) bash_tests ;;
fish) fish_tests ;;
zsh) zsh_tests ;;
esac
exit $status
