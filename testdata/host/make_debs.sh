#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make_debs.sh ROOT FOLDER PACKAGE...: a repository of the packages, and of all
# that they need beside what ROOT has (make_root.sh), made once and kept as
# FOLDER. Test hosts install from it and reach no network. They come from this
# machine's own sources. Exit status 77: that cannot be had here.
set -eu

root=$(realpath -m "$1")
folder=$(realpath -m "$2")
shift 2
[ ! -e "$folder/Packages" ] || exit 0

skip() {
	echo "make_debs: skipped: $*"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "needs root"
[ -e "$root/var/lib/dpkg/status" ] || skip "there is no root in '$root'"
command -v dpkg-scanpackages >/dev/null || skip "dpkg-dev is not installed"
mkdir -p "$(dirname "$folder")"
scratch=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP
mkdir -p "$scratch/lists/partial" "$scratch/debs/partial"
apt=(apt-get -qq -o Dir::State::Lists="$scratch/lists"
	-o Dir::State::status="$root/var/lib/dpkg/status"
	-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
	-o Dir::Cache::archives="$scratch/debs" -o APT::Sandbox::User=root
	-o Debug::NoLocking=1)
timeout 400 "${apt[@]}" update >"$scratch/log" 2>&1 &&
	timeout 400 "${apt[@]}" install --yes --download-only \
		--no-install-recommends "$@" >>"$scratch/log" 2>&1 || {
	tail -3 "$scratch/log"
	skip "apt-get failed"
}
rmdir "$scratch/debs/partial"
rm -f "$scratch/debs/lock"
for deb in "$scratch"/debs/*%3a*; do
	[ ! -e "$deb" ] || mv "$deb" "${deb/\%3a/-}" # the epoch, for apt's URLs
done
(cd "$scratch/debs" && dpkg-scanpackages --multiversion . >Packages 2>/dev/null)
chmod -R u=rwX,go=rX "$scratch/debs"
mv "$scratch/debs" "$folder"
echo "make_debs: $(grep -c ^Package: "$folder/Packages") packages," \
	"$(du -sm "$folder" | cut -f1) MiB in '$folder'"
