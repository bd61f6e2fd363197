#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make_keys.sh OUT: the fleet with sealed credentials, made with throw-away keys.
#
#	OUT/keys/HOST    the private key of each host, and HOST.pub
#	OUT/world        world/ with sealed/ laid over it, secrets/*.age, and
#	                 secrets/recipients.json: each host's public key
#	OUT/plain        what was sealed, for tests that look for it: who finds one
#	                 of its lines in an output has found a leak
#
# Each credential is sealed to the hosts that use it, and no others. Keys and
# credentials are new each time. Exit status 77: age or ssh-keygen is not here.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$1
for tool in age ssh-keygen openssl jq; do
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
# what a world is made of is for all to read: it holds no secret
chmod -R u=rwX,go=rX "$out/world"

for manifest in "$here"/world/hosts/*.json; do
	host=$(basename "$manifest" .json)
	ssh-keygen -q -t ed25519 -N '' -C "root@$host" -f "$out/keys/$host"
	jq --null-input --arg host "$host" \
		--arg key "$(cut -d' ' -f1,2 "$out/keys/$host.pub")" '{($host): $key}'
done | jq --slurp 'add' >"$out/world/secrets/recipients.json"

# hosts ROLE: those that have the role in their manifest
hosts() {
	jq --raw-output --arg role "$1" 'select(.roles | index($role)) | .host' \
		"$here"/world/hosts/*.json
}

# seal NAME HOST...: what stands in plain/NAME, as secrets/NAME.age. Its own
# path is sealed with it, so that it cannot be put in the place of another.
seal() {
	local name=$1 host
	shift
	for host; do
		cat "$out/keys/$host.pub"
	done >"$out/recipients"
	{
		echo "converge-secret/1 secrets/$name.age"
		cat "$out/plain/$name"
	} | age --armor --recipients-file "$out/recipients" \
		>"$out/world/secrets/$name.age"
	rm "$out/recipients"
}

random() {
	openssl rand -hex 20
}

name=example.com
openssl req -x509 -nodes -days 365 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	-subj "/CN=$name" -addext "subjectAltName=DNS:$name,DNS:*.$name" \
	-keyout "$out/plain/tls-$name" -out "$out/world/files/tls/$name.crt" 2>/dev/null
password=$(random)
echo "*:*:*:replicator:$password" >"$out/plain/replicator-pgpass"
cat >"$out/plain/replicator-sql" <<END
select 'create role replicator login replication'
where not exists (select from pg_roles where rolname = 'replicator') \\gexec
alter role replicator password '$password';
END
echo "ETCD_INITIAL_CLUSTER_TOKEN=$(random)" >"$out/plain/etcd-token"

mapfile -t edge < <(hosts web/edge)
mapfile -t databases < <(hosts postgresql/primary; hosts postgresql/replica)
mapfile -t ring < <(hosts etcd)
seal "tls-$name" "${edge[@]}"
seal replicator-pgpass "${databases[@]}"
seal replicator-sql "${databases[@]}"
seal etcd-token "${ring[@]}"
chmod 0644 "$out/world/secrets/"* "$out/world/files/tls/"*
echo "make_keys: $(find "$out/keys" -name '*.pub' | wc -l) hosts, 4 credentials"
