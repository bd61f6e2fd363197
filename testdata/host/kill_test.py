#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SIGKILL at system calls of an apply that changes a whole host.

usage: kill_test.py CONVERGE ROOT DEBS STOPAT

Packages, an account, a unit and its service, a folder that is purged of what
a package brings: converge is killed at one of its
calls, each time on a bare host, and what it has started goes on or not. The
next run converges, the one after it does nothing, and the databases of dpkg
and of the accounts are sound.

CONVERGE_SWEEP=N takes every Nth call (all of them: "full"); a few are taken
otherwise.
"""
import json
import os
import re
import shutil
import sys
import time

import hosts

STRIDE = 100
SAMPLE = 6
UNIT = """[Service]
User=app
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
"""
MANIFEST = json.dumps({"version": 1, "resources": {
    "package:cron": {}, "package:sudo": {},
    "group:app": {"system": True},
    "user:app": {"system": True, "group": "app", "groups": "sudo",
                 "home": "/var/lib/app", "manage_home": True,
                 "require": "package:sudo"},
    "file:/var/lib/app/conf": {"content": "a = 1\n", "owner": "app",
                               "notify": "service:app"},
    "file:/etc/systemd/system/app.service": {"content": UNIT,
                                             "notify": "service:app"},
    "service:app": {"ensure": "running", "enable": True,
                    "require": "user:app"},
    "directory:/etc/sudoers.d": {"purge": True, "require": "package:sudo"},
    "service:cron": {"ensure": "running", "enable": True,
                     "require": "package:cron"}}})
APPLY = ("converge", "apply", "/root/m.json")


class Bare(hosts.Host):
    """One that nothing has happened to yet."""

    def __init__(self, number):
        binary, root, debs, self.stopat = sys.argv[1:]
        self.binary = binary
        super().__init__(root, f"kill-{number}", debs=debs)

    def __enter__(self):
        super().__enter__()
        self.install(self.binary)
        shutil.copy(self.stopat, self.root / "usr/sbin/stopat")
        self.write("/root/m.json", MANIFEST)
        return self

    def __exit__(self, *how):
        super().__exit__(*how)
        shutil.rmtree(self.folder)


def sound(host, what):
    """The next run converges, and leaves all in order."""
    for nth in ("next", "second"):
        done = host.run(*APPLY, check=False)
        assert done.returncode == 0, (
            f"{what}: the {nth} run: exit {done.returncode}\n{done.stdout}"
            f"{done.stderr}")
    assert "0 created, 0 changed, 0 removed, 0 refreshed" in done.stdout, (
        f"{what}: the second run is not idle\n{done.stdout}")
    for command in (("dpkg", "--audit"), ("pwck", "-q", "-r"),
                    ("grpck", "-r")):
        done = host.run(*command, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == 0 and not said, (
            f"{what}: {' '.join(command)}: exit {done.returncode}\n{said}")
    assert not os.listdir(host.root / "etc/sudoers.d"), what
    for unit in ("app", "cron"):
        host.run("systemctl", "is-active", "--quiet", unit)


def count():
    with Bare(0) as host:
        done = host.run("stopat", "0", *APPLY, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        sound(host, "not killed")
    return int(re.search(r"stopat (\d+) calls", done.stderr)[1])


def points(calls):
    sweep = os.environ.get("CONVERGE_SWEEP")
    stride = 1 if sweep == "full" else int(sweep or STRIDE)
    every = range(stride, calls + 1, stride)
    if sweep or len(every) <= SAMPLE:
        return list(every)
    return [every[i * (len(every) - 1) // (SAMPLE - 1)]
            for i in range(SAMPLE)]


def main():
    hosts.apart()
    calls = count()
    killed = 0
    for n in points(calls):
        begin = time.monotonic()
        with Bare(n) as host:
            done = host.run("stopat", "-k", str(n), *APPLY, check=False)
            killed += done.returncode == 128 + 9
            sound(host, f"killed at call {n}")
        print(f"call {n} of {calls}: {time.monotonic() - begin:.1f} s",
              flush=True)
    assert killed, "nothing was ever killed"
    print(f"{killed} kills, each mended by the next run")


main()
