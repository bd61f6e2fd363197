#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packages of a real apt, from a repository of tiny ones made here.

usage: packages_test.py CONVERGE ROOT

What is installed is installed in one transaction; versions go up and down;
what nobody named is never removed; what was cut short is mended; and a second
apply does nothing.
"""
import fcntl
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import hosts


class Repository:
    """A flat repository, file:/srv/repo of the host (apt-ftparchive(1))."""

    def __init__(self, host):
        self.folder = host.root / "srv/repo"
        self.folder.mkdir(parents=True)
        self.packages = {}

    def add(self, name, version="1.0", files=None, scripts=None, **fields):
        """Builds one, as dpkg-deb(1) does."""
        control = {"Package": name, "Version": version,
                   "Architecture": "all", "Maintainer": "Test <t@t.test>",
                   "Description": name,
                   **{k.replace("_", "-"): v for k, v in fields.items()}}
        with tempfile.TemporaryDirectory() as scratch:
            top = pathlib.Path(scratch, "p")
            (top / "DEBIAN").mkdir(parents=True, mode=0o755)
            text = "".join(f"{k}: {v}\n" for k, v in control.items())
            (top / "DEBIAN/control").write_text(text)
            conffiles = ""
            for path, content in (files or {}).items():
                at = top / path.lstrip("/")
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_text(content)
                if path.startswith("/etc/"):
                    conffiles += path + "\n"
            if conffiles:
                (top / "DEBIAN/conffiles").write_text(conffiles)
            for script, body in (scripts or {}).items():
                at = top / "DEBIAN" / script
                at.write_text("#!/bin/sh\nset -e\n" + body)
                at.chmod(0o755)
            deb = self.folder / f"{name}_{version}_all.deb"
            subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone",
                            "--build", str(top), str(deb)], check=True,
                           stdout=subprocess.DEVNULL)
        data = deb.read_bytes()
        self.packages[(name, version)] = (
            text + f"Filename: ./{deb.name}\nSize: {len(data)}\n"
            f"SHA256: {hashlib.sha256(data).hexdigest()}\n\n")
        self.publish()

    def drop(self, name, version):
        del self.packages[(name, version)]
        (self.folder / f"{name}_{version}_all.deb").unlink()
        self.publish()

    def publish(self):
        (self.folder / "Packages").write_text("".join(self.packages.values()))


class Test:
    def __init__(self, host):
        self.host = host
        host.write("/etc/apt/sources.list",
                   "deb [trusted=yes] file:/srv/repo ./\n")
        self.repository = Repository(host)

    def set(self, resources):
        self.host.write("/root/m.json", json.dumps(
            {"version": 1, "resources": resources}))

    def converge(self, verb, want):
        done = self.host.run("converge", verb, "/root/m.json", check=False)
        said = done.stdout + done.stderr
        assert done.returncode == want, (
            f"{verb}: exit {done.returncode}, not {want}\n{said}")
        return said

    def becomes(self, resources, want=0):
        """Applied, and all is well then: the next run has nothing to do."""
        self.set(resources)
        planned = self.converge("plan", 2)
        before = self.transactions()
        said = self.converge("apply", want)
        made = self.transactions()[len(before):]
        if want == 0:
            assert "0 to create, 0 to change, 0 to remove" in self.converge(
                "plan", 0)
            self.converge("apply", 0)
            assert len(self.transactions()) == len(before) + len(made)
        return planned, said, made

    def transactions(self):
        log = self.host.root / "var/log/apt/history.log"
        if not log.exists():
            return []
        return [part for part in log.read_text().split("\n\n") if part.strip()]

    def state(self, name):
        done = self.host.run("dpkg-query", "-W", "-f",
                             "${Status} ${Version}", name, check=False)
        return done.stdout

    def expect(self, name, state):
        assert self.state(name) == state, (
            f"{name}: '{self.state(name)}', not '{state}'")

    def says(self, text, *wanted):
        for one in wanted:
            assert one in text, f"'{one}' is not in:\n{text}"

    # --- the tests ---

    def three_are_one_transaction(self):
        for name in ("one", "two", "three"):
            self.repository.add(name)
        planned, _, made = self.becomes({"package:one": {}, "package:two": {},
                                         "package:three": {}})
        self.says(planned, "+ package:one  absent -> present",
                  "3 to create", "Disruption: none")
        assert len(made) == 1, made
        self.says(made[0], "one:", "two:", "three:")

    def latest_moves_up(self):
        self.repository.add("one", "2.0")
        self.host.run("apt-get", "-q", "update")
        planned, _, made = self.becomes({"package:one": {"ensure": "latest"}})
        self.says(planned, "~ package:one  version 1.0 -> latest",
                  "2.0 is there", "Disruption: restart")
        self.expect("one", "install ok installed 2.0")
        assert len(made) == 1

    def a_version_moves_down(self):
        planned, _, _ = self.becomes({"package:one": {"ensure": "1.0"}})
        self.says(planned, "~ package:one  version 2.0 -> 1.0")
        self.expect("one", "install ok installed 1.0")

    def hold_holds(self):
        _, _, made = self.becomes({"package:one": {"hold": True}})
        assert not made
        self.expect("one", "hold ok installed 1.0")
        self.set({"package:one": {"ensure": "latest"}})
        self.says(self.converge("apply", 4), "'one' is on hold at 1.0")
        self.expect("one", "hold ok installed 1.0")
        self.becomes({"package:one": {"ensure": "2.0", "hold": True}})
        self.expect("one", "hold ok installed 2.0")
        self.becomes({"package:one": {"hold": False}})
        self.expect("one", "install ok installed 2.0")

    def who_needs_it_is_named(self):
        self.repository.add("lower")
        self.repository.add("needs-lower", Depends="lower")
        self.becomes({"package:needs-lower": {}, "package:three": {}})
        self.set({"package:lower": {"ensure": "absent"},
                  "package:three": {"ensure": "absent"}})
        self.says(self.converge("apply", 4),
                  "it would remove needs-lower too, which nobody named")
        self.expect("lower", "install ok installed 1.0")
        assert "installed" not in self.state("three"), "three is left"
        self.becomes({"package:lower": {"ensure": "absent"},
                      "package:needs-lower": {"ensure": "absent"}})
        assert "installed" not in self.state("lower")

    def what_conflicts_is_refused(self):
        self.repository.add("rival", Conflicts="two")
        self.set({"package:rival": {}})
        self.says(self.converge("apply", 4), "it would remove two too")
        self.expect("two", "install ok installed 1.0")

    def configuration_is_kept(self):
        self.repository.add("conf", files={"/etc/conf.d/a": "old\n"})
        self.becomes({"package:conf": {}})
        self.host.write("/etc/conf.d/a", "mine\n")
        self.repository.add("conf", "2.0", files={"/etc/conf.d/a": "new\n"})
        self.becomes({"package:conf": {"ensure": "2.0"}})
        assert self.host.read("/etc/conf.d/a") == "mine\n"
        self.becomes({"package:conf": {"ensure": "absent"}})
        self.expect("conf", "deinstall ok config-files 2.0")
        planned, _, _ = self.becomes({"package:conf": {"ensure": "purged"}})
        self.says(planned, "Disruption: data")
        assert not (self.host.root / "etc/conf.d/a").exists()
        self.becomes({"package:conf": {}, "package:two": {"ensure": "absent"}})
        self.becomes({"package:conf": {"ensure": "purged"},
                      "package:one": {"ensure": "absent"}})
        assert not (self.host.root / "etc/conf.d/a").exists()
        self.becomes({"package:one": {}, "package:two": {}})

    def what_was_cut_short_is_mended(self):
        self.repository.add("frail", scripts={
            "postinst": "test -e /etc/mended || exit 3\n"})
        self.set({"package:frail": {}, "package:three": {}})
        self.says(self.converge("apply", 4),
                  "error processing package frail")
        self.expect("frail", "install ok half-configured 1.0")
        self.expect("three", "install ok installed 1.0")
        self.says(self.converge("plan", 2),
                  "~ package:frail  state half-configured -> installed")
        self.host.write("/etc/mended", "")
        self.becomes({"package:frail": {}})
        self.expect("frail", "install ok installed 1.0")

    def it_waits_for_the_lock(self):
        self.repository.add("late")
        path = self.host.root / "var/lib/dpkg/lock-frontend"
        with open(path, "r+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            release = threading.Timer(
                3, lambda: fcntl.lockf(lock, fcntl.LOCK_UN))
            release.start()
            begin = time.monotonic()
            self.becomes({"package:late": {}})
            assert time.monotonic() - begin > 2, "it did not wait"
            release.join()

    def what_is_not_there_is_told_by_name(self):
        self.repository.add("good")
        self.set({"package:good": {}, "package:nowhere": {},
                  "package:one": {"ensure": "9.9"}})
        said = self.converge("apply", 4)
        self.says(said, "Unable to locate package nowhere",
                  "Version '9.9' for 'one' was not found")
        self.expect("good", "install ok installed 1.0")

    def a_virtual_one_names_who_provides_it(self):
        self.repository.add("exim", Provides="mta")
        self.set({"package:mta": {}})
        said = self.converge("apply", 4)
        self.says(said, "'mta' is a virtual package", "exim")
        self.repository.add("postfix", Provides="mta")
        self.says(self.converge("apply", 4), "'mta' is a virtual package",
                  "exim", "postfix")
        assert self.state("exim") == ""

    def old_lists_are_fetched_anew(self):
        self.repository.add("moving")
        self.becomes({"package:moving": {}})
        self.becomes({"package:moving": {"ensure": "absent"}})
        self.repository.add("moving", "1.1")
        self.repository.drop("moving", "1.0")
        self.becomes({"package:moving": {}})
        self.expect("moving", "install ok installed 1.1")

    def names_are_no_patterns(self):
        self.repository.add("lib1.0-x")
        self.repository.add("g++")
        for name in ("lib1.0", "one+"):
            self.set({f"package:{name}": {}})
            self.converge("apply", 4)
        self.becomes({"package:g++": {}})
        assert self.state("lib1.0-x") == ""
        self.becomes({"package:g++": {"ensure": "absent"}})

    def run(self):
        for test in (self.three_are_one_transaction, self.latest_moves_up,
                     self.a_version_moves_down, self.hold_holds,
                     self.who_needs_it_is_named,
                     self.what_conflicts_is_refused,
                     self.configuration_is_kept,
                     self.what_was_cut_short_is_mended,
                     self.it_waits_for_the_lock,
                     self.what_is_not_there_is_told_by_name,
                     self.a_virtual_one_names_who_provides_it,
                     self.old_lists_are_fetched_anew,
                     self.names_are_no_patterns):
            begin = time.monotonic()
            test()
            print(f"{test.__name__}: {time.monotonic() - begin:.1f} s",
                  flush=True)


def main():
    hosts.apart()
    if not shutil.which("dpkg-deb"):
        hosts.skip("dpkg-deb is not installed")
    binary, root = sys.argv[1:]
    with hosts.Host(root, "packages-1") as host:
        host.install(binary)
        Test(host).run()


main()
