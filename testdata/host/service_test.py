#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Services on a host with a real systemd: what goes well, and what does not.

usage: service_test.py CONVERGE ROOT

Units of the test's own write down when they start ("s") and reload ("r"). What
converge says of enablement is compared with systemctl, for every unit that the
root has and for some that are odd.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

import hosts

APP = """[Unit]
Description=app
[Service]
{options}
ExecStart=/bin/sh -c 'echo s >>/var/log/{name}; exec sleep infinity'
{reload}
[Install]
WantedBy=multi-user.target
{install}
"""
RELOAD = "ExecReload=/bin/sh -c 'echo r >>/var/log/{}'"
SYSV = """#!/bin/sh
### BEGIN INIT INFO
# Provides: old
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
# Short-Description: old
### END INIT INFO
exit 0
"""
ETC = "/etc/systemd/system/"
USR = "/usr/lib/systemd/system/"
MANY = 200
PATIENCE = 5  # seconds


class Test:
    def __init__(self, host):
        self.host = host

    def write_app(self, name="app", options="", reload=True, install="",
                  folder=ETC):
        reload = RELOAD.format(name) if reload else ""
        self.host.write(f"{folder}{name}.service", APP.format(
            name=name, options=options, reload=reload, install=install))

    def write_unit(self, name, lines, folder=ETC):
        self.host.write(folder + name, "\n".join(lines) + "\n")

    def converge(self, command, want, resources, *options, wrap=()):
        self.host.write("/root/m.json", json.dumps(
            {"version": 1, "resources": resources}))
        done = self.host.run(*wrap, "converge", command, "/root/m.json",
                             *options, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == want, (
            f"{command}: exit {done.returncode}, not {want}\n{said}")
        return said

    def apply(self, want, resources, *options):
        said = self.converge("apply", want, resources, *options)
        if want == 0:
            again = self.converge("apply", 0, resources)
            assert again.count("\n") == 2, f"it goes on:\n{again}"
        return said

    def did(self, want, name="app"):
        """What the unit has written down since the last time."""
        path = self.host.root / "var/log" / name
        until = time.monotonic() + PATIENCE
        have = ""
        while have != want and time.monotonic() < until:
            have = path.read_text().replace("\n", "") if path.exists() else ""
            time.sleep(0.05 if have != want else 0)
        path.write_text("")
        assert have == want, f"{name} did '{have}', not '{want}'"

    def says(self, said, *words):
        for word in words:
            assert word in said, f"'{word}' is not in:\n{said}"

    def is_active(self, name):
        return self.host.run("systemctl", "is-active", name,
                             check=False).stdout.strip()

    def is_enabled(self, name):
        return self.host.run("systemctl", "is-enabled", name,
                             check=False).stdout.strip()

    def expect(self, name, active, enabled):
        have = self.is_active(name), self.is_enabled(name)
        assert have == (active, enabled), f"{name} is {have}"

    # what goes well

    def it_starts_and_stops(self):
        self.write_app()
        on = {"service:app": {"ensure": "running", "enable": True}}
        self.says(self.converge("plan", 2, on),
                  "~ service:app  ensure stopped -> running, "
                  "enable false -> true", "Disruption: none")
        self.did("")
        self.apply(0, on)
        self.did("s")
        self.expect("app", "active", "enabled")
        off = {"service:app": {"ensure": "stopped", "enable": False}}
        self.says(self.converge("plan", 2, off), "Disruption: restart")
        self.apply(0, off)
        self.expect("app", "inactive", "disabled")
        self.apply(0, on)
        self.did("s")

    def conf(self, value, **service):
        return {"file:/etc/app.conf": {"content": f"{value}\n",
                                       "notify": "service:app"},
                "service:app": {"ensure": "running", **service}}

    def a_notification_restarts_it_once(self):
        self.says(self.converge("plan", 2, self.conf(1)),
                  "! service:app  restart, because file:/etc/app.conf changes")
        self.apply(0, self.conf(1))
        self.did("s")

    def or_reloads_it(self):
        self.says(self.converge("plan", 2, self.conf(2, on_refresh="reload")),
                  "! service:app  reload, because", "Disruption: reload")
        self.apply(0, self.conf(2, on_refresh="reload"))
        self.did("r")
        self.write_app("plain", reload=False)
        plain = self.conf(3)
        plain["service:plain"] = {"ensure": "running", "on_refresh": "reload"}
        self.apply(0, {"service:plain": plain["service:plain"]})
        self.did("s", "plain")
        plain["file:/etc/app.conf"]["notify"] = "service:plain"
        self.apply(0, plain)
        self.did("s", "plain")
        self.apply(0, self.conf(4, on_refresh="none"))
        self.did("")

    def what_was_just_started_is_not_restarted(self):
        self.host.run("systemctl", "stop", "app")
        self.apply(0, self.conf(5))
        self.did("s")

    def what_is_stopped_stays_so(self):
        self.host.run("systemctl", "stop", "app")
        for service in ({"ensure": "stopped"}, {}):
            resources = self.conf(6 + len(service))
            resources["service:app"] = service
            self.apply(0, resources)
            self.did("")
            assert self.is_active("app") == "inactive"
        self.apply(0, self.conf(7))
        self.did("s")

    def changed_files_of_it_are_read_anew(self):
        drop_in = ETC + "app.service.d/limit.conf"
        resources = {
            f"directory:{ETC}app.service.d": {},
            f"file:{drop_in}": {
                "content": "[Service]\nEnvironment=LIMIT=7\n",
                "notify": "service:app"},
            "service:app": {"ensure": "running"}}
        self.apply(0, resources)
        self.did("s")
        shown = self.host.run("systemctl", "show", "app", "-p", "Environment",
                              "-p", "NeedDaemonReload").stdout
        self.says(shown, "LIMIT=7", "NeedDaemonReload=no")

    def one_older_than_its_files_is_restarted(self):
        """However they came to be as they are."""
        for word, letter in (("restart", "s"), ("reload", "r")):
            resources = self.conf(0, on_refresh=word)
            self.apply(0, resources)
            self.did(letter)
            before = self.host.run("date", "-u", "+%Y-%m-%dT").stdout.strip()
            time.sleep(1.1)
            self.host.write("/etc/app.conf", "0\n")
            time.sleep(1.1)
            said = self.converge("plan", 2, resources)
            self.says(said, f"~ service:app  {word}, it runs since {before}",
                      "before /etc/app.conf changed", f"Disruption: {word}")
            self.converge("plan", 0, {**resources, "service:app": {
                "ensure": "running", "on_refresh": "none"}})
            self.apply(0, resources)
            self.did(letter)
            self.apply(0, self.conf(1, on_refresh=word))
            self.did(letter)

    def a_unit_that_is_planned_counts(self):
        unit = APP.format(name="new", options="", reload="", install="")
        resources = {
            "service:new": {"ensure": "running", "enable": True},
            f"file:{ETC}new.service": {"content": unit,
                                       "notify": "service:new"}}
        said = self.converge("plan", 2, resources)
        self.says(said, f"+ file:{ETC}new.service",
                  "~ service:new  ensure stopped -> running, "
                  "enable false -> true", "0 to refresh, 0 unknown")
        self.apply(0, resources)
        self.did("s", "new")

    def masks_come_and_go(self):
        self.write_app("vendor", folder=USR)
        mask = {"service:vendor": {"ensure": "stopped", "enable": "masked"}}
        self.apply(0, {"service:vendor": {"ensure": "running"}})
        self.says(self.apply(0, mask), "enable false -> masked")
        self.expect("vendor", "inactive", "masked")
        said = self.converge("apply", 4,
                             {"service:vendor": {"ensure": "running"}})
        self.says(said, "'vendor.service' is masked", "give 'enable'")
        self.apply(0, {"service:vendor": {"ensure": "running",
                                          "enable": True}})
        self.expect("vendor", "active", "enabled")
        self.says(self.converge("plan", 4, {
            "service:app": {"enable": "masked"}}),
            f"its own file is '{ETC}app.service'")

    def an_alias_is_what_it_stands_for(self):
        self.write_app("main", install="Alias=other.service")
        self.apply(0, {"service:main": {"ensure": "running", "enable": True}})
        both = {"service:other": {"ensure": "running", "enable": True}}
        self.converge("plan", 0, both)
        self.apply(0, {"service:other": {"ensure": "stopped",
                                         "enable": False}})
        self.expect("main", "inactive", "disabled")

    def others_than_services_do_too(self):
        self.write_unit("app.timer", ["[Timer]", "OnCalendar=yearly",
                                      "[Install]", "WantedBy=timers.target"])
        self.apply(0, {"service:app.timer": {"ensure": "running",
                                             "enable": True}})
        self.expect("app.timer", "active", "enabled")

    # what does not

    def a_check_keeps_it_as_it_is(self):
        check = ["sh", "-c", "echo bad line 7 >&2; test -e /etc/fine"]
        for i in range(2):
            said = self.apply(4, self.conf(8, check=check))
            self.says(said, "it is left as it is: its check 'sh' exited with "
                      "1", "bad line 7")
            self.did("")
            assert self.is_active("app") == "active"
        self.host.write("/etc/fine", "")
        self.says(self.apply(0, self.conf(8, check=check)),
                  "service:app  restart, ")
        self.did("s")

    def a_policy_holds_a_restart_back(self):
        said = self.converge("apply", 3, self.conf(9), "--max-disruption",
                             "reload")
        self.says(said, "its disruption is restart, and reload is allowed")
        self.did("")
        self.says(self.apply(0, self.conf(9)), "service:app  restart, ")
        self.did("s")

    def what_dies_is_told_with_its_journal(self):
        self.write_unit("dies.service", [
            "[Service]", "ExecStart=/bin/sh -c 'echo no database >&2; exit 3'"])
        said = self.apply(4, {"service:dies": {"ensure": "running"}})
        self.says(said, "'dies.service' does not run after its start: "
                  "exit-code", "its journal ends with:", "no database")
        self.write_unit("never.service", [
            "[Service]", "Type=forking", "ExecStart=/bin/false"])
        said = self.apply(4, {"service:never": {"ensure": "running"}})
        self.says(said, "cannot start 'never.service': failed (exit-code)")
        self.write_unit("flaps.service", [
            "[Service]", "ExecStart=/bin/sleep 0.1", "Restart=always",
            "RestartSec=0"])
        said = self.apply(4, {"service:flaps": {"ensure": "running"}})
        self.says(said, "'flaps.service' does not stay up")
        self.host.run("systemctl", "stop", "flaps")
        self.write_unit("once.service", [
            "[Service]", "Type=oneshot", "ExecStart=/bin/true"])
        said = self.apply(4, {"service:once": {"ensure": "running"}})
        self.says(said, "a oneshot that does not remain")
        self.write_unit("unmet.service", [
            "[Unit]", "ConditionPathExists=/nowhere",
            "[Service]", "ExecStart=/bin/sleep infinity"])
        said = self.apply(4, {"service:unmet": {"ensure": "running"}})
        self.says(said, "'unmet.service' does not run after its start: it is "
                  "inactive", "unmet condition")
        self.write_unit("wrong.service", ["[Service]", "ExecStart=relative"])
        said = self.apply(4, {"service:wrong": {"ensure": "running"}})
        self.says(said, "wrong.service")

    def a_restart_that_fails_stays_owed(self):
        self.host.write("/etc/broken", "")
        self.write_app("frail", options="ExecStartPre=/usr/bin/test ! -e "
                                        "/etc/broken")
        os.remove(self.host.root / "etc/broken")
        for service in ({"ensure": "running"}, {}):
            self.host.run("systemctl", "daemon-reload")
            self.host.run("systemctl", "restart", "frail")
            self.did("s", "frail")
            self.host.write("/etc/broken", "")
            resources = {"file:/etc/frail.conf": {
                "content": f"{len(service)}\n", "notify": "service:frail"},
                "service:frail": service}
            for _ in range(2):
                self.says(self.apply(4, resources), "frail.service")
                self.did("", "frail")
            os.remove(self.host.root / "etc/broken")
            self.apply(0, resources)
            self.did("s", "frail")

    def one_that_hangs_is_not_waited_for(self):
        self.write_unit("hangs.service", [
            "[Service]", "TimeoutStopSec=infinity",
            "ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 1; "
            "done'"])
        self.apply(0, {"service:hangs": {"ensure": "running"}})
        off = {"service:hangs": {"ensure": "stopped", "timeout": 1}}
        begin = time.monotonic()
        said = self.converge("apply", 4, off)
        assert time.monotonic() - begin < 10
        self.says(said, "the stop of 'hangs.service' has not come to its end: "
                  "it is deactivating")
        self.says(self.converge("plan", 2, off), "running -> stopped")
        self.host.run("systemctl", "kill", "--signal=KILL", "hangs")
        self.apply(0, off)
        self.expect("hangs", "failed", "static")

    def what_is_not_there_is_told(self):
        said = self.converge("apply", 4, {"service:nope": {
            "ensure": "running"}})
        self.says(said, "there is no unit 'nope.service' on this host")
        self.apply(0, {"service:nope": {"ensure": "stopped",
                                        "enable": False}})

    # what is looked at

    def odd_units(self):
        """Files that "is-enabled" has words of their own for."""
        self.write_unit("also.service", ["[Service]", "ExecStart=/bin/true",
                                         "[Install]", "Also=app.service"])
        self.write_unit("runtime.service", [
            "[Service]", "ExecStart=/bin/true", "[Install]",
            "WantedBy=multi-user.target"])
        self.host.run("systemctl", "enable", "--runtime", "runtime")
        self.host.write("/opt/linked.service",
                        "[Service]\nExecStart=/bin/true\n")
        self.host.run("systemctl", "link", "/opt/linked.service")
        self.write_unit("inst@.service", [
            "[Service]", "ExecStart=/bin/true", "[Install]",
            "WantedBy=multi-user.target"])
        self.host.run("systemctl", "enable", "inst@a")
        self.write_unit("empty.service", [])
        self.host.write(ETC + "empty.service", "")
        self.write_unit("drop.service", ["[Service]", "ExecStart=/bin/true"])
        self.host.write(ETC + "drop.service.d/i.conf",
                        "[Install]\nWantedBy=multi-user.target\n")
        self.write_app("volatile", folder=USR)
        self.host.run("systemctl", "mask", "--runtime", "volatile")
        self.host.write("/etc/init.d/old", SYSV, 0o755)
        self.host.write("/etc/init.d/older", SYSV.replace("old", "older"),
                        0o755)
        self.host.run("systemctl", "daemon-reload")
        self.host.run("systemctl", "enable", "older")
        return ["inst@a.service", "inst@b.service"]

    def enablement_is_what_systemctl_says(self):
        extra = self.odd_units()
        listed = self.host.run("systemctl", "list-unit-files", "--plain",
                               "--no-legend").stdout
        states = dict(line.split()[:2] for line in listed.splitlines())
        scripts = ["old.service", "older.service"]
        files = [name for name in [*states, *extra] if name not in scripts and
                 re.search(r"[^@]\.(service|socket|timer|target|path|mount)$",
                           name) and name[0] != "-"]
        names = files + scripts
        said = self.host.run("systemctl", "is-enabled", *files, check=False)
        want = dict(zip(files, said.stdout.splitlines(), strict=True))
        want.update((name, self.is_enabled(name)) for name in scripts)
        resources = {f"service:{name}": {"enable": "masked", "noop": True}
                     for name in names}
        plan = json.loads(self.converge("plan", 2, resources, "--json"))
        have = {change["id"].partition(":")[2]:
                change["attributes"]["enable"]["before"]
                for change in plan["changes"] if change["attributes"]}
        words = {True: "enabled", False: "disabled"}
        seen = set()
        for name in names:
            state = words.get(have.get(name), have.get(name))
            if want[name] == "alias" or state is None:
                # it is what it stands for; and what is masked is no change
                assert want[name] in ("alias", "masked"), (name, want[name])
                continue
            assert state == want[name], (name, state, want[name])
            seen.add(state)
        assert seen >= {"enabled", "disabled", "static", "indirect", "linked",
                        "enabled-runtime", "masked-runtime"}, seen
        print(f"{len(names)} units: {', '.join(sorted(seen))}")

    def many_units_are_one_call(self):
        if not shutil.which("strace"):
            return
        for i in range(MANY):
            self.write_unit(f"many-{i}.service", [
                "[Service]", "ExecStart=/bin/true", "[Install]",
                "WantedBy=multi-user.target"])
        resources = {f"service:many-{i}": {"ensure": "stopped",
                                           "enable": False}
                     for i in range(MANY)}
        self.converge("plan", 0, resources)
        for command in ("plan", "apply"):
            done = subprocess.run(
                ["strace", "-f", "-qq", "-s", "4096", "-e", "trace=sendmsg",
                 "nsenter", "--target", str(self.host.init), "--all",
                 "/usr/sbin/converge", command, "/root/m.json"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, check=True)
            calls = done.stderr.count("ListUnits")
            assert calls == 1, f"{command}: {calls} calls\n{done.stderr}"

    def without_a_bus_it_says_so(self):
        self.host.run("mv", "/run/systemd/private", "/run/systemd/hidden")
        self.host.run("mv", "/run/dbus/system_bus_socket", "/run/dbus/hidden")
        for command in ("plan", "apply"):
            said = self.converge(command, 4, {"service:app": {
                "ensure": "running"}})
            self.says(said, "cannot reach systemd over its bus")
        self.host.run("mv", "/run/dbus/hidden", "/run/dbus/system_bus_socket")
        # as another user would: by way of dbus
        self.converge("plan", 0, {"service:app": {"ensure": "running"}})
        self.host.run("mv", "/run/systemd/hidden", "/run/systemd/private")

    def run(self):
        for step in (self.it_starts_and_stops,
                     self.a_notification_restarts_it_once, self.or_reloads_it,
                     self.what_was_just_started_is_not_restarted,
                     self.what_is_stopped_stays_so,
                     self.changed_files_of_it_are_read_anew,
                     self.one_older_than_its_files_is_restarted,
                     self.a_unit_that_is_planned_counts,
                     self.masks_come_and_go,
                     self.an_alias_is_what_it_stands_for,
                     self.others_than_services_do_too,
                     self.a_check_keeps_it_as_it_is,
                     self.a_policy_holds_a_restart_back,
                     self.what_dies_is_told_with_its_journal,
                     self.a_restart_that_fails_stays_owed,
                     self.one_that_hangs_is_not_waited_for,
                     self.what_is_not_there_is_told,
                     self.enablement_is_what_systemctl_says,
                     self.many_units_are_one_call,
                     self.without_a_bus_it_says_so):
            step()
            print(step.__name__)


def main():
    hosts.apart()
    binary, root = sys.argv[1:]
    with hosts.Host(root, "app-1") as host:
        host.install(binary)
        Test(host).run()


main()
