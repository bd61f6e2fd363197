#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The type git with a repository on a server, from end to end, against the
servers of server.py.

usage: git_test.py CONVERGE
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from servers import Servers, check, said

converge = os.path.abspath(sys.argv[1])


class Host:
    def __init__(self, folder, keys):
        self.folder, self.keys = folder, keys
        self.root, self.manifest = folder / "root", folder / "m.json"
        (self.root / "srv").mkdir(parents=True)
        for name in ("ca.pem", "known", "client"):
            if (keys / name).exists():
                shutil.copy(keys / name, folder / name)
                (folder / name).chmod(0o600)
        self.state = self.root / "var" / "lib" / "converge"

    def want(self, kind="ok", server="good", more=None, **attributes):
        port = server if server.isdigit() else said[server]
        self.url = f"https://127.0.0.1:{port}/{kind}/world.git"
        self.write({"repository": self.url, "revision": "main", "force": True,
                    "ca_file": str(self.folder / "ca.pem"), **attributes}, more)

    def write(self, git, more=None):
        git = {key: value for key, value in git.items() if value is not None}
        self.manifest.write_text(json.dumps(
            {"version": 1, "resources": {"git:/srv/app": git, **(more or {})}}))

    def run(self, command, *options, want, words="", source=None):
        result = subprocess.run(
            [converge, command, source or self.manifest, "--root", self.root, *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        text = result.stdout + result.stderr
        check(result.returncode == want,
              command, *options, "exits", result.returncode, "not", want, "\n" + text)
        check(words in text, command, *options, "does not say", repr(words), "\n" + text)
        return text

    def motd(self):
        path = self.root / "srv" / "app" / "motd"
        return path.read_text().strip() if path.exists() else None

    def holds(self, text):
        check(self.motd() == text, "motd is", self.motd(), "not", text)

    def snapshot(self):
        return sorted((str(path), path.lstat().st_mtime_ns)
                      for path in self.root.rglob("*"))

    def clones(self):
        return sorted(path.name for path in (self.state / "git").iterdir())


def follows_a_branch(host, servers):
    host.want(more={"file:/srv/app/extra": {"content": "x"},
                    "file:/etc/other": {"content": "x"},
                    "directory:/etc": {}})
    before = host.snapshot()
    text = host.run("plan", want=2, words=f"? git:/srv/app  unknown until '{host.url}' is fetched")
    check("? file:/srv/app/extra" in text, text)
    check("+ file:/etc/other" in text, text)
    check(host.snapshot() == before, "plan changed something")
    host.run("apply", "--dry-run", want=2, words="unknown until")
    check(host.snapshot() == before, "a dry run changed something")

    host.run("apply", want=0, words="4 created")
    host.holds("two")
    check((host.root / "srv/app/extra").read_text() == "x", "nothing is put beside it")
    check(not (host.root / "srv/app/.git").exists(), "a .git is left")
    check(len(host.clones()) == 1, host.clones())
    host.run("plan", want=0, words="0 unknown")
    host.want()
    packs = sorted((host.state / "git").rglob("*.pack"))
    host.run("apply", want=0, words="1 unchanged")
    check(sorted((host.state / "git").rglob("*.pack")) == packs, "it was fetched twice")

    # it moves; a plan cannot know
    third = servers.commit("none", "now", "main", "three")
    host.run("plan", want=0)
    host.run("apply", want=0, words="1 changed")
    host.holds("three")
    check(len(sorted((host.state / "git").rglob("*.pack"))) == 2, "not what is new alone")

    # what was edited is put back, and known to a plan
    (host.root / "srv/app/motd").write_text("by hand\n")
    host.run("plan", want=2, words="~ git:/srv/app")
    host.run("plan", want=2, words=f"main is {third[:12]}")
    host.run("apply", want=0, words="1 changed")
    host.holds("three")

    # back, by force of who may push
    servers.commit("as-it-is", "now", said["second"], "x")
    host.run("apply", want=0, words="1 changed")
    host.holds("two")
    return third


def takes_commits_and_tags(host, servers, third):
    servers.git("tag", "light", said["first"])
    servers.git("tag", "-a", "-m", "m", "heavy", third)
    servers.git("branch", "world", said["first"])
    for revision, text in (("light", "one"), ("heavy", "three"), ("main", "two"),
                           ("world", "one"), (third, "three"), (said["first"], "one")):
        host.want(revision=revision)
        host.run("apply", want=0, words="1 changed" if host.motd() != text else "unchanged")
        host.holds(text)
        host.run("plan", want=0)
    # that is known, whether there is a server or not
    host.want(revision=third)
    host.run("plan", want=2, words="~ git:/srv/app")
    host.run("apply", want=0, words="1 changed")
    host.run("apply", want=0, words="1 unchanged")
    host.want(revision="light")
    host.run("plan", want=2, words="light is")
    host.want(revision="0123456789" * 4)
    host.run("plan", want=2, words="unknown until")
    host.run("apply", want=4, words="in none of its branches and tags")
    host.want(revision="none")
    host.run("apply", want=4, words="no such branch or tag")
    servers.git("tag", "main")
    host.want()
    host.run("apply", want=4, words="a branch and a tag of that name")
    servers.git("tag", "-d", "main")
    # one that was no branch before
    servers.git("tag", "-d", "light")
    servers.git("branch", "light", said["second"])
    host.want(revision="light")
    host.run("apply", want=0, words="1 changed")
    host.holds("two")
    host.run("plan", want=0)


def trusts_what_the_system_does(host):
    """With the test's own authority among those, for this one process."""
    if os.geteuid() != 0:
        return
    shutil.rmtree(host.state / "git")
    host.want(ca_file=None)
    subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount --bind \"$1\" /etc/ssl/certs/ca-certificates.crt && "
         "exec \"$2\" apply -q \"$3\" --root \"$4\"", "sh", host.folder / "ca.pem", converge,
         host.manifest, host.root], check=True, stdin=subprocess.DEVNULL)


def outlives_its_server(host, servers):
    host.want()
    host.run("apply", want=0)
    host.holds("two")
    for kind, server, words in (
            ("ok", "1", "cannot reach the server"),
            ("ok", "self", "certificate is refused"),
            ("ok", "tls10", "no safe connection"),
            ("redirect", "good", "redirect"),
            ("password", "good", "password"),
            ("half", "good", "cannot fetch"),
            ("wrong", "good", "cannot fetch")):
        host.want(kind, server)
        host.run("apply", want=4, words=words)
        host.holds("two")
        check("fetched" not in host.clones(), host.clones())
        shutil.rmtree(host.state / "git")
    # the latter ends by its size, where that comes first
    for kind, most, words in (("slow", 8, "it took more than 2 seconds"),
                              ("endless", 60, "cannot fetch")):
        host.want(kind, timeout=2)
        begun = time.monotonic()
        host.run("apply", want=4, words=words)
        check(time.monotonic() - begun < most, kind, "is waited for")
        host.holds("two")


def heals(host, servers):
    shutil.rmtree(host.state / "git")
    host.want()
    host.run("plan", want=2, words="unknown until")
    host.run("apply", want=0, words="1 unchanged")
    for pack in (host.state / "git").rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"PACK" + bytes(1000))
    host.run("plan", want=2, words="unknown until")
    host.run("apply", want=0, words="1 unchanged")
    host.run("plan", want=0)


def tidies(host):
    """What no manifest names goes, in time."""
    host.want("ok", "tls12")
    host.run("apply", want=0, words="1 unchanged")
    check(len(host.clones()) == 2, host.clones())
    host.want()
    host.run("apply", want=0)
    check(len(host.clones()) == 2, host.clones())
    for name in host.clones():
        os.utime(host.state / "git" / name / "HEAD", (1, 1))
    host.run("apply", want=0)
    check(len(host.clones()) == 1, host.clones())
    host.run("plan", want=0)


def saves_a_plan(host, servers):
    host.want()
    (host.root / "srv/app/motd").write_text("by hand\n")
    saved = host.folder / "saved.plan"
    host.run("plan", "--out", saved, want=2)
    servers.commit("none", "now", "main", "four")
    # what was seen is done, and no more
    host.run("apply", source=saved, want=0, words="1 changed")
    host.holds("two")
    host.run("apply", want=0, words="1 changed")
    host.holds("four")


def goes_over_ssh(host, servers):
    if "ssh" not in said:
        return
    git = {"repository": f"ssh://root@127.0.0.1:{said['ssh']}{servers.folder}/world.git",
           "revision": "main", "ssh_key": str(host.folder / "client"), "force": True,
           "known_hosts": str(host.folder / "known")}
    servers.commit("none", "now", "main", "five")
    host.write(git)
    host.run("apply", want=0, words="1 changed")
    host.holds("five")
    host.run("apply", want=0, words="1 unchanged")
    shutil.copy(host.keys / "changed_hosts", host.folder / "known")
    host.run("apply", want=4, words="not the one in known_hosts")
    (host.folder / "known").chmod(0o666)
    host.run("apply", want=4, words="others may write to it")
    (host.folder / "client").chmod(0o644)
    shutil.copy(host.keys / "known", host.folder / "known")
    (host.folder / "known").chmod(0o600)
    host.run("apply", want=4, words="others may read it")
    host.holds("five")


def main():
    with tempfile.TemporaryDirectory(prefix="converge-git-") as name:
        folder = pathlib.Path(name)
        (folder / "servers").mkdir()
        (folder / "host").mkdir()
        servers = Servers(folder / "servers")
        try:
            host = Host(folder / "host", folder / "servers")
            third = follows_a_branch(host, servers)
            takes_commits_and_tags(host, servers, third)
            trusts_what_the_system_does(host)
            outlives_its_server(host, servers)
            heals(host, servers)
            tidies(host)
            saves_a_plan(host, servers)
            goes_over_ssh(host, servers)
        finally:
            servers.stop()
    print("git: a folder follows a repository on a server")


main()
