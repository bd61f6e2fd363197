#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016 # ${...} is converge's
#
# make_history.sh OUT [SEALED]: a signed history that ends in world/.
#
#	OUT/world.git         a bare repository, its branch main
#	OUT/allowed_signers   whose signatures count, see ssh-keygen(1)
#	OUT/keys/NAME         the private keys that signed, for commits of your own
#
# SEALED is what make_keys.sh made: then a last commit takes its credentials.
#
# Every run makes the same commits: dates are fixed, the keys come from known
# bytes (so they are no secret, and sign nothing but tests), and Ed25519 signs
# alike each time. With SEALED the last one differs.
#
# The steps are written down backwards: each says what was otherwise before it.
# So the last commit is world/ itself, and what changes there moves the history
# along; a step that does not fit any more fails. Exit status 77: git, openssl
# or ssh-keygen is not here.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$1
sealed=${2:+$(cd "$2" && pwd)}
for tool in git openssl ssh-keygen perl; do
	command -v "$tool" >/dev/null || {
		echo "make_history: skipped: $tool is not installed"
		exit 77
	}
done
mkdir "$out" "$out/keys"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# --- keys ---

# key NAME: NAME's key, from a digest of the name
key() {
	local file=$out/keys/$1 seed public
	seed=$(printf 'converge fleet %s' "$1" | sha256sum | cut -d' ' -f1)
	public=$(perl -e 'print pack "H*", "302e020100300506032b657004220420$ARGV[0]"' \
		"$seed" | openssl pkey -inform DER -pubout -outform DER |
		tail -c 32 | od -An -v -tx1 | tr -d ' \n')
	(umask 077 && perl -MMIME::Base64 -e '
		my ($seed, $public, $name) = (pack("H*", $ARGV[0]), pack("H*", $ARGV[1]), $ARGV[2]);
		my $known = pack("(N/a*)2", "ssh-ed25519", $public);
		my $hidden = pack("NN", 1, 1) . $known . pack("(N/a*)2", $seed . $public, $name);
		$hidden .= chr(++$n) while length($hidden) % 8;
		print "-----BEGIN OPENSSH " . "PRIVATE KEY-----\n",
			encode_base64("openssh-key-v1\0" . pack("(N/a*)3", "none", "none", "") .
				pack("N", 1) . pack("(N/a*)2", $known, $hidden), "\n"),
			"-----END OPENSSH " . "PRIVATE KEY-----\n"' \
		"$seed" "$public" "$1@example.net" >"$file")
	ssh-keygen -y -f "$file" >"$file.pub"
	echo "$1@example.net namespaces=\"git\" $(cut -d' ' -f1,2 "$file.pub")" \
		>>"$out/allowed_signers"
}

# --- how a step says what was otherwise before it ---

# gone PATH...: they were not there
gone() {
	local path
	for path; do
		[ -e "$path" ] || fail "there is no '$path' to take away"
		rm -r "$path"
	done
}

# edit FILE PERL: PERL must change it, and return true
edit() {
	[ -e "$1" ] || fail "there is no '$1'"
	perl -0777 -i -pe "($2) or die \"nothing to change\\n\";
		s/,(\\s*\\n\\s*[\\]}])/\$1/g" "$1" || fail "'$1' is not as it should be: $2"
}

# was FILE NOW THEN: it had the text THEN in the one place where it has NOW
was() {
	NOW=$2 THEN=$3 edit "$1" '(() = /\Q$ENV{NOW}\E/g) == 1 && s/\Q$ENV{NOW}\E/$ENV{THEN}/'
}

# lacks FILE KEY...: it did not have these keys, nor their values
lacks() {
	local file=$1 key
	shift
	for key; do
		KEY=$key edit "$file" '(() = /^ *"\Q$ENV{KEY}\E":/mg) == 1 &&
			s/^( *)"\Q$ENV{KEY}\E": (?:[\[{]\n.*?^\1[\]}]|[^\n]*?),?\n//ms'
	done
}

# lacks_rule FILE TEXT: it did not have the rule with this text
lacks_rule() {
	TEXT=$2 edit "$1" 's/^    \{\n(?:(?!^    \}).)*?\Q$ENV{TEXT}\E.*?^    \},?\n//ms'
}

# hosts NAME...: they were not there, and nobody watched them
hosts() {
	local host list
	for host; do
		gone "hosts/$host.json"
		for list in node etcd; do
			list=files/prometheus/targets/$list.json
			! grep -q "\"$host\\." "$list" 2>/dev/null ||
				HOST=$host edit "$list" 's/^ *"\Q$ENV{HOST}\E\..*?\n//m'
			# a group without members
			! grep -Pzq '\[\s*\]' "$list" 2>/dev/null ||
				edit "$list" 's/^  \{\n    "targets": \[\s*\].*?^  \},?\n//ms'
		done
	done
}

# --- the steps, the last one first ---

# tree: its id, as it is now
tree() {
	git -C "$work/tree" --git-dir "$out/world.git" --work-tree . add -A
	git --git-dir "$out/world.git" write-tree
}

# step DATE AUTHOR SUBJECT BODY: tells of the tree as it is now
step() {
	trees=("$(tree)" "${trees[@]}")
	dates=("$1" "${dates[@]}")
	authors=("$2" "${authors[@]}")
	subjects=("$3" "${subjects[@]}")
	bodies=("$4" "${bodies[@]}")
}

fail() {
	echo "make_history: before \"${subjects[0]}\": $*" >&2
	exit 1
}

# --- and forwards ---

trees=() dates=() authors=() subjects=() bodies=()
git init -q --bare -b main "$out/world.git"
cp -R "$here/world" "$work/tree"
cd "$work/tree"
# shellcheck source-path=SCRIPTDIR source=history.sh
. "$here/history.sh"
[ -z "$(ls)" ] || fail "left over: $(find . -type f | head -3)"

declare -A names=([anna]="Anna Berg" [jonas]="Jonas Vogt" [mira]="Mira Novak"
	[tom]="Tom Okafor")
for author in anna jonas mira tom; do
	key "$author"
done

# commit TREE DATE AUTHOR SUBJECT BODY: on top of $parent
commit() {
	export GIT_AUTHOR_NAME=${names[$3]} GIT_AUTHOR_EMAIL=$3@example.net
	export GIT_AUTHOR_DATE="$2 +0000" GIT_COMMITTER_DATE="$2 +0000"
	export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME
	export GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
	parent=$(printf '%s\n\n%s\n' "$4" "$5" |
		GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null \
			git --git-dir "$out/world.git" -c gpg.format=ssh \
			-c user.signingkey="$out/keys/$3" \
			commit-tree -S ${parent:+-p "$parent"} "$1")
}

parent=
for i in "${!trees[@]}"; do
	commit "${trees[i]}" "${dates[i]}" "${authors[i]}" "${subjects[i]}" \
		"${bodies[i]}"
done
if [ -n "$sealed" ]; then
	cd "$work"
	rm -rf tree
	cp -R "$sealed/world" "$work/tree"
	commit "$(tree)" 2026-11-16T10:20:00 mira \
		"secrets: seal what was set by hand (OPS-244)" \
		"The key of the certificate, the password of replicator and the ring's token
are sealed to the hosts that use them, and are read by them alone."
fi
git --git-dir "$out/world.git" update-ref refs/heads/main "$parent"
rm -f "$out/world.git/index"
echo "make_history: $(git --git-dir "$out/world.git" rev-list --count main)" \
	"commits, main is $parent"
