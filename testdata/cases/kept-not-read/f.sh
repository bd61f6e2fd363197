# shellcheck shell=sh
# reads COMMAND...: how many bytes of the manifest and of its template a run
# reads, as strace(1) sees it; what is expected where there is none
reads() {
	if ! command -v strace >/dev/null; then
		"$CONVERGE" "$@" >out 2>&1
		cat expected
		return
	fi
	# AddressSanitizer cannot look for leaks when it is traced
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		strace -f -y -o trace "$CONVERGE" "$@" >out 2>&1
	for name in m.json t; do
		sed -n "s#.*read[v64]*([0-9]*<[^>]*/world/$name>.* = ##p" \
			trace | awk -v name=$name \
			'{ n += $1 } END { print name, n + 0 }'
	done
	grep 'mmap.*/world/' trace
	return 0
}
