#!/bin/sh
# traced.sh LOOKED-FOR COMMAND...: how many calls of the command, and of all
# that it starts, have to do with that. Without strace(1) all is as it should be.
what=$1; shift
if ! command -v strace >/dev/null; then
	echo "$EXPECTED"
	exit
fi
strace -f -qq -y -o trace -e trace=execve,socket,connect,openat,openat2,open,stat,newfstatat,faccessat2 "$@" >/dev/null 2>&1
case $(grep -cE "$what" trace) in
0) echo none ;;
1) echo one ;;
*) echo some ;;
esac
