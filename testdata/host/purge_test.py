#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Directories below which a package brings what no plan can know.

usage: purge_test.py CONVERGE ROOT DEBS

A real nginx brings a default site, folders and modules. On the bare host the
plan says of each directory with purge or recurse that what is below it is not
known; one apply finds that, changes it, tells of it and writes it down; and a
second one does nothing.
"""
import json
import sqlite3
import sys
import time

import hosts

SITES = "/etc/nginx/sites-enabled"
PACKAGE = "package:nginx-light"
MANIFEST = {
    PACKAGE: {},
    f"directory:{SITES}": {
        "purge": True, "require": PACKAGE, "notify": "exec:told"},
    f"file:{SITES}/shop": {"content": "# the shop\n"},
    "exec:told": {"command": ["/usr/bin/touch", "/root/told"],
                  "refreshonly": True},
    # who does not say what it needs, and whose folder no package has
    "directory:/etc/nginx/snippets": {
        "recurse": True, "file_mode": "0640", "require": PACKAGE},
    "directory:/etc/logrotate.d": {"recurse": True, "file_mode": "0644"},
}


class Test:
    def __init__(self, host):
        self.host = host
        host.write("/root/m.json", json.dumps(
            {"version": 1, "resources": MANIFEST}))

    def converge(self, verb, want, *more):
        done = self.host.run("converge", verb, *more, "--json", check=False)
        assert done.returncode == want, (
            f"{verb}: exit {done.returncode}, not {want}\n{done.stdout}"
            f"{done.stderr}")
        return done.stdout

    def plan(self, want, *more):
        plan = json.loads(self.converge("plan", want, "/root/m.json", *more))
        return plan["summary"], {
            (one["id"], one["action"]): one.get("because", "")
            for one in plan["changes"]}

    def apply(self, source="/root/m.json", want=0):
        """(id, action, result) of each line, and the summary."""
        events = [json.loads(line) for line in self.converge(
            "apply", want, source).splitlines()]
        return [(one["id"], one["action"], one["result"]) for one in events
                if one["event"] == "change"], events[-1]["summary"]

    # --- the tests ---

    def the_plan_of_a_bare_host_says_what_it_cannot_know(self):
        summary, lines = self.plan(2, "--out", "/root/plan")
        assert summary["failed"] == 0, summary
        until = f"until {PACKAGE} is installed"
        assert lines[f"directory:{SITES}", "unknown"] == until, lines
        assert lines["directory:/etc/logrotate.d", "unknown"] == (
            f"what is below it {until}"), lines
        assert lines["exec:told", "unknown"] == (
            f"whether directory:{SITES} changes"), lines
        assert not [line for line in lines if line[1] == "remove"], lines

    def one_apply_finds_it(self):
        made, summary = self.apply("/root/plan")
        assert (f"file:{SITES}/default", "remove", "done") in made, made
        assert ("exec:told", "unknown", "done") in made, made
        below = [line for line in made
                 if line[0].startswith("file:/etc/nginx/snippets/")]
        assert below and {line[2] for line in below} == {"done"}, made
        assert summary["failed"] == summary["left"] == 0, summary
        assert summary["removed"] == 1, summary
        self.host.run("test", "-e", "/root/told")
        self.is_right()

    def is_right(self):
        there = self.host.run("ls", "-A", SITES).stdout
        assert there == "shop\n", there
        wrong = self.host.run("find", "/etc/nginx/snippets", "-type", "f",
                              "-not", "-perm", "0640").stdout
        assert not wrong, wrong

    def a_second_apply_does_nothing(self):
        _, lines = self.plan(0)
        assert not lines, lines
        made, _ = self.apply()
        assert not made, made

    def it_is_written_down(self):
        store = self.host.root / "var/lib/converge/state.db"
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
            changes = set(db.execute(
                "SELECT resource, action, result FROM changes"))
            kept = set(db.execute("SELECT resource FROM backups"))
        assert (f"file:{SITES}/default", "remove", "done") in changes, changes
        assert (f"file:{SITES}/default",) in kept, kept

    def run(self):
        for test in (self.the_plan_of_a_bare_host_says_what_it_cannot_know,
                     self.one_apply_finds_it,
                     self.it_is_written_down,
                     self.a_second_apply_does_nothing):
            begin = time.monotonic()
            test()
            print(f"{test.__name__}: {time.monotonic() - begin:.1f} s",
                  flush=True)


def main():
    hosts.apart()
    binary, root, debs = sys.argv[1:]
    with hosts.Host(root, "purge-1", debs=debs) as host:
        host.install(binary)
        Test(host).run()


main()
