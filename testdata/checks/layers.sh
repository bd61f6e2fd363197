#!/usr/bin/env bash
# Who may include whom, and who may call what:
#   cmd      -> lib/converge.h and its own headers
#   modules  -> lib/module.h and modules/parts, and of lib/text what is listed
#               below
#   base     -> base; text -> base, text; store -> base, store
#   pure     -> no call that changes or opens anything on a host
set -eu
build=$1
cd "$(dirname "$0")/../.."
failed=0

complain() {
	echo "layers: $*" >&2
	failed=1
}

# allowed FOLDER PATTERN: every #include "..." of the folder's files matches.
allowed() {
	local file line
	while IFS=: read -r file line; do
		line=${line#*\"}
		line=${line%\"*}
		[[ $line =~ $2 ]] || complain "$file includes $line"
	done < <(git ls-files "$1/*.c" "$1/*.h" | grep -vE '_(test|fuzz)\.[ch]$' |
		xargs grep -H '^#include "' | sed 's/#include //')
}

allowed cmd '^(cmd/|lib/converge\.h$)'
allowed modules '^(modules/parts/|lib/module\.h$|lib/text/(escape|edit/edit)\.h$)'
allowed lib/base '^lib/base/'
allowed lib/text '^lib/((base|text)/|test\.h$)'
allowed lib/store '^lib/((base|store)/|test\.h$)'
allowed lib/host '^lib/((base|text|host)/|test\.h$)'
allowed lib/kinds '^lib/(base|text|host|kinds)/'
allowed lib/facts '^lib/(base|text|host|facts)/'
allowed lib/origin '^lib/((base|text|host|store|origin)/|test\.h$)'
allowed lib/doc '^lib/(base|doc|module\.h$|catalog\.h$|lint/rules\.h$)'
allowed lib/secret '^lib/((base|text|host|kinds|facts|secret)/|(manifest|catalog)\.h$)'

# What only host/linux and store may call.
banned='access|chdir|chmod|chown|chroot|creat|dlopen|execv|execve|execvp|fchmod|fchmodat|fchown|fchownat|fdatasync|flock|fopen|fork|fsync|ftruncate|ioctl|kill|lchown|link|linkat|lstat|mkdir|mkdirat|mkfifo|mknod|mount|open|open64|openat|openat64|popen|posix_spawn|ptrace|realpath|remove|rename|renameat|renameat2|rmdir|setuid|socket|stat|symlink|symlinkat|syncfs|system|truncate|umask|unlink|unlinkat|unshare|utimensat'
# What nobody may call.
never='strcpy|stpcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|system|popen|mktemp|tmpnam|tempnam|alloca|realpath|gmtime|localtime'

# calls FOLDER PATTERN: names that objects of the folder take from outside.
calls() {
	find "$build/$1" -name '*.o' ! -name '*_test.c.o' ! -name '*_fuzz.c.o' \
		! -name '*_gen.c.o' ! -name 'fuzz_main.c.o' -print0 |
		xargs -0 nm -u -A |
		sed -nE "s/@.*//; s#^.*/([^/]+\.o): +U ($2)\$#\1 calls \2#p"
}

objects=0
for part in lib/CMakeFiles/pure.dir modules/CMakeFiles/modules.dir cmd/CMakeFiles/converge.dir; do
	[ -d "$build/$part" ] || complain "$build/$part is not there"
	objects=$((objects + $(find "$build/$part" -name '*.o' | wc -l)))
	while read -r line; do complain "$line"; done < <(calls "$part" "$banned|$never")
done
for part in lib/CMakeFiles/linux.dir lib/CMakeFiles/store.dir; do
	[ -d "$build/$part" ] || complain "$build/$part is not there"
	while read -r line; do complain "$line"; done < <(calls "$part" "$never")
done
[ "$objects" -gt 20 ] || complain "only $objects objects to look at"
[ "$failed" = 0 ] && echo "layers: $objects pure objects keep to theirs"
exit "$failed"
