#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Settings of a host that runs: what its kernel has, and what its next boot
reads.

usage: system_test.py CONVERGE ROOT

A sysctl of its own network, its name, its time zone, two mounts and a job of
cron are made, are right at once, and are not touched by the next run. What the
kernel refuses or rounds is said. Of kernel modules a container can show only
that one cannot be loaded, and is then not asked for at boot.
"""
import json
import os
import sys

import hosts

FORWARD = "net.ipv4.conf.lo.forwarding"
MISSING = "dummy_no_such"


class Test:
    def __init__(self, host):
        self.host = host

    def apply(self, want, resources):
        self.host.write("/root/m.json", json.dumps(
            {"version": 1, "resources": resources}))
        done = self.host.run("converge", "apply", "/root/m.json", check=False)
        assert done.returncode == want, (
            f"apply: exit {done.returncode}, not {want}\n{done.stdout}"
            f"{done.stderr}")
        return done.stdout + done.stderr

    def twice(self, resources):
        """The first run changes something, the second nothing."""
        n = len(resources)
        first = self.apply(0, resources)
        assert "0 created, 0 changed, 0 removed" not in first, first
        second = self.apply(0, resources)
        assert (f"0 created, 0 changed, 0 removed, 0 refreshed, 0 withheld, "
                f"0 failed; {n} unchanged") in second, second

    def said(self, *command):
        return self.host.run(*command).stdout.strip()

    def mounted(self, path):
        """The options of what is mounted there, or None."""
        options = None
        for line in self.said("cat", "/proc/self/mountinfo").splitlines():
            fields = line.split()
            if fields[4] == path:
                options = fields[5].split(",")
        return options

    def sysctls(self):
        self.twice({f"sysctl:{FORWARD}": {"value": 1},
                    "sysctl:net/ipv4/tcp_rmem": {
                        "value": "4096  100000 200000"}})
        assert self.said("sysctl", "-n", FORWARD) == "1"
        assert self.said("sysctl", "-n", "net.ipv4.tcp_rmem").split() == [
            "4096", "100000", "200000"]
        # what a boot does
        self.host.run("sysctl", "-w", f"{FORWARD}=0")
        self.host.run("sysctl", "--system", check=False)
        assert self.said("sysctl", "-n", FORWARD) == "1"
        self.twice({f"sysctl:{FORWARD}": {"ensure": "absent"}})
        print("sysctl: set, kept, forgotten")

    def sysctls_that_are_refused(self):
        said = self.apply(4, {f"sysctl:{FORWARD}": {"value": "0x1"}})
        assert "the kernel made '" in said or "does not take" in said, said
        said = self.apply(4, {f"sysctl:{FORWARD}": {"value": "many"}})
        assert "the kernel does not take 'many'" in said, said
        said = self.apply(4, {"sysctl:net.ipv4.no_such": {"value": 1}})
        assert "the kernel has no setting" in said, said
        said = self.apply(4, {"sysctl:vm.swappiness": {"value": 11}})
        assert "a container may not change" in said, said
        left = os.listdir(self.host.root / "etc/sysctl.d")
        assert not [name for name in left if "swappiness" in name or
                    "no_such" in name or FORWARD in name], left
        print("sysctl: refused values leave no file")

    def name_and_zone(self):
        self.host.run("mkdir", "-p", "/usr/share/zoneinfo/Test")
        self.host.run("cp", "/bin/true", "/usr/share/zoneinfo/Test/Zone")
        self.twice({"hostname:web-9.example.org": {}})
        assert self.said("hostname") == "web-9.example.org"
        assert self.host.read("/etc/hostname") == "web-9.example.org\n"
        self.host.write("/etc/timezone", "Etc/UTC\n")
        # nspawn puts its own over it
        self.host.run("umount", "/etc/localtime", check=False)
        self.twice({"timezone:Test/Zone": {}})
        assert self.said("readlink", "/etc/localtime") == (
            "../usr/share/zoneinfo/Test/Zone")
        assert self.host.read("/etc/timezone") == "Test/Zone\n"
        print("hostname and timezone: set")

    def mounts(self):
        path = "/srv/my data"
        shown = "/srv/my\\040data"
        tmpfs = {"device": "tmpfs", "fstype": "tmpfs",
                 "options": ["size=1m", "mode=0750", "nosuid"]}
        both = {f"directory:{path}": {}, "directory:/srv/bound": {},
                f"mount:{path}": tmpfs,
                f"directory:{path}/in": {},
                f"file:{path}/in/file": {"content": "x\n"},
                "mount:/srv/bound": {"device": f"{path}/in", "fstype": "none",
                                     "options": "bind,ro"}}
        self.host.write("/etc/fstab", "# mine\n")
        self.twice(both)
        assert "nosuid" in self.mounted(shown)
        assert "ro" in self.mounted("/srv/bound")
        assert self.said("cat", "/srv/bound/file") == "x"
        assert self.host.read("/etc/fstab").startswith("# mine\n")
        tmpfs["options"].append("noexec")
        self.twice({f"mount:{path}": tmpfs})
        assert "noexec" in self.mounted(shown)
        # gone by hand, and back
        self.host.run("umount", "/srv/bound")
        self.twice(both)
        assert self.mounted("/srv/bound")
        self.busy(path, shown)
        self.twice({f"mount:{path}": {"ensure": "absent"},
                    "mount:/srv/bound": {"ensure": "absent"}})
        assert not self.mounted(shown) and not self.mounted("/srv/bound")
        assert self.host.read("/etc/fstab") == "# mine\n"
        print("mount: mounted, remounted, unmounted")

    def busy(self, path, shown):
        """What is in use stays, in fstab too."""
        before = self.host.read("/etc/fstab")
        self.host.run("systemd-run", "--quiet", "--collect", "--unit=hold",
                      f"--working-directory={path}", "sleep", "600")
        said = self.apply(4, {f"mount:{path}": {"ensure": "absent"}})
        self.host.run("systemctl", "stop", "hold")
        assert "busy" in said, said
        assert self.mounted(shown)
        assert self.host.read("/etc/fstab") == before

    def broken_fstab(self):
        """What findmnt refuses does not land."""
        before = self.host.read("/etc/fstab")
        said = self.apply(4, {"directory:/srv/none": {}, "mount:/srv/none": {
            "device": "UUID=no-such", "fstype": "ext4",
            "ensure": "present"}})
        assert "does not accept the new '/etc/fstab'" in said, said
        assert self.host.read("/etc/fstab") == before
        print("mount: what findmnt refuses does not land")

    def jobs(self):
        job = {"schedule": "* * * * *", "command": "touch /run/\\%ran"}
        self.twice({"cron:mine": job})
        assert self.host.read("/etc/cron.d/mine").endswith(
            "\n* * * * * root touch /run/\\%ran\n")
        self.twice({"cron:mine": {"ensure": "absent"}})
        print("cron: a file, and none")

    def modules(self):
        said = self.apply(4, {f"kernel_module:{MISSING}": {}})
        assert "modprobe" in said, said
        assert not (self.host.root / "etc/modules-load.d" /
                    f"{MISSING}.conf").exists()
        self.twice({"kernel_module:dummy_black": {"ensure": "blacklisted"}})
        print("kernel_module: refused, and blacklisted")

    def run(self):
        self.sysctls()
        self.sysctls_that_are_refused()
        self.name_and_zone()
        self.mounts()
        self.broken_fstab()
        self.jobs()
        self.modules()


def main():
    hosts.apart()
    binary, root = sys.argv[1:]
    with hosts.Host(root, "system-1") as host:
        host.install(binary)
        Test(host).run()


main()
