#!/usr/bin/env bash
# The program is built so that a fault in it is hard to use: hardened.sh BUILD.
set -eu
build=$1
program=$build/cmd/converge
failed=0

header=$(readelf -hW "$program")
segments=$(readelf -lW "$program")
dynamic=$(readelf -dW "$program")
symbols=$(readelf --dyn-syms -W "$program")

# has WHAT TEXT PATTERN
has() {
	grep -qE "$3" <<<"$2" || { echo "hardened: no $1" >&2; failed=1; }
}

# hasnt WHAT TEXT PATTERN
hasnt() {
	! grep -qE "$3" <<<"$2" || { echo "hardened: $1" >&2; failed=1; }
}

has "position-independent code" "$header" 'Type: +DYN'
has "position-independent executable" "$dynamic" 'FLAGS_1.* PIE'
has "segment that is read-only after relocation" "$segments" 'GNU_RELRO'
has "binding of all symbols at the start" "$dynamic" 'BIND_NOW'
has "stack without execution" "$segments" 'GNU_STACK.* RW '
hasnt "what can be written can be executed" "$segments" ' RWE '
hasnt "text is relocated" "$dynamic" 'TEXTREL'
hasnt "libraries are looked for in a place of its own" "$dynamic" 'R(UN)?PATH'
has "stack protector" "$symbols" ' __stack_chk_fail@'
has "fortified calls" "$symbols" ' __(memcpy|snprintf|vsnprintf)_chk@'

# The program itself cannot say that it keeps to control-flow enforcement: the
# C library's startup files and nettle do not.
objects=0
while read -r object; do
	objects=$((objects + 1))
	has "CET in $object" "$(readelf -nW "$object")" 'IBT, SHSTK'
done < <([ "$(uname -m)" != x86_64 ] || find "$build"/{lib,modules,cmd} \
	-name '*.o' ! -name '*_test.c.o' ! -name '*_fuzz.c.o')
[ "$failed" = 0 ] && echo "hardened: the program and $objects objects"
exit "$failed"
