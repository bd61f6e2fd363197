#!/bin/sh
# traced.sh LOOKED-FOR COMMAND...: how many calls of the command, and of all
# that it starts, have to do with that. Without strace(1) all is as it should be.
what=$1; shift
if ! command -v strace >/dev/null; then
	echo "$EXPECTED"
	exit
fi
# AddressSanitizer cannot look for leaks when it is traced
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
strace -f -qq -y -o trace -e trace=execve,socket,connect,openat,openat2,open,stat,newfstatat,faccessat2 "$@" >/dev/null 2>&1
case $(grep -cE "$what" trace) in
0) echo none ;;
1) echo one ;;
*) echo some ;;
esac
