#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A bare host becomes one that serves, by one apply.

usage: stack_test.py CONVERGE ROOT DEBS

The world in stack/ is nginx with TLS, an application, PostgreSQL, accounts,
sshd, sudo, cron. Every line of its plan that is not unknown comes true, and
nothing happens that was neither planned nor unknown; a second apply does
nothing; damage is found, and only that; and a validator that refuses keeps the
live file and its service as they are.
"""
import json
import pathlib
import sys
import time

import hosts

WORLD = pathlib.Path(__file__).parent / "stack"
UNITS = ("nginx", "app", "postgresql@15-main", "ssh", "cron")
# what guards ask over a socket, which is refused in plan
ASKED = {"exec:make the role", "exec:make the database"}
HASHES = (
    "find /etc /usr/local /var/lib -xdev -type f"
    " -not -path '/var/lib/converge/*' -not -path '/var/lib/postgresql/*'"
    " -not -path '/var/lib/systemd/*' -printf '%p %m %u %g %T@ ' "
    "-exec sha256sum {} ';' | sort")


class Test:
    def __init__(self, host):
        self.host = host

    def converge(self, verb, want, manifest="/srv/world/stack.json"):
        done = self.host.run("converge", verb, manifest, "--json", check=False)
        assert done.returncode == want, (
            f"{verb}: exit {done.returncode}, not {want}\n{done.stdout}"
            f"{done.stderr}")
        return done

    def plan(self, want):
        """(id, action) of each line."""
        plan = json.loads(self.converge("plan", want).stdout)
        return [(one["id"], one["action"]) for one in plan["changes"]]

    def apply(self, want=0, **options):
        """(id, action) of each line that was made."""
        lines = self.converge("apply", want, **options).stdout.splitlines()
        events = [json.loads(line) for line in lines]
        return [(one["id"], one["action"]) for one in events
                if one["event"] == "change" and one["result"] == "done"]

    def starts(self):
        return self.host.run("systemctl", "show", "--value", "--property",
                             "ExecMainStartTimestampMonotonic,ExecMainPID",
                             *UNITS).stdout

    def files(self):
        return self.host.run("sh", "-c", HASHES).stdout

    def refused(self, resources):
        """What apply tells of resources that fail."""
        self.host.write("/root/bad.json", json.dumps(
            {"version": 1, "resources": resources}))
        done = self.converge("apply", 4, "/root/bad.json")
        return done.stderr

    # --- the tests ---

    def a_bare_host_serves(self):
        planned = self.plan(2)
        known = [line for line in planned if line[1] != "unknown"]
        unknown = {line[0] for line in planned if line[1] == "unknown"}
        due, extra = list(known), set()
        for line in self.apply():
            if due and line == due[0]:
                due.pop(0)
            else:
                extra.add(line[0])  # what it came to be
        assert not due, f"planned, and not made: {due}"
        assert extra <= unknown, f"made, and not planned: {extra - unknown}"
        print(f"{len(known)} lines came true, {len(unknown)} resources were "
              "unknown")

    def it_answers(self):
        page = self.host.run(
            "curl", "-sS", "--fail", "--cacert", "/etc/nginx/tls/cert.pem",
            "https://shop.test/").stdout
        assert page == "the app answers\n", page
        rows = self.host.run("su", "app", "-c",
                             "psql -tAc 'select 6 * 7' app").stdout
        assert rows == "42\n", rows
        self.host.run("su", "app", "-c", "sudo -n -l systemctl restart app")

    def a_second_apply_does_nothing(self):
        starts, files = self.starts(), self.files()
        assert len(files.splitlines()) > 200, files
        made = self.apply()
        assert not made, made
        assert self.starts() == starts, "something was restarted"
        assert self.files() == files, "something was written"
        left = {line[0] for line in self.plan(2)}
        assert left == ASKED, left

    def damage_is_found_and_only_that(self):
        site = "/etc/nginx/sites-available/shop.test"
        self.host.run("systemctl", "stop", "nginx")
        self.host.write(site, self.host.read(site).replace("8080", "8081"))
        self.host.run("rm", "/etc/cron.d/app-tidy")
        planned = [line for line in self.plan(2) if line[0] not in ASKED]
        assert planned == [(f"file:{site}", "update"),
                           ("service:nginx", "update"),
                           ("cron:app-tidy", "create")], planned
        made = self.apply()
        assert made == planned, made
        self.it_answers()
        self.a_second_apply_does_nothing()

    def validators_keep_what_is_live(self):
        starts = self.starts()
        for path, content, command, word in (
                ("/etc/sudoers.d/app", "app ALL=(root NOPASSWD\n",
                 ["visudo", "-c", "-f", "%"], "syntax error"),
                ("/etc/ssh/sshd_config", "PermitRootLogin perhaps\n",
                 ["sshd", "-t", "-f", "%"], 'unsupported option "perhaps"'),
                ("/etc/nginx/nginx.conf", "events {}\nhttp { nonsense; }\n",
                 ["nginx", "-t", "-c", "%"], 'unknown directive "nonsense"'),
                ("/etc/fstab", "tmpfs /nowhere nofs defaults 0 0\n",
                 ["findmnt", "--verify", "--tab-file", "%"], "/nowhere")):
            before = self.host.read(path)
            mode = (self.host.root / path[1:]).stat().st_mode & 0o777
            said = self.refused({f"file:{path}": {
                "content": content, "validate": command}})
            assert f"'{command[0]}' does not accept the new '{path}'" in said
            assert word in said, said
            assert self.host.read(path) == before, f"{path} was written"
            assert (self.host.root / path[1:]).stat().st_mode & 0o777 == mode
        assert self.starts() == starts, "something was restarted"

    def a_check_keeps_the_service(self):
        """A part of a configuration is checked when all of it is there."""
        site = "/etc/nginx/sites-available/shop.test"
        good, starts = self.host.read(site), self.starts()
        said = self.refused({
            f"file:{site}": {"content": good + "nonsense;\n",
                             "notify": "service:nginx"},
            "service:nginx": {"ensure": "running", "on_refresh": "reload",
                              "check": ["nginx", "-t", "-q"]}})
        assert "its check 'nginx' exited with 1" in said, said
        assert 'unknown directive "nonsense"' in said, said
        assert self.starts() == starts
        self.it_answers()
        self.apply()
        self.it_answers()

    def run(self):
        for test in (self.a_bare_host_serves, self.it_answers,
                     self.a_second_apply_does_nothing,
                     self.damage_is_found_and_only_that,
                     self.validators_keep_what_is_live,
                     self.a_check_keeps_the_service):
            begin = time.monotonic()
            test()
            print(f"{test.__name__}: {time.monotonic() - begin:.1f} s",
                  flush=True)


def main():
    hosts.apart()
    binary, root, debs = sys.argv[1:]
    with hosts.Host(root, "stack-1", debs=debs, world=WORLD) as host:
        host.install(binary)
        Test(host).run()


main()
