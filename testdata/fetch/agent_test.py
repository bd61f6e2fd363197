#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A host that has its world from a branch, from end to end: converge without a
SOURCE, against the servers of server.py.

usage: agent_test.py CONVERGE
"""

import base64
import hashlib
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
try:
    from jsonschema import Draft7Validator
    SCHEMA = Draft7Validator(json.loads(subprocess.run(
        [converge, "schema", "converge.status/1"], check=True,
        capture_output=True).stdout))
except ImportError:
    SCHEMA = None


class Host:
    def __init__(self, folder, keys):
        self.root = folder
        self.etc = folder / "etc" / "converge"
        self.etc.mkdir(parents=True)
        for source, name in (("signers", "allowed_signers"),
                             ("ca.pem", "ca.pem"), ("known", "known_hosts"),
                             ("client", "client")):
            if (keys / source).exists():
                shutil.copy(keys / source, self.etc / name)
                (self.etc / name).chmod(0o600)
        self.agent()

    def agent(self, port=None, **keys):
        text = {"version": 1, "ca_file": "/etc/converge/ca.pem",
                "host": "web-1",
                "url": f"https://127.0.0.1:{port or said['good']}"
                       "/ok/world.git", **keys}
        (self.etc / "agent.json").write_text(json.dumps(text))
        (self.etc / "agent.json").chmod(0o644)

    def run(self, command, *options, want, words=""):
        result = subprocess.run(
            [converge, command, "--root", self.root, *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        text = result.stdout + result.stderr
        check(result.returncode == want,
              command, *options, "exits", result.returncode, "not", want,
              "\n" + text)
        check(words in text, command, *options, "does not say", repr(words),
              "\n" + text)
        return text

    def status(self, want, *words):
        """Whether all is well, and what is told of it."""
        text = self.run("status", want=want)
        for word in words:
            check(word in text, "status does not say", repr(word), "\n" + text)
        document = json.loads(self.run("status", "--json", want=want))
        for wrong in SCHEMA.iter_errors(document) if SCHEMA else ():
            check(False, "status:", list(wrong.path), wrong.message)
        check(document["well"] == (want == 0), document)
        return document

    def motd(self):
        path = self.root / "etc" / "motd"
        return path.read_text().strip() if path.exists() else None

    def snapshot(self):
        return sorted((str(path), path.lstat().st_mtime_ns)
                      for path in self.root.rglob("*"))


def fingerprint(folder, key):
    path = folder / f"{key}.pub"
    return subprocess.run(["ssh-keygen", "-l", "-f", path], check=True,
                          capture_output=True, text=True).stdout.split()[1]


def test(host, servers):
    before = host.snapshot()
    host.status(1, "status: no run was made here yet")
    host.run("history", want=0, words="RUN")
    host.run("plan", want=2, words="+ file:/etc/motd")
    check(host.snapshot() == before, "plan changed something")
    host.run("apply", want=0, words="1 created")
    host.status(0, f"commit: {said['second'][:7]}, ", " old, taken 20",
                f"world: newest {said['second'][:7]} at 20", "status: all is")
    check(host.motd() == "two", "motd is", host.motd())
    host.run("apply", want=0, words="0 created, 0 changed")
    host.run("plan", want=0)

    third = servers.commit("signer", "now", "main", "three")
    before = host.snapshot()
    text = host.run("plan", want=2, words="~ file:/etc/motd")
    check(f'web-1 at {third[:7]} "three" (main)' in text,
          "plan does not say which commit:", text)
    check(host.snapshot() == before, "plan changed something")
    host.run("apply", want=0, words="1 changed")
    check(host.motd() == "three", "motd is", host.motd())

    # what nobody signed, or who is nobody
    for key in (None, "other"):
        bad = servers.commit(key or "none", "now", third, "bad")
        named = f"(its signature names {fingerprint(servers.folder, key)})" if key else ""
        for command in ("plan", "apply"):
            text = host.run(command, want=1,
                            words=f"commit {bad} is not signed")
            check(named in text, "the key is not named:", text)
        check(host.motd() == "three", "motd is", host.motd())
        status = host.status(1, f"commit: {third[:7]}, ",
                             f"world: refused {bad[:7]} at 20",
                             f"status: commit {bad} is not signed", named)
        check([p["kind"] for p in status["problems"]] == ["refused"], status)
    host.run("apply", want=1)
    host.status(1, f"world: refused {bad[:7]} 2 times since 20")
    text = host.run("history", want=0)
    check(f"  {bad[:7]}  -        refused 2 times to 20" in text, text)
    check([line.split()[0] for line in text.splitlines()]
          == ["RUN", "-", "-", "3", "2", "1"], text)
    motd = host.run("history", "file:/etc/motd", want=0)
    check(f"{third[:7]}  done    content, by {third[:7]} " in motd, motd)
    host.run("history", "3", want=0, words=f"    by {third[:7]} ")

    # back
    servers.commit("as-it-is", "now", said["second"], "x")
    host.run("apply", want=1, words="is not a descendant of")
    host.status(1, f"status: commit {said['second'][:12]} is not a descendant",
                f"commit: {third[:7]}, ")
    host.run("apply", f"--allow-rollback={third}", want=1,
             words="is not a descendant of")
    host.run("apply", "--allow-rollback=main", want=1, words="whole id")
    check(host.motd() == "three", "motd is", host.motd())
    text = host.run("apply", f"--allow-rollback={said['second']}", want=0)
    check(host.motd() == "two", "motd is", host.motd())
    host.run("apply", want=0)
    host.status(0, "before that: refused", "status: all is well")

    # no server, another server, an old commit
    for port, words in (("1", "cannot reach the server"),
                        (said["self"], "certificate is refused")):
        host.agent(port)
        (host.root / "etc" / "motd").write_text("by hand\n")
        host.run("plan", want=2, words="going on with commit")
        text = host.run("apply", want=0, words=words)
        check("going on with commit" in text, text)
        check(host.motd() == "two", "motd is", host.motd())
        host.status(0, "world: kept at 20", words, " old, taken 20")
    host.agent(max_age=1)
    host.run("apply", want=0, words="stale")
    host.status(0, f"world: kept {said['second'][:7]} at 20", "  stale: ")

    # another host than those of the world
    host.agent()
    host.run("apply", "--host", "web-2", want=1, words="web-2")
    host.status(1, f"world: refused {said['second'][:7]} at 20", "web-2",
                "status: ")

    wrong_host(host, servers)

    # who could have written it
    (host.etc / "agent.json").chmod(0o664)
    host.run("apply", want=1, words="others may write to it")
    host.status(1, "world: refused at 20", "others may write to it")
    host.agent()
    (host.etc / "allowed_signers").chmod(0o664)
    host.run("apply", want=1, words="others may write to it")
    (host.etc / "allowed_signers").chmod(0o600)

    # nor what was fetched: it is behind a folder of root's alone, and yet
    kept = host.root / "var/lib/converge/world.git"
    for part in (".", "objects", "objects/pack", "refs"):
        (kept / part).chmod(0o775)
        host.run("apply", want=0)
        check((kept / part).stat().st_mode & 0o7777 == 0o755, part, "stays so")
        if os.geteuid() == 0:
            os.chown(kept / part, 4242, -1)
            host.run("apply", want=1, words=f"'{part}' in the repository")
            os.chown(kept / part, 0, -1)
    host.run("apply", want=0)

    host.agent(url="https://joe:s3cret@127.0.0.1/world.git")
    text = host.run("apply", want=1, words="***@127.0.0.1")
    check("s3cret" not in text, text)
    text = json.dumps(host.status(1, "***@127.0.0.1"))
    check("s3cret" not in text, text)
    database = host.root / "var/lib/converge/state.db"
    for path in database, database.with_name("state.db-wal"):
        check(b"s3cret" not in path.read_bytes(), path)
    host.agent(url="ext::sh -c touch% /tmp/x")
    host.run("apply", want=1, words="must be https://")

    host.agent()
    host.run("plan", "--out", str(host.root / "p"), want=1, words="SOURCE")

    if "ssh" in said:
        repository = host.etc.parents[2] / "servers" / "world.git"
        host.agent(url=f"ssh://root@127.0.0.1:{said['ssh']}{repository}",
                   ssh_key="/etc/converge/client")
        servers.commit("signer", "now", said["second"], "four")
        host.run("apply", want=0, words="1 changed")
        check(host.motd() == "four", "motd is", host.motd())
    by_hand(host, servers)
    by_rsa(host, servers)


def text(*parts):
    """As PROTOCOL.sshsig has them: strings with their sizes before them."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def signed_by_rsa(keys, payload, digest, algorithm):
    """A signature of SSH as an agent of any age may make it."""
    public = base64.b64decode((keys / "rsa.pub").read_text().split()[1])
    message = b"SSHSIG" + text(b"git", b"", b"sha512",
                               hashlib.sha512(payload).digest())
    made = subprocess.run(
        ["openssl", "dgst", f"-{digest}", "-sign", keys / "rsa"],
        input=message, check=True, capture_output=True).stdout
    blob = b"SSHSIG\0\0\0\1" + text(public, b"git", b"", b"sha512",
                                     text(algorithm, made))
    return (b"-----BEGIN SSH SIGNATURE-----\n" +
            base64.encodebytes(blob) + b"-----END SSH SIGNATURE-----\n")


def commit_by_rsa(servers, parent, digest, algorithm):
    """Sets main to a commit of the same files; what ssh-keygen(1) says of its
    signature is the result."""
    git = ["git", "-c", "safe.directory=*", "-C", servers.folder / "world.git"]
    tree = subprocess.run([*git, "rev-parse", f"{parent}^{{tree}}"], check=True,
                          capture_output=True, text=True).stdout.strip()
    now = int(time.time())
    head = (f"tree {tree}\nparent {parent}\nauthor A <a> {now} +0000\n"
            f"committer A <a> {now} +0000\n").encode()
    armour = signed_by_rsa(servers.folder, head + b"\nrsa\n", digest,
                           algorithm)
    (servers.folder / "armour").write_bytes(armour)
    header = b"gpgsig " + armour.rstrip().replace(b"\n", b"\n ") + b"\n"
    commit = subprocess.run(
        [*git, "hash-object", "-t", "commit", "-w", "--stdin"], check=True,
        input=head + header + b"\nrsa\n", capture_output=True)
    commit = commit.stdout.decode().strip()
    servers.git("update-ref", "refs/heads/main", commit)
    says = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-n", "git", "-I", "rsa@example", "-f",
         servers.folder / "rsa_signers", "-s", servers.folder / "armour"],
        input=head + b"\nrsa\n", capture_output=True)
    return commit, says.returncode


def by_rsa(host, servers):
    """Keys of RSA sign with SHA-2 alone, whatever signs."""
    keys = servers.folder
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM",
                    "-N", "", "-C", "rsa", "-f", keys / "rsa"], check=True)
    signer = f"rsa@example {(keys / 'rsa.pub').read_text()}"
    (keys / "rsa_signers").write_text(signer)
    with open(host.etc / "allowed_signers", "a", encoding="utf-8") as signers:
        signers.write(signer)

    # by git(1) and ssh-keygen(1) themselves
    last = servers.commit("rsa", "now", "main", "seven")
    host.run("apply", want=0, words="1 changed")
    check(host.motd() == "seven", "motd is", host.motd())
    for digest, algorithm in (("sha512", b"rsa-sha2-512"),
                              ("sha256", b"rsa-sha2-256")):
        last, says = commit_by_rsa(servers, last, digest, algorithm)
        check(says == 0, "ssh-keygen does not take", algorithm)
        host.run("apply", want=0)

    # SHA-1 under its own name, and under another
    for algorithm, words in (
            (b"ssh-rsa", "sign with rsa-sha2-512, as ssh-keygen does"),
            (b"rsa-sha2-512", "is not signed by one who is trusted")):
        bad, says = commit_by_rsa(servers, last, "sha1", algorithm)
        check(says != 0, "ssh-keygen takes SHA-1 as", algorithm)
        host.run("apply", want=1, words=words)
        host.run("plan", want=1, words=f"commit {bad} is ")
    servers.git("update-ref", "refs/heads/main", last)
    host.run("apply", want=0)

    # and a server is not opened by one
    if "ssh" in said:
        (keys / "authorized").write_text((keys / "rsa.pub").read_text())
        shutil.copy(keys / "rsa", host.etc / "client")
        host.agent(url=f"ssh://root@127.0.0.1:{said['ssh']}{keys}/world.git",
                   ssh_key="/etc/converge/client")
        words = host.run("apply", want=0, words="going on with commit")
        check("one of Ed25519" in words, "it does not say what to do:", words)


def wrong_host(host, servers):
    """What a signer signed, but not for this host, is not the last good one."""
    manifest = servers.folder / "work" / "hosts" / "web-1.json"
    reference = host.root / "var/lib/converge/world.git/refs/heads/world"
    last, was = reference.read_text(), manifest.read_text()
    for text, words in ((was.replace("web-1", "web-2"), "web-2"),
                        (None, "web-1"), ("{", "web-1.json")):
        manifest.unlink()
        if text:
            manifest.write_text(text)
        servers.commit("signer", "now", "main", "wrong")
        host.agent()
        host.run("apply", want=1, words=words)
        check(reference.read_text() == last, "it is taken")
        host.agent("1")
        host.run("apply", want=0, words=f"going on with commit {last[:12]}")
        check(host.motd() == "two", "motd is", host.motd())
        servers.commit("as-it-is", "now", last.strip(), "x")
        manifest.write_text(was)
    host.agent()
    host.run("apply", want=0)


def by_hand(host, servers):
    """A bundle in between, and the branch again."""
    keys = host.etc.parents[2] / "servers"
    world = host.root / "var" / "lib" / "converge" / "world.git"
    bundle = host.etc / "b.tar.zst"
    (keys / "work" / "hosts" / "web-2.json").write_text(
        '{"version": 1, "host": "web-2"}\n')
    five = servers.commit("signer", "now", "main", "five")
    subprocess.run([converge, "bundle", "web-1", "--rev", "main", "--world",
                    keys / "world.git", "--out", bundle, "-q"], check=True)
    host.agent("1")
    host.run("apply", bundle, want=0, words="1 changed")
    check(host.motd() == "five", "motd is", host.motd())
    check(list(world.glob("objects/pack/*.promisor")), "all of it is there")
    host.run("apply", want=0, words=f"going on with commit {five[:12]}")
    # what the bundle left out is fetched with the rest, also later
    host.agent()
    for motd in "five", "six":
        if motd == "six":
            servers.commit("signer", "now", "main", motd)
        text = host.run("apply", want=0)
        check("warning" not in text, text)
        check(host.motd() == motd, "motd is", host.motd())
        check(not list(world.glob("objects/pack/*.promisor")),
              "it is still not whole")
        subprocess.run(["git", "-c", "safe.directory=*", "-C", world, "fsck",
                        "--full", "--strict"], check=True,
                       capture_output=True)
    # and it goes back for no bundle either
    host.run("apply", bundle, want=1, words="is not a descendant of")
    host.status(1, f"world: refused {five[:7]} at 20", f", from {bundle}",
                "is not a descendant of")
    host.run("apply", want=0)
    host.status(0, "world: newest ", f"before that: refused {five[:7]} at 20")
    check(host.motd() == "six", "motd is", host.motd())


def main():
    with tempfile.TemporaryDirectory(prefix="converge-agent-") as name:
        folder = pathlib.Path(name)
        (folder / "servers").mkdir()
        (folder / "host").mkdir()
        servers = Servers(folder / "servers")
        try:
            test(Host(folder / "host", folder / "servers"), servers)
        finally:
            servers.stop()
    print("agent: a host follows its branch, and nothing else")


main()
