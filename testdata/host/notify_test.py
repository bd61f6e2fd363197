#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A notification reaches a real service, whatever comes between.

usage: notify_test.py CONVERGE ROOT

A unit counts its starts. Its configuration changes: it is restarted, once, and
not again by the next run. A run that is killed after the change, or that fails
to restart it, owes the restart: the next run does it, also when the host has
gone down meanwhile, and until it is done every run says so.
"""
import json
import os
import sys
import time

import hosts

UNIT = """[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'test ! -e /run/broken && echo x >>/var/log/starts'
[Install]
WantedBy=multi-user.target
"""
PATIENCE = 20  # seconds


def manifest(value, slow=False):
    command = ["systemctl", "restart", "app"]
    resources = {
        "file:/etc/app.conf": {"content": f"value = {value}\n",
                               "notify": "exec:restart app"},
        "exec:restart app": {"command": command, "refreshonly": True},
    }
    if slow:
        # a window between the change and what it asks for
        resources["exec:slow"] = {"command": ["sleep", "600"],
                                  "require": "file:/etc/app.conf",
                                  "unless": ["test", "-e", "/etc/no-more"]}
    return json.dumps({"version": 1, "resources": resources})


class Test:
    def __init__(self, host):
        self.host = host

    def starts(self):
        path = self.host.root / "var/log/starts"
        return len(path.read_text().split()) if path.exists() else 0

    def apply(self, want, *options):
        done = self.host.run("converge", "apply", "/root/app.json", *options,
                             check=False)
        assert done.returncode == want, (
            f"apply: exit {done.returncode}, not {want}\n{done.stdout}"
            f"{done.stderr}")
        return done.stdout + done.stderr

    def set(self, value, slow=False):
        self.host.write("/root/app.json", manifest(value, slow))

    def expect(self, starts, what):
        assert self.starts() == starts, (
            f"{what}: {self.starts()} starts, not {starts}")
        print(f"{what}: {starts} starts")

    def begin_and_kill(self):
        """Kills a run that has changed the file and not come to the end."""
        before = self.host.read("/etc/app.conf")
        self.host.run("systemd-run", "--quiet", "--collect", "--unit=run",
                      "converge", "apply", "/root/app.json")
        until = time.monotonic() + PATIENCE
        while self.host.read("/etc/app.conf") == before:
            assert time.monotonic() < until, "the run changes nothing"
            time.sleep(0.02)
        self.host.run("systemctl", "kill", "--signal=KILL", "run")

    def a_change_restarts_once(self):
        self.set(1)
        self.apply(0)
        self.expect(2, "changed")
        self.apply(0)
        self.expect(2, "unchanged")

    def a_killed_run_owes_it(self):
        self.set(2, slow=True)
        self.begin_and_kill()
        self.expect(2, "killed")
        self.host.write("/etc/no-more", "")
        self.apply(0)
        self.expect(3, "the next run")

    def it_survives_a_reboot(self):
        os.remove(self.host.root / "etc/no-more")
        self.set(3, slow=True)
        self.begin_and_kill()
        self.host.reboot()
        self.expect(4, "booted again")
        self.host.write("/etc/no-more", "")
        self.apply(0)
        self.expect(5, "the run after it")
        self.apply(0)
        self.expect(5, "and the one after that")

    def one_that_fails_stays_owed(self):
        self.host.run("touch", "/run/broken")
        self.set(4)
        self.apply(4)
        self.apply(4)
        self.expect(5, "broken")
        self.host.run("rm", "/run/broken")
        self.apply(0)
        self.expect(6, "mended")
        self.apply(0)
        self.expect(6, "unchanged")

    def run(self):
        self.host.write("/etc/systemd/system/app.service", UNIT)
        self.host.run("systemctl", "enable", "--now", "app")
        self.expect(1, "first")
        self.a_change_restarts_once()
        self.a_killed_run_owes_it()
        self.it_survives_a_reboot()
        self.one_that_fails_stays_owed()


def main():
    hosts.apart()
    binary, root = sys.argv[1:]
    with hosts.Host(root, "app-1") as host:
        host.install(binary)
        Test(host).run()


main()
