#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a host's snapshot says elsewhere is what the host says itself.

usage: snapshot_test.py CONVERGE ROOT DEBS

The host of the stack is recorded as it is bare, when it is done, and when
something is damaged; each time the plan that is made against the snapshot, off
the host, is the host's own line by line. The snapshot is signed by the host,
and has none of its secrets in it.
"""
import hashlib
import json
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time

import hosts

HERE = pathlib.Path(__file__).parent
STACK = HERE / "stack"
FORMS = HERE.parent / "faults" / "forms.py"
NAME = "snap-1"
KEY = "etc/ssh/ssh_host_ed25519_key"
SECRETS = ("etc/shadow", KEY, "etc/nginx/tls/key.pem",
           "var/lib/app/.ssh/authorized_keys")
SIZE = 200 * 1024


def lines_of(text):
    """A plan without its diffs, ages, and how guards came to be unknown."""
    kept = [line for line in text.splitlines()
            if not line.startswith((" ", "snapshot of "))]
    return [re.sub(r"unknown: its guard .*   ", "unknown: its guard   ", line)
            for line in kept]


class Test:
    def __init__(self, binary, host, scratch):
        self.binary = binary
        self.host = host
        self.world = scratch / "world"
        self.snapshot = scratch / "snapshot"
        shutil.copytree(STACK, self.world, dirs_exist_ok=True)
        (self.world / "hosts").mkdir()
        (self.world / "secrets").mkdir()
        manifest = json.loads((STACK / "stack.json").read_text())
        (self.world / f"hosts/{NAME}.json").write_text(
            json.dumps({**manifest, "host": NAME}, indent=1))
        self.trust(False)

    def trust(self, signed, key=None):
        (self.world / "converge.json").write_text(json.dumps(
            {"version": 1, "snapshots": {"signed": signed}}))
        (self.world / "secrets/recipients.json").write_text(json.dumps(
            {"version": 1, "hosts": {NAME: key} if key else {},
             "people": {}}))

    def take(self, *options):
        """A snapshot, brought here; and what the host itself plans."""
        begin = time.monotonic()
        self.host.run("converge", "snapshot", "/srv/world", "--out",
                      "/root/snapshot", *options)
        took = time.monotonic() - begin
        shutil.copy(self.host.root / "root/snapshot", self.snapshot)
        size = self.snapshot.stat().st_size
        assert size <= SIZE, size
        print(f"{size} bytes, {took:.2f} s")
        return self.host.run("converge", "plan", "/srv/world",
                             check=False).stdout

    def against(self, want, *options):
        done = subprocess.run(
            [self.binary, "plan", self.world, "--against", self.snapshot,
             *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            check=False)
        assert done.returncode == want, (done.returncode, done.stdout,
                                         done.stderr)
        return done

    def both_say_the_same(self, least):
        here, there = self.take(), self.against(2).stdout
        assert lines_of(here) == lines_of(there), (here, there)
        assert len(lines_of(here)) >= least, here
        assert f"snapshot of {NAME}, " in there, there

    # --- the tests ---

    def bare(self):
        self.both_say_the_same(20)

    def done(self):
        self.host.run("converge", "apply", "/srv/world")
        self.both_say_the_same(2)

    def it_is_signed(self):
        key = (self.host.root / f"{KEY}.pub").read_text().strip()
        self.trust(True, key)
        said = self.against(2).stderr
        assert "signed" not in said, said
        whole = self.snapshot.read_bytes()
        self.snapshot.write_bytes(whole[:-40] + b"A" + whole[-39:])
        said = self.against(1).stderr
        self.snapshot.write_bytes(whole)
        assert "sign" in said, said
        self.trust(True)
        said = self.against(1).stderr
        assert "there is no key of its host" in said, said
        self.trust(False, key)

    def no_secret_is_in_it(self):
        self.host.run("usermod", "--password",
                      "$6$" + secrets.token_hex(8) + "$" +
                      secrets.token_urlsafe(64), "app")
        self.host.run("converge", "snapshot", "/srv/world", "--contents",
                      "--out", "/root/whole")
        whole = self.snapshot.parent / "whole.json"
        with open(whole, "wb") as out:
            for path in (self.snapshot, self.host.root / "root/whole"):
                subprocess.run(["zstdcat", path], stdout=out, check=True)
        text = whole.read_text()
        assert text.count('"content":') > 20, "no contents at all"
        known = self.snapshot.parent / "known"
        for path in SECRETS:
            content = (self.host.root / path).read_bytes()
            assert hashlib.sha256(content).hexdigest() not in text, path
            # a line of it: in keys all are alike at their beginning
            lines = [line for line in content.split(b"\n") if len(line) > 30]
            assert lines, path
            known.write_bytes(lines[-1])
            for where, hits in ((whole, 0), (self.host.root / path, 1)):
                found = subprocess.run([FORMS, known, where], check=False,
                                       stdout=subprocess.PIPE).stdout
                assert bool(found) == bool(hits), (path, where, found)

    def damaged(self):
        site = "/etc/nginx/sites-available/shop.test"
        self.host.run("systemctl", "stop", "nginx")
        self.host.write(site, self.host.read(site).replace("8080", "8081"))
        self.host.run("rm", "/etc/cron.d/app-tidy")
        self.host.run("systemctl", "disable", "cron")
        self.both_say_the_same(5)

    def with_contents_there_is_a_diff(self):
        self.take("--contents")
        said = self.against(2).stdout
        assert "+\t\tproxy_pass http://127.0.0.1:8080;" in said, said

    def apply_leaves_one(self):
        self.host.run("converge", "apply", "/srv/world", "--snapshot",
                      "/root/snapshot")
        shutil.copy(self.host.root / "root/snapshot", self.snapshot)
        mode = (self.host.root / "root/snapshot").stat().st_mode & 0o777
        assert mode == 0o644, oct(mode)
        here = self.host.run("converge", "plan", "/srv/world",
                             check=False).stdout
        assert lines_of(here) == lines_of(self.against(2).stdout), here

    def run(self):
        for test in (self.bare, self.done, self.it_is_signed,
                     self.no_secret_is_in_it, self.damaged,
                     self.with_contents_there_is_a_diff,
                     self.apply_leaves_one):
            begin = time.monotonic()
            test()
            print(f"{test.__name__}: {time.monotonic() - begin:.1f} s",
                  flush=True)


def main():
    if not shutil.which("zstdcat"):
        hosts.skip("zstd is not installed")
    hosts.apart()
    binary, root, debs = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "world").mkdir()
        with hosts.Host(root, NAME, debs=debs,
                        world=scratch / "world") as host:
            host.install(binary)
            Test(binary, host, scratch).run()


main()
