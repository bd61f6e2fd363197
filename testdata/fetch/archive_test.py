#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The type archive with a source on a server, from end to end, against the
servers of server.py.

usage: archive_test.py CONVERGE
"""

import hashlib
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

from servers import Servers, check, said

converge = os.path.abspath(sys.argv[1])


def pack(path, **files):
    """A tar of bytes that no compression makes smaller; its digest."""
    with tarfile.open(path, "w:gz") as tar:
        for name, text in {"readme": "r\n", "bin/run": "#!/bin/sh\n", **files}.items():
            info = tarfile.TarInfo(name)
            body = text.encode() if isinstance(text, str) else text
            info.size = len(body)
            info.mode = 0o755 if name.startswith("bin/") else 0o644
            tar.addfile(info, io.BytesIO(body))
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Host:
    def __init__(self, folder, servers):
        self.folder, self.servers = folder, servers
        self.root, self.manifest = folder / "root", folder / "m.json"
        self.target = self.root / "opt" / "app"
        self.target.parent.mkdir(parents=True)
        self.state = self.root / "var" / "lib" / "converge"
        shutil.copy(servers.folder / "ca.pem", folder / "ca.pem")
        (folder / "ca.pem").chmod(0o600)
        web = servers.folder / "web"
        self.one = pack(web / "one", data=os.urandom(100000))
        self.two = pack(web / "two", data=os.urandom(2000), more="m\n")
        self.big = pack(web / "big", data=os.urandom(3 << 20))

    def want(self, kind="ok", name="one", server="good", more=None, **attributes):
        """A manifest; what a test says of an attribute comes last, and None
        leaves it out."""
        port = server if server.isdigit() else said[server]
        scheme = "http" if server == "plain" else "https"
        self.url = f"{scheme}://127.0.0.1:{port}/web/{kind}/{name}"
        archive = {"source": self.url + "?key=secret", "sha256": getattr(self, name),
                   "ca_file": str(self.folder / "ca.pem"), **attributes}
        archive = {key: value for key, value in archive.items() if value is not None}
        self.manifest.write_text(json.dumps(
            {"version": 1, "resources": {"archive:/opt/app": archive, **(more or {})}}))

    def run(self, command, *options, want, words="", source=None):
        root = () if command == "check" else ("--root", self.root)
        result = subprocess.run(
            [converge, command, source or self.manifest, *root, *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        text = result.stdout + result.stderr
        check(result.returncode == want,
              command, *options, "exits", result.returncode, "not", want, "\n" + text)
        check(words in text, command, *options, "does not say", repr(words), "\n" + text)
        check("secret" not in text, "a query is shown\n" + text)
        return text

    def holds(self, name):
        with tarfile.open(self.servers.folder / "web" / name) as tar:
            for member in tar:
                if member.isfile():
                    check((self.target / member.name).read_bytes() ==
                          tar.extractfile(member).read(), member.name, "is not that of", name)

    def asks(self, *paths):
        """What was asked for, by name of kind and file, since the last call."""
        asked = [path.partition("?")[0].removeprefix("/web/")
                 for path in self.servers.requests()]
        check(asked == list(paths), "asked for", asked, "not for", list(paths))

    def left(self):
        """What is in the state folder, beside what every run leaves."""
        return sorted(str(path.relative_to(self.state)) for path in self.state.rglob("*")
                      if path.is_file() and "archives" in path.parts
                      or path.name.startswith(("download", "new")))

    def snapshot(self):
        return sorted((str(path), path.lstat().st_mtime_ns)
                      for path in self.target.parent.rglob("*"))


def comes_once(host):
    host.want(more={"file:/opt/app/extra": {"content": "x"},
                    "file:/opt/other": {"content": "x"}})
    text = host.run("plan", want=2, words="+ archive:/opt/app  absent -> present")
    check(f"? file:/opt/app/extra  unknown until '{host.url}?***' is downloaded" in text, text)
    check("+ file:/opt/other" in text, text)
    host.run("apply", "--dry-run", want=2, words="2 to create")
    host.run("check", want=2, words="[inside-unpacked]")
    host.asks()
    host.run("apply", want=0, words="3 created")
    host.holds("one")
    host.asks("ok/one")
    check((host.target / "bin/run").stat().st_mode & 0o777 == 0o755, "it cannot be run")
    check(len(host.left()) == 1, host.left())

    # nothing to do is known without asking
    before = host.snapshot()
    host.want()
    host.run("plan", want=0)
    host.run("apply", want=0, words="1 unchanged")
    host.asks()
    check(host.snapshot() == before, "a second apply changed something")

    # so is what was edited; what was put beside it is lost with the folder
    (host.target / "readme").write_text("by hand\n")
    host.run("plan", want=4, words="holds 'extra', which is not of its source")
    host.run("apply", want=4, words="holds 'extra', which is not of its source")
    host.want(force=True)
    host.run("plan", want=2, words="content 1 of 4 entries differ, as 'readme' -> "
                                   f"as in the archive {host.one[:16]}")
    host.asks()
    host.run("apply", want=0, words="1 changed")
    host.asks("ok/one")
    host.holds("one")
    host.want(creates="/opt/app/bin")
    host.run("apply", want=0, words="1 unchanged")
    host.asks()


def becomes_another(host):
    # what the one that is there had is its own: nothing else goes with it
    (host.target / "bin/extra").write_text("by hand\n")
    host.want(name="two", force=True)
    host.run("plan", want=2, words=f"~ archive:/opt/app  content as in the archive {host.one[:16]} "
                                   f"-> as in the archive {host.two[:16]}, below 1 entry")
    host.asks()
    host.run("apply", want=0, words="1 changed")
    host.holds("two")
    host.asks("ok/two")
    host.run("apply", want=0, words="1 unchanged")
    host.want(name="two", strip_components=1, force=True)
    host.run("plan", want=2, words="with another strip_components")
    host.run("apply", want=0, words="1 changed")
    check(sorted(os.listdir(host.target)) == ["run"], os.listdir(host.target))
    host.want(force=True)
    host.run("apply", want=0, words="1 changed")
    host.holds("one")

    # a plan that was saved is of that archive, whatever it holds
    host.want(name="two", force=True)
    saved = host.folder / "saved.plan"
    host.run("plan", "--out", saved, want=2)
    host.servers.requests()
    host.run("apply", source=saved, want=0, words="1 changed")
    host.holds("two")
    host.asks("ok/two")

    # what is there, and not by this host's doing, is looked at
    shutil.rmtree(host.state / "archives")
    host.run("plan", want=2, words=f"? archive:/opt/app  unknown until '{host.url}?***' is downloaded")
    host.run("apply", want=0, words="1 unchanged")
    host.asks("ok/two")
    host.run("plan", want=0)
    for path in (host.state / "archives").iterdir():
        path.write_bytes(b"unpacked/1" + bytes(1000))
    host.run("apply", want=0, words="1 unchanged")
    host.run("plan", want=0)
    shutil.rmtree(host.state / "archives")
    (host.target / "readme").write_text("by hand\n")
    host.servers.requests()
    host.run("apply", want=0, words="1 changed")
    host.asks("ok/two")
    host.holds("two")


def finds_its_way(host):
    for kind, server, asks in (
            ("ok", "plain", ["ok/one"]),
            ("redirect", "good", ["redirect/one", "ok/one"]),
            ("redirect", "plain", ["redirect/one", "ok/one"]),
            ("far,5", "good", [f"far,{i}/one" for i in range(5, -1, -1)]),
            ("flaky,1", "good", ["flaky,1/one"] * 2),
            ("broken,2", "good", ["broken,2/one"] * 3)):
        shutil.rmtree(host.target)
        host.want(kind, server=server)
        host.servers.requests()
        host.run("apply", want=0, words="1 created")
        host.holds("one")
        host.asks(*asks)


def trusts_what_the_system_does(host):
    """With the test's own authority among those, for this one process."""
    if os.geteuid() != 0:
        return
    shutil.rmtree(host.target)
    host.want(ca_file=None)
    subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount --bind \"$1\" /etc/ssl/certs/ca-certificates.crt && "
         "exec \"$2\" apply -q \"$3\" --root \"$4\"", "sh", host.folder / "ca.pem", converge,
         host.manifest, host.root], check=True, stdin=subprocess.DEVNULL)
    host.holds("one")


def refuses(host):
    """What is wrong leaves what is there, and nothing of itself."""
    wrong = "0123456789abcdef" * 4
    cases = (
        ("ok", "good", {"sha256": wrong}, f"has the SHA-256 digest {host.one}, not {wrong}"),
        ("more", "good", {}, "has the SHA-256 digest"),
        ("status,404", "good", {}, "the server says 'HTTP/1.1 404 Not Found'"),
        ("status,403", "good", {}, "the server says 'HTTP/1.1 403 Forbidden'"),
        ("status,500", "good", {}, "the server says 'HTTP/1.1 500 Internal Server Error'"),
        ("status,206", "good", {}, "the server says 'HTTP/1.1 206"),
        ("odd", "good", {}, r"the server says 'HTTP/1.1 404 \x1b[2Jgone'"),
        ("plainly", "good", {}, "which is not https"),
        ("file", "good", {}, "redirected to 'file:///etc/passwd', which must be https"),
        ("loop", "good", {}, "redirected more than 5 times"),
        ("half", "good", {}, "the connection broke off"),
        ("endless", "good", {"max_mib": 1}, "the server sends more than 1048576 bytes"),
        ("large", "good", {}, "it is larger than 2147483648 bytes"),
        ("stall", "good", {"timeout": 1}, "it took more than 1 seconds"),
        ("silent", "good", {"timeout": 1}, "it took more than 1 seconds"),
        ("ok", "self", {}, "the server's certificate is refused"),
        ("ok", "name", {}, "the server's certificate is refused"),
        ("ok", "expired", {}, "the server's certificate is refused"),
        ("ok", "good", {"ca_file": None}, "the server's certificate is refused"),
        ("ok", "tls11", {}, "no safe connection"),
        ("ok", "1", {}, "cannot reach the server"),
    )
    before = host.snapshot()
    for kind, server, attributes, words in cases:
        host.want(kind, name="one", server=server, force=True, **attributes)
        if (host.state / "archives").exists():
            shutil.rmtree(host.state / "archives")
        begun = time.monotonic()
        text = host.run("apply", want=4, words=words)
        check("1 failed" in text, text)
        check(time.monotonic() - begun < 30, kind, "is waited for")
        check(host.snapshot() == before, kind, server, "changed something")
        check(host.left() == [], kind, server, "left", host.left())
    shutil.rmtree(host.target)
    host.want("half")
    host.run("apply", want=4, words="the connection broke off")
    check(not host.target.exists(), "half of it is unpacked")
    host.want(name="two", sha256=hashlib.sha256(b"no archive").hexdigest())
    (host.servers.folder / "web" / "two").write_bytes(b"no archive")
    host.run("apply", want=4, words="is no whole archive")
    check(not host.target.exists() and host.left() == [], host.left())


def survives_a_kill(host):
    """At any time of a download, and of what comes after it."""
    host.want(name="big", kind="stall")
    for seconds in (0.05, 0.2, 0.5, 1):
        child = subprocess.Popen(
            [converge, "apply", host.manifest, "--root", host.root], start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        child.wait()
        check(not host.target.exists() and host.left() == [], host.left())
    # the run is told to stop: no server is waited for
    host.servers.requests()
    child = subprocess.Popen(
        [converge, "apply", host.manifest, "--root", host.root],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while not any(path.startswith("/web/stall/") for path in host.servers.requests()):
        time.sleep(0.05)
    child.send_signal(signal.SIGTERM)
    text = child.communicate()[0]
    check(child.returncode == 128 + signal.SIGTERM, child.returncode, text)
    check(not host.target.exists() and host.left() == [], host.left())
    host.want(name="big")
    host.run("apply", want=0, words="1 created")
    host.holds("big")
    host.run("apply", want=0, words="1 unchanged")


def tidies(host):
    kept = host.state / "archives"
    check(len(list(kept.iterdir())) == 1, list(kept.iterdir()))
    (kept / ("0" * 64)).write_text("of a target that is named no more")
    (kept / ("1" * 64)).write_text("but lately")
    for path in kept.iterdir():
        if path.name != "1" * 64:
            os.utime(path, (1, 1))
    host.run("apply", want=0, words="1 unchanged")
    check(len(list(kept.iterdir())) == 2 and (kept / ("1" * 64)).exists(), list(kept.iterdir()))
    host.run("plan", want=0)


def main():
    with tempfile.TemporaryDirectory(prefix="converge-archive-") as name:
        folder = pathlib.Path(name)
        (folder / "servers").mkdir()
        (folder / "host").mkdir()
        servers = Servers(folder / "servers")
        try:
            host = Host(folder / "host", servers)
            comes_once(host)
            becomes_another(host)
            finds_its_way(host)
            trusts_what_the_system_does(host)
            refuses(host)
            survives_a_kill(host)
            tidies(host)
        finally:
            servers.stop()
    print("archive: a folder holds what a server sends, and what it must")


main()
