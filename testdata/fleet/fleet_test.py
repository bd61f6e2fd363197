#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The fleet is right, at each commit of its history, and sealed to its hosts.

usage: fleet_test.py CONVERGE
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).parent.resolve()
WORLD = HERE / "world"
SKIPPED = 77
# who has what, beside the path that is sealed with it
SEALED = {
    "tls-example.com": ({"edge"}, "BEGIN PRIVATE KEY"),
    "replicator": ({"db", "stage"}, ""),
    "etcd-token": ({"etcd"}, ""),
}


def run(*command, check=True, **options):
    done = subprocess.run([str(word) for word in command], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, check=False, **options)
    if check and done.returncode == SKIPPED:
        print(done.stdout, end="")
        sys.exit(SKIPPED)
    assert not check or done.returncode == 0, (
        f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def kind(host):
    return host.partition("-")[0]


def files(folder):
    return {path.relative_to(folder): (path.read_bytes(), os.access(path, os.X_OK))
            for path in folder.rglob("*") if path.is_file()}


class Test:
    def __init__(self, converge, scratch):
        self.converge = converge
        self.scratch = scratch
        self.hosts = {path.stem for path in (WORLD / "hosts").glob("*.json")}

    def check(self, world):
        """What lint warns of is no error: of the world as it is there is
        nothing."""
        done = run(self.converge, "check", world, check=False)
        assert done.returncode in ((0,) if world == WORLD else (0, 2)), (
            done.stdout)

    def unpack(self, repository, commit, folder):
        folder.mkdir()
        archive = self.scratch / "archive.tar"
        run("git", "--git-dir", repository, "archive", "-o", archive, commit)
        run("tar", "xf", archive, "-C", folder)
        return folder

    # --- the tests ---

    def the_world_is_right(self):
        self.check(WORLD)
        run(self.converge, "fmt", "--check", WORLD)
        assert len(self.hosts) == 40, len(self.hosts)

    def it_converges_in_simulation_and_passes_its_tests(self):
        said = run(self.converge, "test", WORLD).stdout
        assert said.startswith("test: 40 hosts, "), said
        assert " 0 failures, " in said, said
        assert said == run(self.converge, "test", WORLD).stdout, said

    def a_mistake_is_found_by_a_test(self):
        for number, (path, now, then, test, host) in enumerate((
                ("files/ssh/sshd.conf", "PasswordAuthentication no",
                 "PasswordAuthentication yes", "ssh", "db-fra-1"),
                ("roles/web.json", '"require": "package:nginx",\n      "notify": '
                 '"service:nginx"\n    },\n    "file:/etc/nginx/conf.d/log.conf"',
                 '"require": "package:nginx"\n    },\n    '
                 '"file:/etc/nginx/conf.d/log.conf"', "nginx-reload", "web-fra-1"),
                ("roles/bastion.json", '"resources": {',
                 '"resources": { "package:gcc-12": {},', "bastion", "bastion-ams-1"),
                ("roles/postgresql.json", '"max_disruption": "reload"',
                 '"max_disruption": "restart"', "postgresql-restart", "db-ams-1"),
                ("roles/etcd.json", "etcd-ams-2=http://10.1.4.2:2380,", "",
                 "etcd-ring", "etcd-fra-1"),
                ("roles/common.json", '"facts.virtualization.kind": '
                 '"container"', '"facts.virtualization.kind": "jail"',
                 "container", "web-ams-1"))):
            world = self.scratch / f"wrong-{number}"
            shutil.copytree(WORLD, world)
            text = (world / path).read_text()
            assert text.count(now) == 1, (path, now)
            (world / path).write_text(text.replace(now, then))
            found = run(self.converge, "test", world, "--host", host,
                        check=False)
            assert found.returncode == 2, (path, found.stdout, found.stderr)
            places = {line.partition(".json:")[0] for line in
                      found.stdout.splitlines() if line.startswith("tests/")}
            assert places == {f"tests/{test}"}, (path, found.stdout)

    def all_hosts_are_watched(self):
        for name, watched in (("node", self.hosts), ("etcd", {
                host for host in self.hosts if kind(host) == "etcd"})):
            path = WORLD / "files/prometheus/targets" / f"{name}.json"
            listed = [target.partition(".")[0]
                      for group in json.loads(path.read_text())
                      for target in group["targets"]]
            assert sorted(listed) == sorted(watched), set(listed) ^ watched

    def addresses_are_given_once(self):
        given = {}
        for host in sorted(self.hosts):
            manifest = json.loads((WORLD / f"hosts/{host}.json").read_text())
            other = given.setdefault(manifest["vars"]["address"], host)
            assert other == host, (other, host)

    def the_history_ends_in_the_world(self):
        made = self.scratch / "history"
        run(HERE / "make_history.sh", made)
        repository = made / "world.git"
        git = ("git", "--git-dir", repository, "-c",
               f"gpg.ssh.allowedSignersFile={made}/allowed_signers")
        lines = run(*git, "log", "--reverse", "--format=%H %G? %GS %ae %s").stdout
        lines = [line.split(" ", 4) for line in lines.splitlines()]
        assert len(lines) >= 30, lines
        assert len({line[3] for line in lines}) == 4, lines
        for number, (commit, good, signer, author, subject) in enumerate(lines):
            assert good == "G" and signer == author, (good, signer, subject)
            assert "(OPS-" in subject, subject
            self.check(self.unpack(repository, commit,
                                   self.scratch / str(number)))
        last = self.scratch / str(len(lines) - 1)
        assert files(last) == files(WORLD), "the history does not end in world/"
        again = run(HERE / "make_history.sh", self.scratch / "again").stdout
        assert lines[-1][0] in again, "another run makes other commits"

    def who_changed_what_is_known(self):
        repository = self.scratch / "history/world.git"
        for host, resource, ticket, parts in (
                ("bastion-ams-1", "cron:sessions", "OPS-240", {}),
                ("web-ams-3", "service:nginx", "OPS-231", {"override": "OPS-231",
                                                           "resource": "OPS-108"}),
                ("web-fra-8", "file:/etc/systemd/journald.conf.d/fleet.conf", "OPS-219",
                 {"var": "OPS-219", "include": "OPS-201"}),
                ("web-fra-8", "service:ssh", "OPS-101", {"include": "OPS-201"})):
            why = json.loads(run(self.converge, "why", resource, repository, "--host", host,
                                 "--json", "--root", self.scratch).stdout)
            assert why["changed"]["tickets"] == [ticket], why
            assert why["changed"]["subject"].endswith(f"({ticket})"), why
            for kind_, want in parts.items():
                assert any(want in part["changed"]["tickets"] for part in why["parts"]
                           if part["kind"] == kind_), (kind_, want, why["parts"])

    def committed(self):
        """The world in a repository, and how git is to be called there."""
        world = self.scratch / "changed"
        git = ("git", "-C", world, "-c", "user.name=Ada", "-c",
               "user.email=ada@example.org", "-c", "commit.gpgsign=false")
        if not world.exists():
            run("cp", "-r", WORLD, world)
            run(*git, "init", "-qb", "main")
            run(*git, "add", "-A")
            run(*git, "commit", "-qm", "begin")
            run("chmod", "-R", "go-w", world)
        return world, git

    def change(self, file, old, new):
        """The same with one line changed in its work tree."""
        world, git = self.committed()
        text = (world / file).read_text()
        assert text.count(old) == 1, (file, old)
        (world / file).write_text(text.replace(old, new))
        return world, git

    def diff(self, file, old, new):
        """The groups of hosts that a change of one line makes: who they are,
        and what changes there."""
        world, git = self.change(file, old, new)
        done = run(self.converge, "diff", "main", "--json", "--world", world,
                   check=False)
        assert done.returncode == 2, done.stderr
        run(*git, "checkout", "-q", ".")
        found = json.loads(done.stdout)
        assert found["summary"]["unchanged"] == 40 - sum(
            len(group["hosts"]) for group in found["groups"]), found["summary"]
        return [(set(group["hosts"]),
                 [(change["action"], change["id"]) for change in group["changes"]])
                for group in found["groups"]]

    def a_change_shows_by_whom_it_concerns(self):
        groups = self.diff("roles/common/ssh.json", '"mode": "0600"', '"mode": "0640"')
        assert groups == [(self.hosts, [
            ("update", "file:/etc/ssh/sshd_config.d/50-fleet.conf"),
            ("refresh", "service:ssh")])], groups
        # a file that only some roles name, and no host where another is put
        groups = self.diff("templates/motd", "It is managed", "It's managed")
        assert [hosts for hosts, _ in groups] == [
            {host for host in self.hosts if kind(host) != "bastion"}], groups
        # a var: where it is shown as it is, and where another has the last word
        groups = self.diff("roles/postgresql.json", '"max_connections": 200',
                           '"max_connections": 300')
        assert [({kind(host) for host in hosts}) for hosts, _ in groups] == [
            {"db"}], groups
        # a host's own file is of nobody else
        groups = self.diff("hosts/web-fra-8.json", '"address": "', '"address": "1')
        assert {"web-fra-8"} in [hosts for hosts, _ in groups], groups

    def a_change_is_drawn_with_what_it_touches(self):
        world, git = self.change("roles/web.json", '"mode": "0644"',
                                 '"mode": "0640"')
        graph = (self.converge, "graph", "--changed-since", "main", world)
        found = json.loads(run(*graph, "--json").stdout)
        svg = run(*graph, "--format", "svg").stdout
        assert svg == run(*graph, "--format", "svg").stdout, "another drawing"
        run(*git, "checkout", "-q", ".")
        groups = {len(group["hosts"]): {
            (res["id"], res["touched"], res.get("disruption"))
            for res in group["resources"]} for group in found["groups"]}
        # the override of one host makes a restart of the reload
        assert groups.keys() == {22, 1}, groups
        for n, disruption in ((22, "reload"), (1, "restart")):
            assert groups[n] >= {
                ("file:/etc/nginx/nginx.conf", "changed", "none"),
                ("service:nginx", "changed", disruption)}, groups
        # only those of one kind have just the same that needs nginx
        assert all(kind(group["shown"]) not in map(kind, group.get("unlike", ()))
                   for group in found["groups"]), found["groups"]
        texts = [text.text for text in xml.fromstring(svg).iter(
            "{http://www.w3.org/2000/svg}text")]
        for text in ("1 host: web-ams-3", "! service:nginx", "notify",
                     "23 of 40 hosts change, 17 unchanged"):
            assert text in texts, (text, texts)
        # so that it can be read
        assert len(texts) < 100 and max(map(len, texts)) < 120, texts

    def whom_a_resource_comes_to_is_known(self):
        world, _ = self.committed()
        found = json.loads(run(self.converge, "why", "service:nginx", world,
                               "--rev", "main", "--all", "--json").stdout)
        hosts = {host for group in found["groups"] for host in group["hosts"]}
        assert hosts | set(found["without"]) == self.hosts, found
        assert [group["origin"]["file"] for group in found["groups"]] == [
            "roles/web.json"], found["groups"]
        only = {part["name"]: part["only"]
                for part in found["groups"][0]["parts"]
                if part["kind"] == "override"}
        assert only == {"on_refresh": ["web-ams-3"]}, only

    def credentials_are_sealed_to_who_uses_them(self):
        made = self.scratch / "sealed"
        run(HERE / "make_keys.sh", made)
        recipients = json.loads(
            (made / "world/secrets/recipients.json").read_text())
        assert set(recipients["hosts"]) == self.hosts, recipients
        for name, (kinds, text) in SEALED.items():
            sealed = made / f"world/secrets/{name}.age"
            plain = (made / "plain" / name).read_text()
            assert plain and text in plain, name
            for host in ("recovery", "edge-ams-1", "db-fra-3", "stage-ams-1",
                         "etcd-fra-2", "web-ams-1"):
                opened = run("age", "--decrypt", "-i", made / "keys" / host,
                             sealed, check=False)
                if kind(host) in kinds | {"recovery"}:
                    assert opened.stdout.endswith(f"{name}.age\n{plain}"), name
                else:
                    assert opened.returncode != 0, (name, host)
        run(self.converge, "secret", "check", "--world", made / "world")
        run(HERE / "make_history.sh", self.scratch / "with", made)
        last = self.unpack(self.scratch / "with/world.git", "main",
                           self.scratch / "last")
        assert files(last) == files(made / "world"), "another world was committed"

    def a_large_world_is_right(self):
        repository = self.scratch / "large.git"
        run(HERE.parent / "bench/fleet.py", repository, "60", "100")
        for commit in ("main~3", "main"):
            self.check(self.unpack(repository, commit,
                                   self.scratch / f"large-{commit}"))


def main():
    with tempfile.TemporaryDirectory(prefix="fleet.") as scratch:
        test = Test(sys.argv[1], pathlib.Path(scratch))
        for one in (test.the_world_is_right, test.all_hosts_are_watched,
                    test.addresses_are_given_once,
                    test.it_converges_in_simulation_and_passes_its_tests,
                    test.a_mistake_is_found_by_a_test,
                    test.a_large_world_is_right,
                    test.the_history_ends_in_the_world,
                    test.who_changed_what_is_known,
                    test.a_change_shows_by_whom_it_concerns,
                    test.a_change_is_drawn_with_what_it_touches,
                    test.whom_a_resource_comes_to_is_known,
                    test.credentials_are_sealed_to_who_uses_them):
            one()
            print(one.__name__.replace("_", " "))


if __name__ == "__main__":
    main()
