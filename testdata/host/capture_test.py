#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A host that was changed in 200 ways is captured, and made again elsewhere.

usage: capture_test.py CONVERGE ROOT DEBS

Every change that capture can tell is in the manifest; planning it on the same
host finds nothing to do. A bare host that applies it is then as the first one,
as far as capture can tell.
"""
import json
import sys

import hosts

CHANGES = 200
PACKAGES = ["cron", "sudo", "openssl", "tzdata"]
UNIT = """[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
"""


class Test:
    def __init__(self, host):
        self.host = host
        self.expected = set()

    def changed(self, *ids):
        for one in ids:
            assert one not in self.expected, one
            self.expected.add(one)

    def change_packages(self):
        self.host.run("apt-get", "-qq", "update")
        self.host.run("apt-get", "-qq", "install", "-y",
                      "--no-install-recommends", *PACKAGES)
        self.changed(*(f"package:{name}" for name in PACKAGES))

    def change_accounts(self):
        for i in range(20):
            self.host.run("groupadd", f"team{i}")
            self.host.run("useradd", "-m", "-s", "/bin/sh", "-G", f"team{i}",
                          "-c", f"Person {i}", f"person{i}")
            self.changed(f"group:team{i}", f"group:person{i}",
                         f"user:person{i}")
        for i in range(5):
            self.host.run("useradd", "-r", "-U", "-d", f"/srv/svc{i}",
                          f"svc{i}")
            self.changed(f"group:svc{i}", f"user:svc{i}")

    def change_files(self):
        for i in range(70):
            self.host.write(f"/etc/app/conf{i}", f"value = ${{{i}}}\n",
                            0o600 if i == 0 else 0o644)
            self.changed(f"file:/etc/app/conf{i}")
        self.changed("directory:/etc/app")
        for i in range(10):
            self.host.run("ln", "-s", f"../app/conf{i}",
                          f"/etc/default/link{i}")
            self.changed(f"link:/etc/default/link{i}")
        self.host.write("/etc/cron.d/job", "0 4 * * * root true\n")
        self.host.write("/etc/sysctl.d/90-own.conf", "vm.swappiness = 10\n")
        self.host.write("/etc/hosts", "127.0.0.1 localhost\n10.0.0.1 db\n")
        self.changed("file:/etc/cron.d/job", "file:/etc/sysctl.d/90-own.conf",
                     "file:/etc/hosts")

    def change_mounts(self):
        self.host.write("/etc/fstab", "tmpfs /srv/fast tmpfs size=1m 0 0\n"
                        "tmpfs /srv/later tmpfs noauto 0 0\n")
        self.host.run("mkdir", "-p", "/srv/fast", "/srv/later")
        self.host.run("mount", "/srv/fast")
        self.host.run("ln", "-sf", "/usr/share/zoneinfo/Europe/Berlin",
                      "/etc/localtime")
        self.host.write("/etc/timezone", "Europe/Berlin\n")
        self.changed("mount:/srv/fast", "directory:/srv/fast",
                     "mount:/srv/later", "directory:/srv/later",
                     "timezone:Europe/Berlin")

    def conffiles(self):
        status = self.host.read("/var/lib/dpkg/status")
        return [line.split()[0] for line in status.splitlines()
                if line.startswith(" /etc/") and len(line.split()) == 2]

    def change_conffiles(self):
        chosen = self.conffiles()[:30]
        for i, path in enumerate(chosen):
            if i % 10 == 9:
                self.host.run("rm", path)
            else:
                self.host.run("sh", "-c", f"echo '# {i}' >>{path}")
            self.changed(f"file:{path}")

    def change_units(self):
        for i in range(10):
            self.host.write(f"/etc/systemd/system/own{i}.service", UNIT)
            self.changed(f"file:/etc/systemd/system/own{i}.service",
                         f"service:own{i}")
        self.host.run("systemctl", "enable", "--now", "own0", "own1")
        self.host.run("systemctl", "disable", "fstrim.timer")
        self.host.run("systemctl", "mask", "dpkg-db-backup.timer")
        self.changed("service:fstrim.timer", "service:dpkg-db-backup.timer")

    def capture(self):
        done = self.host.run("converge", "capture")
        return json.loads(done.stdout), done.stderr

    def converge(self, command, manifest, want):
        self.host.write("/root/captured.json", json.dumps(manifest))
        done = self.host.run("converge", command, "/root/captured.json",
                             "--host", manifest["host"], check=False)
        assert done.returncode == want, (
            f"{command}: exit {done.returncode}, not {want}\n{done.stdout}"
            f"{done.stderr}")


def make(binary, root, debs):
    with hosts.Host(root, "app-1", debs) as host:
        host.install(binary)
        test = Test(host)
        before = set(test.capture()[0]["resources"])
        test.change_packages()
        test.change_accounts()
        test.change_files()
        test.change_conffiles()
        test.change_units()
        test.change_mounts()
        manifest, warnings = test.capture()
        found = set(manifest["resources"]) - before
        missed = test.expected - set(manifest["resources"])
        assert len(test.expected) >= CHANGES, len(test.expected)
        assert not missed, f"not found: {sorted(missed)}"
        assert "/etc/app/conf0" in warnings, warnings
        more = found - test.expected
        print(f"{len(test.expected)} changes found; beside them: "
              f"{', '.join(sorted(more)) or 'none'}")
        test.converge("plan", manifest, 0)
        print("a plan of it on the same host: nothing to do")
        return manifest


def remake(binary, root, debs, manifest):
    # what is not told comes another way
    manifest["resources"]["file:/etc/app/conf0"]["content"] = "x\n"
    with hosts.Host(root, "app-2", debs) as host:
        host.install(binary)
        test = Test(host)
        test.converge("apply", manifest, 0)
        test.converge("plan", manifest, 0)
        again = test.capture()[0]["resources"]
        want = manifest["resources"]
        del want["file:/etc/app/conf0"]["content"]
        differ = [one for one in set(want) | set(again)
                  if want.get(one) != again.get(one)]
        assert not differ, "\n".join(
            f"{one}: {want.get(one)} became {again.get(one)}"
            for one in sorted(differ))
        print(f"made again on a bare host: {len(again)} resources, all equal")


def main():
    hosts.apart()
    binary, root, debs = sys.argv[1:]
    remake(binary, root, debs, make(binary, root, debs))


main()
