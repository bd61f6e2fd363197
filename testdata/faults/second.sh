#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2317 # for lib.sh, and called by it
#
# A second apply writes nothing outside the state folder, syncs nothing and
# runs nothing, as strace(1) sees it and as the files' times tell.
set -eu
stride=1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

command -v strace >/dev/null || skip "needs strace"

# Calls that write, in strace's own groups where it has them.
writes=write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,splice
writes+=,fsync,fdatasync,syncfs,sync,sync_file_range,msync,truncate,ftruncate
writes+=,fallocate,rename,renameat,renameat2,link,linkat,symlink,symlinkat
writes+=,unlink,unlinkat,mkdir,mkdirat,rmdir,mknod,mknodat,chmod,fchmod
writes+=,fchmodat,chown,fchown,lchown,fchownat,utime,utimes,futimesat,utimensat
writes+=,setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr
writes+=,open,openat,openat2,creat,ioctl,execve,execveat

# Opening is writing with these; the rest only look. What goes to the state
# folder, to memory or out of standard output is allowed.
# shellcheck disable=SC2016 # the program's own $
judge_calls='
/ = -1 / { next }
/ (open|openat|openat2)\(/ && !/O_(WRONLY|RDWR|CREAT|TRUNC|TMPFILE)/ { next }
/ ioctl\(/ && !/FS_IOC_SET|FICLONE/ { next }
/ execve\(/ && !started++ { next }
/ write(v)?\([12]</ { next }
/ [a-z0-9]+\([0-9]+<\/memfd:/ { next }
/ (fsync|fdatasync|syncfs|sync|msync|sync_file_range)\(/ { print; next }
/ [a-z0-9_]+\(/ {
	if (index($0, "<" state "/") || index($0, "<" state ">") ||
	    index($0, "\"" state "/"))
		next
	print
}'

first() {
	fresh
	"${job[@]}" >/dev/null 2>&1 || die "the first one fails"
	is_new || die "the first one does not do it: $why"
}

# second WHAT: what the second job does that it should not, in found
second() {
	treesum -t "$root" >"$work/first"
	strace -f -y -o "$work/trace" -e "trace=$writes" "${job[@]}" \
		>/dev/null 2>"$work/err" || die "$1: the second one fails"
	treesum -t "$root" >"$work/second"
	found=$(awk -v "state=$state" "$judge_calls" "$work/trace")
	if ! cmp -s "$work/first" "$work/second"; then
		found+=$'\nfiles have changed'
	fi
	found=$(grep -v '^$' <<<"$found" | tr -s ' ' | cut -c 1-70 |
		head -n 3 || true)
	say "$1: $(wc -l <"$work/trace") calls seen, ${found:-none is wrong}"
}

make_world
use_converge
first
second "the second apply"
[ -z "$found" ] || failed=1
use_badwriter
first
second "the sound writer"
[ -z "$found" ] || failed=1
use_badwriter --always
second "control --always"
[ -n "$found" ] || failed=1
exit "$failed"
