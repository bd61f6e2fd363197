#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Three hosts of the fleet follow its trunk, by cron, and nothing else.

usage: fleet_test.py CONVERGE ROOT DEBS

An edge, a member of etcd's ring and a bastion of ../fleet begin bare, with cron
(see fleet.py).
"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import socket
import ssl
import threading
import time

from fleet import ADDRESSES, Edit, apart, call, three

COMMAND = "/usr/sbin/converge apply"
LOG = "/var/log/converge.log"
PATIENCE = 400  # seconds for a bare host; it takes some 40
BUSY = 75
UNITS = ("nginx", "ssh", "etcd", "cron", "nftables", "chrony",
         "prometheus-node-exporter", "systemd-journald",
         "apt-daily-upgrade.timer", "logrotate.timer")
# what changes by itself
APART = ("/var/lib/" + name for name in (
    "apt", "chrony", "converge", "etcd", "logrotate", "prometheus", "systemd"))
FIND = ("find /etc /usr/local /root /srv /var/lib /var/spool -xdev "
        + " ".join(f"-path {path} -prune -o" for path in APART))
STATE = (
    f"{{ {FIND} ! -type d -printf '%p %y %m %u %g %T@ %l\\n';"
    f" {FIND} -type f -exec sha256sum {{}} +; }} | sort;"
    " systemctl show --property Id,ActiveState,UnitFileState,MainPID,"
    "ActiveEnterTimestampMonotonic " + " ".join(UNITS))
DAY = 86400


class Watch(threading.Thread):
    """Looks for secrets in what all processes of all hosts are called with."""

    def __init__(self, secrets):
        super().__init__(daemon=True)
        self.secrets = [secret.encode() for secret in secrets]
        self.found = set()
        self.looks = 0
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.1):
            self.looks += 1
            for path in pathlib.Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    self.look((path / "comm").read_text().strip(),
                              (path / "cmdline").read_bytes(),
                              (path / "environ").read_bytes())

    def look(self, name, words, environment):
        # etcd has its token from there
        said = words + (b"" if name == "etcd" else environment)
        if any(secret in said for secret in self.secrets):
            self.found.add(f"{name}: {said}")


class Test:
    def __init__(self, trunk, fleet):
        self.trunk = trunk
        self.hosts = fleet
        self.tokens = [trunk.plain("etcd-token"), os.urandom(20).hex()]
        self.door = "a door that opens once, 4d1c"
        # each line of a key is as good as the next
        self.key = trunk.plain("tls-example.com").splitlines()[1]

    def all(self, work):
        """{name: what work(host) returns}, at the same time."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            return dict(zip(self.hosts,
                            pool.map(work, self.hosts.values())))

    def apply(self, host, want):
        """What cron runs, as cron runs it; but when cron does right now."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            done = host.run("env", "-i", "PATH=/usr/bin:/bin", "HOME=/root",
                            "SHELL=/bin/sh", "/bin/sh", "-c", COMMAND,
                            check=False)
            if done.returncode != BUSY:
                break
            time.sleep(0.2)
        said = done.stdout + done.stderr
        assert done.returncode == want, (
            f"{host.name}: exit {done.returncode}, not {want}\n{said}")
        return said

    def wait_for(self, what, patience=PATIENCE):
        """Until cron's run has what() hold on each host."""
        until = time.monotonic() + patience
        for host in self.hosts.values():
            while not what(host):
                assert time.monotonic() < until, (
                    f"{host.name}: cron gets nowhere\n"
                    f"{self.log(host)[-3000:]}")
                time.sleep(0.2)

    @staticmethod
    def status(host, want, because):
        """Of a host; cron may be at work there."""
        done = host.run("/usr/sbin/converge", "status", check=False)
        assert done.returncode == want and not done.stderr, (
            f"{host.name}: exit {done.returncode}, not {want}\n{done.stdout}"
            f"{done.stderr}")
        assert re.search(because, done.stdout), (
            f"{host.name} says:\n{done.stdout}")
        return done.stdout

    @staticmethod
    def log(host):
        path = host.root / LOG[1:]
        return path.read_text() if path.exists() else ""

    @staticmethod
    def state(host):
        return host.run("sh", "-c", STATE).stdout

    @staticmethod
    def asks(word):
        """Whether a host has it for its contact."""
        return lambda host: word in host.read("/etc/apt/apt.conf.d/52fleet")

    def refused(self, because, names=None):
        """By each of the hosts, which stay as they are; the others take it."""
        names = names or list(self.hosts)

        def refuse(host):
            if host.name not in names:
                return self.apply(host, 0)
            before = self.state(host)
            assert len(before.splitlines()) > 600, before
            said = self.apply(host, 1)
            after = self.state(host)
            assert before == after, (
                f"{host.name} changed:\n" + "\n".join(
                    sorted(set(before.splitlines())
                           ^ set(after.splitlines()))))
            assert re.search(because, said), f"{host.name} says:\n{said}"
            told = self.status(host, 1, because)
            told = told.partition("world: refused ")[2]
            assert re.search(because, told), told
            return said
        said = self.all(refuse)
        print("   ", next(said[name] for name in names).splitlines()[0])

    # --- the tests ---

    def bare_hosts_converge_by_cron(self):
        ended = re.compile(r"^exit (?!75)", re.M)
        self.wait_for(lambda host: ended.search(self.log(host)))
        for host in self.hosts.values():
            assert "exit 0\n" in self.log(host), self.log(host)
            print("   ", host.name, re.findall("^apply: .*", self.log(host),
                                               re.M)[0])
        again = self.all(lambda host: self.apply(host, 0))
        for name, said in again.items():
            assert "0 created, 0 changed, 0 removed" in said, (name, said)

    def they_do_what_they_are_for(self):
        trusted = ssl.create_default_context(
            cafile=self.trunk.work / "files/tls/example.com.crt")
        with socket.create_connection((ADDRESSES["edge-ams-1"], 443)) as plain:
            # nobody is behind it; who has the key is there
            trusted.wrap_socket(plain,
                                server_hostname="shop.example.com").close()
        self.wait_for_ring()
        token = self.hosts["etcd-ams-1"].read("/etc/etcd/token.env")
        assert token.endswith(f"={self.tokens[0]}\n"), "not the ring's token"
        door = self.hosts["bastion-ams-1"].run("sshd", "-T").stdout
        assert "maxstartups 20:30:60\n" in door, door

    def wait_for_ring(self):
        """A member that has just begun, or got a packet filter, may lag."""
        until = time.monotonic() + 60
        while "is healthy" not in (said := self.etcdctl("endpoint", "health")):
            assert time.monotonic() < until, said

    def etcdctl(self, *words):
        done = self.hosts["etcd-ams-1"].run(
            "env", "ETCDCTL_API=3", "etcdctl", *words, check=False)
        return done.stdout + done.stderr

    def a_commit_arrives_at_the_next_run(self):
        word = "come-by-cron@example.net"
        self.trunk.commit("all: ask somebody else", Edit.contact(word))
        self.wait_for(self.asks(word), patience=90)

    def what_is_not_good_does_not(self):
        good = self.trunk.tip()
        older = self.trunk.git("rev-parse", f"{good}~1")
        bad = Edit.contact("mallory@example.net")
        for what, because, how in (
                ("unsigned", "is not signed$",
                 lambda: self.trunk.commit("x", bad, on=good, key=None)),
                ("older", "is not a descendant of",
                 lambda: self.trunk.point(older)),
                ("sibling", "is not a descendant of",
                 lambda: self.trunk.commit("x", bad, on=older)),
                ("foreign key", "is not signed by one who is trusted",
                 lambda: self.trunk.commit("x", bad, on=good,
                                           key="stranger"))):
            commit = how()
            self.refused(re.compile(f"commit {commit[:12]}[0-9a-f]* {because}",
                                    re.M))
            print(f"    ({what})")
        self.trunk.point(good)
        self.all(lambda host: self.apply(host, 0))
        self.all(lambda host: self.status(
            host, 0, f"commit: {good[:7]}, .* old, taken 20[^$]*"
            "before that: refused"))

    def nor_what_is_anothers(self):
        """Signed by one who may, and yet for no other host than it names."""
        bastion = json.loads(
            (self.trunk.work / "hosts/bastion-ams-1.json").read_text())
        self.trunk.commit("edge: be a bastion", Edit.json(
            "hosts/edge-ams-1.json", lambda host: host.update(bastion)))
        self.refused("bastion-ams-1", ["edge-ams-1"])
        self.trunk.commit("edge: be gone", lambda work: (
            work / "hosts/edge-ams-1.json").unlink())
        self.refused("edge-ams-1", ["edge-ams-1"])

    def mending_it_goes_forward(self):
        good = self.trunk.git("rev-parse", "origin/main~2")
        self.trunk.commit("edge: be an edge", lambda work: self.trunk.git(
            "checkout", good, "--", "."), age=3 * DAY)
        self.all(lambda host: self.apply(host, 0))

    def a_new_credential_reaches_its_host_alone(self):
        keys = self.trunk.sealed / "keys"
        token = self.tokens[1]

        def edit(work):
            # it was for another at first
            self.trunk.secret("seal", "--to", "edge-ams-1", "door",
                              input=self.door)
            Edit.json("secrets/door.age.json", lambda about: about.update(
                {"for": ["bastion-ams-1"]}))(work)
            Edit.json("hosts/bastion-ams-1.json", lambda host: host.update(
                {"resources": {"file:/etc/door": {
                    "content": {"secret": "secrets/door.age"}}}}))(work)
            self.trunk.secret("check", want=2)
            self.trunk.secret("rotate", "-i", keys / "recovery")
            self.trunk.secret("check")
            self.trunk.secret("seal", "etcd-token", input=token)

        self.trunk.commit("bastion: a door", edit, age=2 * DAY)
        for name, can in (("bastion-ams-1", True), ("edge-ams-1", False),
                          ("etcd-ams-1", False)):
            opened = call("age", "--decrypt", "-i", keys / name,
                          self.trunk.work / "secrets/door.age", check=False)
            assert (opened.returncode == 0) == can, (name, opened)
        self.all(lambda host: self.apply(host, 0))
        host = self.hosts["bastion-ams-1"]
        assert host.read("/etc/door") == self.door
        assert (host.root / "etc/door").stat().st_mode & 0o777 == 0o600
        for other in ("edge-ams-1", "etcd-ams-1"):
            assert not (self.hosts[other].root / "etc/door").exists(), other
        new = self.hosts["etcd-ams-1"].read("/etc/etcd/token.env")
        assert new.endswith(f"={token}\n"), "not the new token"
        self.wait_for_ring()

    def without_its_server_the_last_good_one_counts(self):
        self.trunk.stop()
        told = re.compile("cannot fetch 'ssh://.*; going on with commit "
                          f"{self.trunk.tip()[:12]}, which is 2 days old")

        def go_on(host):
            said = ""
            while "~ file:/etc/motd" not in said:  # cron may come first
                host.write("/etc/motd", "by hand\n")
                said = self.apply(host, 0)
                assert told.search(said), said
                assert host.read("/etc/motd") != "by hand\n", host.name
            self.status(host, 0, f"commit: {self.trunk.tip()[:7]}, 2 days old, "
                        "taken 20[^$]*world: kept .*\n  cannot fetch 'ssh://")
            return said
        said = self.all(go_on)
        print("   ", told.search(said["edge-ams-1"]).group())
        self.trunk.start()
        word = "back-again@example.net"
        self.trunk.commit("all: ask again", Edit.contact(word))
        self.all(lambda host: self.apply(host, 0))
        assert all(map(self.asks(word), self.hosts.values()))

    def no_secret_is_anywhere_else(self):
        known = {"edge-ams-1": {"etc/nginx/tls/example.com.key"},
                 "etcd-ams-1": {"etc/etcd/token.env"},
                 "bastion-ams-1": {"etc/door"}}
        secrets = "\n".join([*self.tokens, self.door, self.key])
        grep = ("grep", "-rlaF", "-D", "skip", "--exclude-dir", "journal",
                "-f", "-")
        for name, host in self.hosts.items():
            found = call(*grep, ".", cwd=host.folder / "upper",
                         input=secrets, check=False).stdout.split()
            found = {path[2:] for path in found}
            kept = {path for path in found
                    if path.startswith("var/lib/converge/")}
            assert found - kept == known[name], (name, found)
            # the token that was there before is kept, for who rolls back
            for path in kept:
                content = (host.folder / "upper" / path).read_bytes()
                assert self.tokens[0].encode() in content, (name, path)
                assert self.tokens[1].encode() not in content, (name, path)
            assert len(kept) == (name == "etcd-ams-1"), (name, kept)
            passing = host.run(*grep, "/run", "/tmp", "/var/tmp", "/dev/shm",
                               input=secrets, check=False).stdout
            assert not passing, (name, passing)
            # but for etcd itself, which tells of its token
            journal = "".join(
                line for line in host.run(
                    "journalctl", "--output", "export", "--all",
                    errors="replace").stdout
                .split("\n\n") if "_SYSTEMD_UNIT=etcd.service" not in line)
            assert len(journal) > 10000, journal
            for secret in secrets.splitlines():
                assert secret not in journal, (name, "in the journal")

    def run(self):
        watch = Watch([*self.tokens, self.door, self.key])
        watch.start()
        for test in (self.bare_hosts_converge_by_cron,
                     self.they_do_what_they_are_for,
                     self.a_commit_arrives_at_the_next_run,
                     self.what_is_not_good_does_not,
                     self.nor_what_is_anothers,
                     self.mending_it_goes_forward,
                     self.a_new_credential_reaches_its_host_alone,
                     self.without_its_server_the_last_good_one_counts,
                     self.no_secret_is_anywhere_else):
            begin = time.monotonic()
            test()
            print(f"{test.__name__}: {time.monotonic() - begin:.1f} s",
                  flush=True)
        watch.over.set()
        watch.join()
        assert watch.looks > 10 and not watch.found, watch.found


def begin_cron(host):
    host.write("/etc/cron.d/converge",
               f"* * * * * root {COMMAND} >>{LOG} 2>&1; "
               f'echo "exit $?" >>{LOG}\n')


def main():
    with three(*apart()) as (trunk, fleet):
        for host in fleet.values():
            begin_cron(host)
        Test(trunk, fleet).run()


main()
