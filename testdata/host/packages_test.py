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

PATIENCE = 20  # seconds


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

    # --- services ---

    def add_daemon(self, name, more=""):
        """A package that starts its service, as they do."""
        unit = ("[Service]\nExecStartPre=/bin/sh -c 'cat /etc/daemon.conf "
                f">>/var/log/{name}'\nExecStart=/bin/sleep 1000\n"
                "[Install]\nWantedBy=multi-user.target\n")
        self.repository.add(name, files={
            f"/usr/lib/systemd/system/{name}.service": unit}, scripts={
            "postinst": f"systemctl -q enable {name}\n{more}"
                        f"deb-systemd-invoke start {name}.service\n"})

    def starts(self, name):
        path = self.host.root / "var/log" / name
        return path.read_text().split() if path.exists() else []

    def daemon(self, name, **more):
        return {f"package:{name}": {},
                "file:/etc/daemon.conf": {"content": "ours\n",
                                          "require": f"package:{name}"},
                f"service:{name}": {"ensure": "running",
                                    "require": "file:/etc/daemon.conf"},
                **more}

    def policy(self, name="daemon.service", action="start"):
        done = self.host.run("/usr/sbin/policy-rc.d", name, action,
                             check=False)
        return done.returncode

    def no_policy(self):
        return not (self.host.root / "usr/sbin/policy-rc.d").exists()

    def a_service_starts_when_it_is_configured(self):
        self.host.write("/etc/daemon.conf", "theirs\n")
        self.add_daemon("free")
        self.becomes({"package:free": {}})
        assert self.starts("free") == ["theirs"], self.starts("free")
        self.add_daemon("daemon")
        self.set(self.daemon("daemon"))
        self.converge("apply", 0)
        assert self.starts("daemon") == ["ours"], self.starts("daemon")
        assert self.no_policy()
        self.converge("plan", 0)

    def one_that_runs_goes_on(self):
        """An upgrade that stops it and starts it again may do so."""
        self.repository.add("daemon", "2.0", files={
            "/usr/lib/systemd/system/daemon.service":
            self.host.read("/usr/lib/systemd/system/daemon.service")}, scripts={
            "postinst": "deb-systemd-invoke restart daemon.service\n"})
        self.set({"package:daemon": {"ensure": "2.0"},
                  "service:daemon": {"ensure": "running"}})
        self.converge("apply", 0)
        assert self.starts("daemon") == ["ours", "ours"]
        self.host.run("systemctl", "is-active", "daemon")

    def the_policy_of_others_stays(self):
        self.host.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 0\n", 0o755)
        self.host.write("/etc/daemon.conf", "theirs\n")
        self.add_daemon("other")
        self.set(self.daemon("other"))
        self.converge("apply", 0)
        assert "theirs" in self.starts("other")
        assert self.policy() == 0
        (self.host.root / "usr/sbin/policy-rc.d").unlink()

    def begin_slow(self, name, mode):
        """A run that waits in a script, killed: by itself, or all of it."""
        self.add_daemon(name, f"touch /etc/slow-{name}; "
                        f"test -e /etc/fast || sleep 600\n")
        self.set(self.daemon(name))
        self.host.run("systemd-run", "--quiet", "--collect", "--unit=run",
                      "converge", "apply", "/root/m.json")
        until = time.monotonic() + PATIENCE
        while not (self.host.root / f"etc/slow-{name}").exists():
            assert time.monotonic() < until, "the script does not run"
            time.sleep(0.05)
        assert self.policy(f"{name}.service") == 101
        assert self.policy(name) == 101
        assert self.policy(name, "stop") == 0
        assert self.policy("free.service") == 0
        self.host.run("systemctl", "kill", f"--kill-who={mode}",
                      "--signal=KILL", "run", check=False)
        while self.policy(f"{name}.service") == 101:
            assert time.monotonic() < until, "it answers for the dead"
            time.sleep(0.05)

    def a_kill_leaves_no_riddle(self):
        self.begin_slow("slow", "all")
        assert not self.no_policy()
        self.expect("slow", "install ok half-configured 1.0")
        self.says(self.converge("plan", 2),
                  "~ package:slow  state half-configured -> installed")
        self.host.write("/etc/fast", "")
        self.converge("apply", 0)
        assert self.starts("slow") == ["ours"], self.starts("slow")
        assert self.no_policy()
        self.converge("plan", 0)
        (self.host.root / "etc/fast").unlink()

    def a_run_without_packages_cleans_up_too(self):
        self.begin_slow("slower", "all")
        self.set({"file:/etc/x": {"content": "x"}})
        self.converge("apply", 0)
        assert self.no_policy()
        self.host.write("/etc/fast", "")
        self.host.run("dpkg", "--configure", "-a")

    # --- repositories ---

    def sign(self):
        """The repository as a signed one, and its key in ASCII armor."""
        with tempfile.TemporaryDirectory() as home:
            def gpg(*arguments, **options):
                return subprocess.run(
                    ["gpg", "--homedir", home, "--batch", "--quiet",
                     "--passphrase", "", *arguments], check=True,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    **options).stdout.decode()
            gpg("--quick-generate-key", "test", "ed25519", "sign", "never")
            data = (self.repository.folder / "Packages").read_bytes()
            release = (f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S UTC', time.gmtime())}\n"
                       f"SHA256:\n {hashlib.sha256(data).hexdigest()} "
                       f"{len(data)} Packages\n")
            signed = gpg("--clearsign", input=release.encode())
            (self.repository.folder / "InRelease").write_text(signed)
            key = gpg("--armor", "--export")
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"],
                           check=False)
            return key

    def what_a_repository_brings_is_there_at_once(self):
        if not shutil.which("gpg"):
            print("no gpg: signed repositories are left out")
            return
        self.host.write("/etc/apt/sources.list", "")
        self.host.run("apt-get", "-q", "update")
        self.repository.add("signed")
        repository = {"uris": "file:/srv/repo", "suites": "./",
                      "signed_by": self.sign()}
        planned, _, made = self.becomes({
            "package:signed": {}, "apt_repository:local": repository})
        assert planned.index("apt_repository") < planned.index("package:")
        assert len(made) == 1
        # another key signs nothing of it
        self.becomes({"package:signed": {"ensure": "absent"}})
        self.sign()
        self.set({"package:signed": {}, "apt_repository:local": repository})
        shutil.rmtree(self.host.root / "var/lib/apt/lists")
        self.says(self.converge("apply", 4), "signed")
        assert "installed" not in self.state("signed")
        self.becomes({"apt_repository:local": {"ensure": "absent"}})

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
                     self.names_are_no_patterns,
                     self.a_service_starts_when_it_is_configured,
                     self.one_that_runs_goes_on,
                     self.the_policy_of_others_stays,
                     self.a_kill_leaves_no_riddle,
                     self.a_run_without_packages_cleans_up_too,
                     self.what_a_repository_brings_is_there_at_once):
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
