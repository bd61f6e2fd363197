#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Packages of a real dnf, from a repository of tiny ones made here.

usage: dnf_test.py CONVERGE

It runs in a picture of this machine (an overlay in memory, a chroot in it), for
the test hosts have no dnf: install rpm, dnf and createrepo-c to run it.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import hosts

SPEC = """Name: {name}
Version: {version}
Release: 1
Summary: {name}
License: none
BuildArch: noarch
{more}
%description
{name}
%files
"""


class Machine:
    """This one, in memory."""

    def __init__(self):
        scratch = pathlib.Path(os.environ["CONVERGE_APART"])
        self.mount("-t", "tmpfs", "tmpfs", scratch)
        self.root = scratch / "root"
        for part in ("root", "upper", "work"):
            (scratch / part).mkdir()
        self.mount("-t", "overlay", "-o", f"lowerdir=/,upperdir={scratch}/"
                   f"upper,workdir={scratch}/work", "host", self.root)
        self.mount("--rbind", "/proc", self.root / "proc")
        self.mount("--rbind", "/dev", self.root / "dev")
        self.write("/etc/rpm/macros", "%_dbpath /var/lib/rpm\n")
        shutil.rmtree(self.root / "var/lib/rpm", ignore_errors=True)
        self.run("rpm", "--initdb")

    @staticmethod
    def mount(*arguments):
        subprocess.run(["mount", *map(str, arguments)], check=True)

    def write(self, path, text):
        at = self.root / path.lstrip("/")
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text)

    def run(self, *command, check=True):
        done = subprocess.run(["chroot", str(self.root), *command],
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                                   "HOME": "/root", "LC_ALL": "C.UTF-8"})
        assert not check or done.returncode == 0, (
            f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done


class Test:
    def __init__(self, machine, binary):
        self.machine = machine
        shutil.copy(binary, machine.root / "usr/sbin/converge")
        machine.write("/etc/yum.repos.d/local.repo",
                      "[local]\nname=local\nbaseurl=file:///srv/rpms\n"
                      "gpgcheck=0\nmetadata_expire=1\n")

    def add(self, name, version="1.0", more=""):
        self.machine.write(f"/srv/{name}.spec", SPEC.format(
            name=name, version=version, more=more))
        self.machine.run("rpmbuild", "-bb", "--quiet", "--nodeps", "--define",
                         "_rpmdir /srv/rpms", f"/srv/{name}.spec")
        self.machine.run("createrepo_c", "-q", "/srv/rpms")
        self.machine.run("dnf", "-q", "makecache", "--refresh")

    def converge(self, verb, want):
        done = self.machine.run("converge", verb, "/root/m.json", check=False)
        said = done.stdout + done.stderr
        assert done.returncode == want, (
            f"{verb}: exit {done.returncode}, not {want}\n{said}")
        return said

    def set(self, packages):
        self.machine.write("/root/m.json", json.dumps(
            {"version": 1, "resources": {
                f"package:{name}": {"provider": "dnf", **attributes}
                for name, attributes in packages.items()}}))

    def becomes(self, packages):
        self.set(packages)
        planned = self.converge("plan", 2)
        before = self.transactions()
        self.converge("apply", 0)
        made = self.transactions() - before
        self.converge("plan", 0)
        self.converge("apply", 0)
        assert self.transactions() - before == made
        return planned, made

    def transactions(self):
        done = self.machine.run("dnf", "-q", "history", "list", check=False)
        return sum(line.split("|")[0].strip().isdigit()
                   for line in done.stdout.splitlines())

    def version(self, name):
        done = self.machine.run("rpm", "-q", "--qf", "%{VERSION}", name,
                                check=False)
        return done.stdout if done.returncode == 0 else None

    def run(self):
        self.add("one")
        self.add("two")
        self.add("needs", more="Requires: two\n")
        _, made = self.becomes({"one": {}, "two": {}})
        assert made == 1, made
        self.add("one", "2.0")
        _, made = self.becomes({"one": {"ensure": "2.0-1"}, "needs": {}})
        assert made == 1 and self.version("one") == "2.0"
        self.becomes({"one": {"ensure": "1.0-1"}})
        assert self.version("one") == "1.0"
        self.set({"two": {"ensure": "absent"}})
        assert "needs" in self.converge("apply", 4)
        assert self.version("two") == "1.0"
        self.becomes({"two": {"ensure": "absent"},
                      "needs": {"ensure": "absent"}})
        self.set({"nowhere": {}})
        assert "nowhere" in self.converge("apply", 4)
        self.set({"one": {"hold": True}})
        assert "cannot be had with dnf" in self.converge("apply", 4)


def main():
    for program in ("rpm", "rpmbuild", "dnf", "createrepo_c"):
        if not shutil.which(program):
            hosts.skip(program, "is not installed")
    hosts.apart()
    Test(Machine(), sys.argv[1]).run()


main()
