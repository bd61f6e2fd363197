# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2016 # ${...} is converge's
#
# The steps of make_history.sh, which reads this: the last one first, each with
# what was otherwise before it.

step 2026-11-13T16:05:00 jonas "tests: say what must stay so (OPS-242)" \
	"Each of these has been broken by a change that looked harmless."
gone tests

step 2026-11-09T09:12:00 anna "bastion: count sessions (OPS-240)" \
	"Nobody could say whether the bastions are in use when they are to reboot."
lacks roles/bastion.json cron:sessions

step 2026-11-02T13:40:00 mira "postgresql: leave restarts to a person (OPS-238)" \
	"A change of max_connections restarted both replicas of the shop at noon."
lacks roles/postgresql.json policy
was roles/postgresql.json '  "//": "a restart of a database is for a person and a quiet hour: a run does no more than reload",
' ''

step 2026-10-26T08:55:00 anna "all: let a run restart, and not reboot or lose data (OPS-236)" \
	"And remove a tenth of what it manages at most: a role that is taken off a host
by mistake is seen before it is gone."
lacks converge.json policy

step 2026-10-19T15:21:00 jonas "prometheus: keep 90 days in Frankfurt (OPS-233)" \
	"The quarter's report needs them, and the disk there has the room."
was hosts/prom-fra-1.json '"10.2.0.30", "retention": "90d" }' '"10.2.0.30" }'
lacks hosts/prom-fra-1.json //

step 2026-10-12T07:48:00 tom "web-ams-3: restart nginx where others reload it (OPS-231)" \
	"A reload left its workers at 100 %. The board is replaced in January."
lacks hosts/web-ams-3.json overrides

step 2026-09-28T11:05:00 mira "db-ams-3: look at its lag every ten minutes (OPS-227)" \
	"It is far from its primary, and its lag of seconds only fills the graphs."
lacks hosts/db-ams-3.json overrides

step 2026-09-14T10:30:00 tom "web-fra-8: keep less of the journal (OPS-219)" \
	"Its disk is half of what the others have; the journal took a quarter of it."
was hosts/web-fra-8.json '"10.2.2.8", "journal_max": "256M" }' '"10.2.2.8" }'
lacks hosts/web-fra-8.json //

step 2026-09-07T09:00:00 mira "stage: try things on a host before production (OPS-210)" \
	"The manuals and a small database on one host, with the canaries' updates."
hosts stage-ams-1

step 2026-08-31T14:17:00 anna "common: leave a container's kernel and clock alone (OPS-205)" \
	"The build containers failed on every sysctl that is the machine's."
lacks_rule roles/common.json "a container has its machine's kernel and clock"
was roles/common.json '"common/accounts",
    "common/logging"' '"common/accounts",
    "common/kernel",
    "common/logging"'
lacks_rule roles/postgresql.json '"facts.virtualization.kind": "container"'
was roles/postgresql.json '"sysctl:net.ipv4.tcp_keepalive_time": { "value": 300 }' '"sysctl:net.ipv4.tcp_keepalive_time": { "value": 300 },
    "sysctl:vm.overcommit_memory": { "value": 2 },
    "sysctl:vm.overcommit_ratio": { "value": 80 },
    "sysctl:vm.dirty_background_bytes": { "value": 67108864 }'
was roles/backup.json '"tags": "volume",
        "not": { "facts.virtualization.kind": "container" }' '"tags": "volume"'

step 2026-08-24T08:20:00 tom "web: two more hosts in Frankfurt, one for the manuals (OPS-201)" \
	"The manuals' search made the two of them slow in the afternoon."
hosts web-fra-7 web-fra-8
was roles/web/edge.json '["10.2.2.6", "10.2.2.7", "10.2.2.8"]' '["10.2.2.6"]'

step 2026-08-17T09:33:00 tom "accounts: Lena joins the web team (OPS-198)" \
	"Her key was handed over in person."
lacks roles/common/accounts.json lena

step 2026-08-03T16:02:00 anna "accounts: Piet has left (OPS-194)" \
	"His account goes from all hosts, with his key."
was roles/common/accounts.json '["piet"]' '[]'
was roles/common/accounts.json '      "ravi": {' '      "piet": {
        "uid": 2005,
        "name": "Piet de Wit",
        "team": "web",
        "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK7yAaNJtUZnoaFeixdnnVxmhwtlnpMEdP3YhwGO9aUT"
      },
      "ravi": {'

step 2026-07-20T10:10:00 tom "edge: serve the shop by its www name too (OPS-187)" \
	"It is on the new packaging."
was roles/web/edge.json '"shop.example.com", "www.example.com"' '"shop.example.com"'

step 2026-07-06T13:26:00 anna "backup: fetch dumps and snapshots to both sites (OPS-180)" \
	"Pulled, not pushed, and never removed by what comes: a host that lost its dumps
cannot take the copies with it."
hosts backup-ams-1 backup-fra-1
gone roles/backup.json files/bin/backup-pull

step 2026-06-29T08:41:00 jonas "etcd: write a snapshot every hour (OPS-178)" \
	"To have something to begin anew with if three members are lost."
lacks roles/etcd.json file:/usr/local/sbin/etcd-snapshot \
	directory:/var/backups/etcd cron:etcd-snapshot
gone files/bin/etcd-snapshot

step 2026-06-22T12:00:00 mira "postgresql: dump every database at night (OPS-176)" \
	"A week of them stays on the primary."
lacks roles/postgresql/primary.json file:/usr/local/sbin/pg-dump-all \
	directory:/var/backups/postgresql cron:pg-dump-all
gone files/bin/pg-dump-all

step 2026-06-15T09:19:00 jonas "prometheus: page when a replica falls behind (OPS-171)" \
	"The replica in Frankfurt stood still for a weekend, and nobody knew."
lacks roles/postgresql/replica.json cron:replication-lag \
	file:/usr/local/sbin/pg-replication-lag
gone files/bin/pg-replication-lag files/prometheus/rules/postgresql.yml

step 2026-06-01T10:47:00 anna "common: let canaries take updates first (OPS-165)" \
	"A few hosts of each kind, so that a bad update is seen on them."
lacks_rule roles/common.json '"tags": "canary"'
gone roles/common/canary.json files/apt/53canary
for host in edge-ams-2 edge-fra-2 web-ams-1 web-ams-6 web-fra-1; do
	was "hosts/$host.json" '"production", "canary"' '"production"'
done

step 2026-05-25T11:32:00 tom "web: raise the connections of large hosts (OPS-159)" \
	"The edges ran out of them during the sale."
lacks roles/web.json rules

step 2026-05-11T08:05:00 mira "postgresql: a cluster for the ledger (OPS-150)" \
	"Its primary is in Frankfurt, where its users are."
hosts db-ams-3 db-fra-2 db-fra-3

step 2026-04-27T14:44:00 jonas "etcd: two members in Frankfurt (OPS-144)" \
	"With five the ring stands the loss of two. It does not stand the loss of
Amsterdam: that takes a third site."
hosts etcd-fra-1 etcd-fra-2
was roles/etcd.json 'the ring of five that holds locks and leases. It may lose two.' \
	'the ring of three that holds locks and leases. It may lose one.'
was roles/etcd.json ',etcd-fra-1=http://10.2.4.1:2380,etcd-fra-2=http://10.2.4.2:2380' ''
was roles/etcd.json ', 10.2.4.1, 10.2.4.2' ''
was templates/etcd.env "# the sites are 7 ms apart; etcd's own figures are for one room
ETCD_HEARTBEAT_INTERVAL=250
ETCD_ELECTION_TIMEOUT=2500
" ''
was files/prometheus/rules/etcd.yml '> 1' '> 0'
was files/prometheus/rules/etcd.yml 'with 3 it stops' 'with 2 it stops'

step 2026-04-20T09:50:00 mira "postgresql: a replica of the shop in Frankfurt (OPS-141)" \
	"So that the shop can be moved there within minutes."
hosts db-fra-1
for host in db-ams-1 db-ams-2; do
	was "hosts/$host.json" '"10.1.3.2", "10.2.3.1"' '"10.1.3.2"'
	was "hosts/$host.json" '"10.1.2.0/24", "10.2.2.0/24"' '"10.1.2.0/24"'
done

step 2026-04-13T13:13:00 jonas "fra: take traffic at the second site (OPS-138)" \
	"Two edges, five hosts for the shop, one for the manuals."
hosts edge-fra-1 edge-fra-2 web-fra-1 web-fra-2 web-fra-3 web-fra-4 web-fra-5 \
	web-fra-6
lacks_rule roles/web/edge.json '"tags": "fra"'

step 2026-03-30T10:22:00 anna "ssh: drop old ciphers and key exchanges (OPS-133)" \
	"As the audit asked. All clients of ours have spoken the new ones for years."
was files/ssh/sshd.conf 'KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org
Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
' ''

step 2026-03-23T15:08:00 mira "postgresql: size memory by the host's (OPS-130)" \
	"One figure for all left most of the large hosts' memory unused."
lacks roles/postgresql.json rules

step 2026-03-16T09:27:00 tom "docs: serve the manuals from our own hosts (OPS-126)" \
	"Three hosts behind the same edges; help.example.com stays as a name."
hosts web-ams-6 web-ams-7 web-ams-8
gone roles/web/docs.json files/www/docs
lacks roles/web/edge.json docs
edit roles/web/edge.json 's/,\n *\{ "name": "docs", .*?\}//'

step 2026-03-09T08:36:00 anna "accounts: Ravi joins ops (OPS-124)" \
	"He takes part in being on call from April."
lacks roles/common/accounts.json ravi

step 2026-03-02T11:11:00 tom "web: two more hosts for the shop (OPS-121)" \
	"Half of the traffic of last November's sale would fill the three."
hosts web-ams-4 web-ams-5
was roles/web/edge.json '"10.1.2.3",
              "10.1.2.4",
              "10.1.2.5"' '"10.1.2.3"'

step 2026-02-23T14:29:00 jonas "etcd: a ring of three for locks and leases (OPS-117)" \
	"The jobs of the shop must not run twice. Its settings are there before the
package is: it starts when it is installed."
hosts etcd-ams-1 etcd-ams-2 etcd-ams-3
gone roles/etcd.json roles/etcd templates/etcd.env templates/etcd.nft files/etcd \
	files/prometheus/rules/etcd.yml files/prometheus/targets/etcd.json
was templates/prometheus/prometheus.yml '  - job_name: etcd
    file_sd_configs:
      - files: [/etc/prometheus/targets/etcd.json]

' ''

step 2026-02-16T10:02:00 anna "infra: a mirror and the time for each site (OPS-114)" \
	"Packages come from our own mirrors now, and the two agree on the time."
hosts infra-ams-1 infra-fra-1
gone roles/mirror.json roles/time files/bin/mirror-debian \
	templates/nginx/mirror
lacks roles/common/packages.json apt_repository:debian \
	apt_repository:debian-security file:/etc/apt/sources.list
for site in ams fra; do
	edit "roles/site/$site.json" 's/"time_servers": \[.*?\]/"time_servers": ["time-1", "time-2"]/'
done

step 2026-02-09T09:41:00 mira "postgresql: a primary and a replica for the shop (OPS-112)" \
	"The replica was cloned by hand, with the script that is here now. So was the
password of replicator."
hosts db-ams-1 db-ams-2
gone roles/postgresql.json roles/postgresql files/bin/pg-clone-replica \
	files/postgresql templates/postgresql
was files/sudoers.d/dba 'start postgresql@15-main, \
	/usr/bin/systemctl stop postgresql@15-main, \
	/usr/bin/systemctl restart postgresql@15-main, \
	/usr/bin/systemctl reload postgresql@15-main' 'reload postgresql'

step 2026-02-02T13:55:00 tom "edge: end TLS in front of the shop (OPS-109)" \
	"Requests go on to the hosts of the same site by least connections."
hosts edge-ams-1 edge-ams-2
gone roles/web/edge.json roles/web/tls.json files/nginx/catch-all \
	templates/nginx/edge templates/nginx/tls.conf templates/nginx/upstreams.conf

step 2026-01-26T10:38:00 tom "web: serve the shop's pages with nginx (OPS-108)" \
	"Three hosts to begin with. The role web is what all kinds will share."
hosts web-ams-1 web-ams-2 web-ams-3
gone roles/web.json roles/web files/nginx files/www templates/nginx
lacks converge.json worker_connections

step 2026-01-19T11:16:00 jonas "prometheus: watch both sites from both (OPS-106)" \
	"So that one site sees the other fall. What wakes somebody is in its own role."
hosts prom-ams-1 prom-fra-1
gone roles/prometheus.json roles/prometheus files/prometheus \
	templates/prometheus

step 2026-01-16T09:03:00 jonas "node_exporter: ask every host how it is (OPS-105)" \
	"Jobs can add figures of their own as text files."
gone roles/node_exporter.json templates/node-exporter
was roles/common.json '"common/time",
    "node_exporter"' '"common/time"'

step 2026-01-15T14:50:00 jonas "common: keep the journal, but not for ever (OPS-104)" \
	"A month or a gigabyte, whichever is less."
gone roles/common/logging.json templates/journald.conf
edit roles/common.json 's/"common\/logging",\s*//'

step 2026-01-14T10:25:00 anna "common: harden the kernel (OPS-103)" \
	"No modules that nobody needs, and no addresses for those who look for them."
gone roles/common/kernel.json
edit roles/common.json 's/"common\/kernel",\s*//'
edit roles/common/time.json 's/    "exec:read the time/    "service:chrony": { "ensure": "running", "enable": true, "require": "package:chrony" },\n    "exec:read the time/'

step 2026-01-13T13:31:00 anna "common: keep packages up to date by themselves (OPS-102)" \
	"Security updates at four, and a list of what everybody wants and nobody does."
gone roles/common/packages.json files/apt templates/unattended-upgrades \
	templates/apt-daily-upgrade.timer
edit roles/common.json 's/"common\/packages",\s*//'

step 2026-01-12T09:30:00 anna "all: begin with accounts, network, ssh and two bastions (OPS-101)" \
	"What was done by hand and by scripts on each host, as one description."
gone converge.json hosts roles files templates
