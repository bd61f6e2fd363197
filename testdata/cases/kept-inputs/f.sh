# In each of some worlds a catalog was kept, and then changed, so that taking
# it shows: it says "taken" where the manifest says "probe".
# shellcheck shell=sh

# worlds NAME...: each a copy of base, with a root and a state of its own
worlds() {
	mkdir s
	for name in "$@"; do
		mkdir -p "w/$name" "r/$name/etc"
		cp -R base/. "w/$name"
		printf 'ID=debian\n' >"r/$name/etc/os-release"
		ln -s m.json "w/$name/link.json"
	done
	# what it is made from must be older than two seconds
	sleep 3
	for name in "$@"; do
		"$CONVERGE" apply "w/$name/m.json" --root "r/$name" \
			--state-dir "s/$name" --host h -q >out 2>&1 || cat out
		python3 retouch.py "s/$name/catalog"
	done
}

# taken NAME [SOURCE]: what plan does with the catalog that was kept
taken() {
	"$CONVERGE" plan "w/$1/${2-m.json}" --root "r/$1" \
		--state-dir "s/$1" --host h
}

# both NAME [SOURCE [HOST]]: what plan and apply do with the catalog that was
# kept, and what is different without one
both() {
	name=$1 source=${2-m.json} host=${3-h}
	cp -R "r/$name" "r/$name.new"
	cp -R "s/$name" "s/$name.new"
	for command in plan apply plan; do
		rm -f "s/$name.new/catalog"
		for kind in "" .new; do
			"$CONVERGE" "$command" "w/$name/$source" --host "$host" \
				--root "r/$name$kind" \
				--state-dir "s/$name$kind" >"out$kind" 2>&1
			echo "[$?]" >>"out$kind"
		done
		[ "$command" = apply ] || cat out
		diff out.new out >different || sed 's/^/	/' different
	done
	diff -r --no-dereference "r/$name.new" "r/$name"
}
