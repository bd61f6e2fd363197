#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make_keys.sh OUT: the fleet with sealed credentials, made with throw-away keys.
#
#	OUT/keys/HOST    the private key of each host, and HOST.pub; and recovery,
#	                 an age key that opens them all
#	OUT/world        world/ with sealed/ laid over it, and secrets/, see
#	                 converge-secret(1)
#	OUT/plain        what was sealed, for tests that look for it where it leaks
#
# Each credential is sealed to the hosts that use it, and no others. Keys and
# credentials are new each time. Exit status 77: age or ssh-keygen is not here.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$1
for tool in age age-keygen ssh-keygen openssl; do
	command -v "$tool" >/dev/null || {
		echo "make_keys: skipped: $tool is not installed"
		exit 77
	}
done
umask 077
mkdir "$out" "$out/keys" "$out/plain"
cp -R "$here/world" "$out/world"
cp -R "$here/sealed/." "$out/world"
mkdir -p "$out/world/secrets" "$out/world/files/tls"

{
	printf '{\n  "version": 1,\n  "hosts": {'
	between=
	for manifest in "$here"/world/hosts/*.json; do
		host=$(basename "$manifest" .json)
		ssh-keygen -q -t ed25519 -N '' -C "root@$host" -f "$out/keys/$host"
		printf '%s\n    "%s": "%s"' "$between" "$host" \
			"$(cut -d' ' -f1,2 "$out/keys/$host.pub")"
		between=,
	done
	age-keygen 2>/dev/null >"$out/keys/recovery"
	age-keygen -y "$out/keys/recovery" >"$out/keys/recovery.pub"
	printf '\n  },\n  "people": { "recovery": "%s" }\n}\n' \
		"$(cat "$out/keys/recovery.pub")"
} >"$out/world/secrets/recipients.json"

# hosts ROLE: those that have the role in their manifest
hosts() {
	grep -lE "\"roles\": \\[.*\"$1\"" "$here"/world/hosts/*.json |
		sed 's,.*/,,; s,\.json$,,'
}

# seal NAME ROLE DESCRIPTION HOST...: what stands in plain/NAME, as
# secrets/NAME.age, and whom it is for. Its own path is sealed with it, so that it
# cannot be put in the place of another.
seal() {
	local name=$1 role=$2 about=$3 host
	shift 3
	for host in "$@" recovery; do
		cat "$out/keys/$host.pub"
	done >"$out/recipients"
	{
		echo "converge-secret/1 secrets/$name.age"
		cat "$out/plain/$name"
	} | age --recipients-file "$out/recipients" \
		>"$out/world/secrets/$name.age"
	rm "$out/recipients"
	printf '{\n  "version": 1,\n  "for": ["role:%s"],\n  "description": "%s"\n}\n' \
		"$role" "$about" >"$out/world/secrets/$name.age.json"
}

name=example.com
openssl req -x509 -nodes -days 365 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	-subj "/CN=$name" -addext "subjectAltName=DNS:$name,DNS:*.$name" \
	-keyout "$out/plain/tls-$name" -out "$out/world/files/tls/$name.crt" 2>/dev/null
openssl rand -hex 20 | tr -d '\n' >"$out/plain/replicator"
openssl rand -hex 20 | tr -d '\n' >"$out/plain/etcd-token"

mapfile -t edge < <(hosts web/edge)
mapfile -t databases < <(hosts postgresql/primary; hosts postgresql/replica)
mapfile -t ring < <(hosts etcd)
seal "tls-$name" web/tls "the key of the public names" "${edge[@]}"
seal replicator postgresql "what replicas log in with" "${databases[@]}"
seal etcd-token etcd "the name of the ring that nobody guesses" "${ring[@]}"
# what a world is made of is for all to read: it holds no secret in clear
chmod -R u=rwX,go=rX "$out/world"
echo "make_keys: a world with 3 sealed credentials, and the keys of its hosts"
