#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Accounts of a real Debian are made, changed and removed.

usage: accounts_test.py CONVERGE ROOT

After every run pwck(8) and grpck(8) say no more than before the first, and a
second run does nothing. The hash of a password is in no argument, environment
or output. A run that cannot have the lock, or that is killed, leaves the files
consistent, and the next one gets there.
"""
import fcntl
import json
import re
import sys
import time

import hosts

HASH = ("$6$abc$K4v3HcZ8yAmpRfxML6S46NCcqy9r4/KdbQpFvqSWsBf4dgySOEOo1DHJTrmn2B"
        "sJK2aNmPN8Tfb826D2o9.z51")
KEY = ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFx"
       "gZGhscHR4f")
TOOLS = ("useradd", "usermod", "userdel", "groupadd", "groupmod", "groupdel",
         "chpasswd")
WRAPPER = """#!/bin/sh
{ echo "$0 $*"; env; } >>/root/called
exec /usr/sbin/%s.real "$@"
"""
FILES = ("passwd", "shadow", "group", "gshadow")


class Test:
    def __init__(self, host):
        self.host = host
        self.said = self.checks()

    def checks(self):
        """What pwck and grpck find; Debian itself is not without fault."""
        return [line for tool in ("pwck", "grpck")
                for line in self.host.run(tool, "-r",
                                          check=False).stdout.splitlines()
                # homes and shells may be missing; entries may not
                if "does not exist" not in line]

    def files(self):
        return {name: (self.host.read(f"/etc/{name}"),
                       (self.host.root / "etc" / name).stat().st_ino)
                for name in FILES}

    def apply(self, want, resources, *options):
        self.host.write("/root/m.json", json.dumps(
            {"version": 1, "resources": resources}), mode=0o600)
        done = self.host.run("converge", "apply", "/root/m.json", *options,
                             check=False)
        assert done.returncode == want, (
            f"apply: exit {done.returncode}, not {want}\n{done.stdout}"
            f"{done.stderr}")
        said = done.stdout + done.stderr
        assert HASH not in said and HASH[7:] not in said, said
        assert self.checks() == self.said, self.checks()
        return said

    def converge(self, resources):
        """Also that the plan says what apply does, and that it is enough."""
        self.host.write("/root/m.json", json.dumps(
            {"version": 1, "resources": resources}), mode=0o600)
        plan = self.host.run("converge", "plan", "/root/m.json", "--json",
                             check=False)
        assert plan.returncode == 2, plan.stdout + plan.stderr
        said = self.apply(0, resources)
        for change in json.loads(plan.stdout)["changes"]:
            assert change["id"] in said, said
        before = self.files()
        again = self.apply(0, resources)
        assert " 0 created, 0 changed, 0 removed" in again, again
        assert self.files() == before
        return said

    def entry(self, database, name):
        return self.host.run("getent", database, name,
                             check=False).stdout.strip().split(":")

    def makes(self):
        self.converge({
            "user:ada": {"comment": "Ada Lovelace", "shell": "/bin/bash",
                         "groups": ["adm", "deploy"], "manage_home": True,
                         "password_hash": HASH, "expires": "2031-02-03"},
            "user:app": {"system": True, "home": "/var/lib/app",
                         "shell": "/usr/sbin/nologin"},
            "group:deploy": {"members": ["app"]},
            "file:/etc/app.conf": {"content": "x", "owner": "app",
                                   "group": "deploy"},
            "authorized_key:ada@laptop": {"user": "ada", "key": KEY},
        })
        assert self.entry("passwd", "ada")[2:] == [
            "1000", "1001", "Ada Lovelace", "/home/ada", "/bin/bash"]
        assert self.entry("shadow", "ada")[1] == HASH
        assert self.entry("shadow", "ada")[7] == "22313"
        assert self.entry("group", "deploy")[2:] == ["1000", "app,ada"]
        assert "ada" in self.entry("group", "adm")[3]
        app = self.entry("passwd", "app")
        assert 100 < int(app[2]) < 1000 and app[5] == "/var/lib/app", app
        assert self.entry("shadow", "app")[1] == "!"
        keys = self.host.root / "home/ada/.ssh/authorized_keys"
        assert keys.read_text() == KEY + " ada@laptop\n"
        assert (keys.stat().st_uid, keys.stat().st_mode & 0o7777,
                keys.parent.stat().st_mode & 0o7777) == (1000, 0o600, 0o700)
        assert (self.host.root / "home/ada/.bashrc").stat().st_uid == 1000
        print("made")

    def changes(self):
        said = self.converge({
            "user:ada": {"uid": 1815, "shell": "/bin/sh", "locked": True,
                         "groups": "deploy", "membership": "inclusive",
                         "home": "/home/lovelace", "manage_home": True,
                         "expires": "never"},
            "group:deploy": {"gid": 1500, "members": ["ada"],
                             "membership": "inclusive"},
        })
        assert "uid 1000 -> 1815" in said and "gid 1000 -> 1500" in said
        assert self.entry("passwd", "ada")[2] == "1815"
        assert self.entry("shadow", "ada")[1] == "!" + HASH
        assert self.entry("shadow", "ada")[7] == ""
        assert self.entry("group", "deploy")[2:] == ["1500", "ada"]
        assert "ada" not in self.entry("group", "adm")[3]
        home = self.host.root / "home/lovelace"
        assert (home / ".ssh/authorized_keys").stat().st_uid == 1815
        assert not (self.host.root / "home/ada").exists()
        # another hash leaves a lock that nobody speaks of
        self.converge({"user:ada": {"password_hash": "*"}})
        assert self.entry("shadow", "ada")[1] == "!*"
        self.converge({"user:ada": {"password_hash": HASH, "locked": False}})
        assert self.entry("shadow", "ada")[1] == HASH
        print("changed")

    def waits_for_the_lock(self):
        """F80: somebody edits the files with vipw(8)."""
        want = {"user:late": {"comment": "x"}, "group:later": {}}
        before = self.files()
        with open(self.host.root / "etc/.pwd.lock", "r+b") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            began = time.monotonic()
            said = self.apply(4, want)
            assert time.monotonic() - began < 100
            assert "lock" in said, said
            assert self.files() == before
        self.converge(want)
        print("locked out, and converged after it")

    def survives_kills(self):
        whole = {f"user:k{i}": {"groups": "deploy", "password_hash": HASH}
                 for i in range(8)}
        self.host.write("/root/k.json", json.dumps(
            {"version": 1, "resources": whole}), mode=0o600)
        for i in range(12):
            # a tool that it has started goes on to its end
            self.host.run("systemd-run", "--quiet", "--collect",
                          "--property=KillMode=process", f"--unit=kill-{i}",
                          "converge", "apply", "/root/k.json")
            time.sleep(0.03 * (i + 1))
            self.host.run("systemctl", "kill", "--kill-who=main",
                          "--signal=KILL", f"kill-{i}", check=False)
            while self.host.run("pgrep", "-f", "sbin/(user|group|chpasswd)",
                                check=False).stdout:
                time.sleep(0.02)
            assert self.checks() == self.said, self.checks()
            assert self.entry("passwd", "root")[2] == "0"
        self.apply(0, whole)
        for name in whole:
            assert self.entry("shadow", name[5:])[1] == HASH, name
        self.converge({name: {"ensure": "absent"} for name in whole})
        print("killed, and converged after it")

    def refuses(self):
        self.converge({"user:late": {"manage_home": True},
                       "user:guest": {"home": "/home/late/guest"}})
        before = self.files()
        self.host.run("systemd-run", "--quiet", "--collect", "--unit=busy",
                      "--uid=ada", "sleep", "600")
        said = self.apply(4, {"user:ada": {"ensure": "absent"}})
        assert "running processes" in said and "hint: end them" in said, said
        self.host.run("systemctl", "stop", "busy")
        for resources, words in (
                ({"user:eve": {"uid": 1815}}, "uid 1815 is that of user 'ada'"),
                ({"group:eve": {"gid": 1500}},
                 "gid 1500 is that of group 'deploy'"),
                ({"group:app": {"ensure": "absent"}},
                 "is the primary group of user 'app'"),
                ({"user:ada": {"groups": "nothing"}},
                 "there is no group 'nothing'"),
                ({"user:app": {"locked": False}}, "has no password"),
                ({"user:late": {"ensure": "absent", "manage_home": True}},
                 "has that of 'guest' in it"),
                ({"user:daemon": {"ensure": "absent", "manage_home": True}},
                 "its home '/usr/sbin' is never removed")):
            said = self.apply(4, resources)
            assert words in said, said
        assert self.files() == before
        print("refused")

    def removes(self):
        said = self.converge({
            "user:ada": {"ensure": "absent", "manage_home": True},
            "user:app": {"ensure": "absent"},
            "group:deploy": {"ensure": "absent"},
            "group:app": {"ensure": "absent"},
        })
        assert "- user:ada" in said, said
        for name in ("ada", "app", "deploy"):
            for file in FILES:
                assert not re.search(rf"\b{name}\b",
                                     self.host.read(f"/etc/{file}")), name
        assert not (self.host.root / "home/lovelace").exists()
        print("removed")

    def keeps_the_secret(self):
        called = self.host.read("/root/called")
        assert "/chpasswd -e" in called, called[:400]
        assert HASH[7:] not in called

    def run(self):
        for tool in TOOLS:
            path = self.host.root / "usr/sbin" / tool
            path.rename(path.with_suffix(".real"))
            self.host.write(f"/usr/sbin/{tool}", WRAPPER % tool, mode=0o755)
        self.makes()
        self.changes()
        self.waits_for_the_lock()
        self.survives_kills()
        self.refuses()
        self.removes()
        self.keeps_the_secret()


def main():
    hosts.apart()
    binary, root = sys.argv[1:]
    with hosts.Host(root, "acct-1") as host:
        host.install(binary)
        Test(host).run()


main()
