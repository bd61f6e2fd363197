#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Repositories that somebody made on purpose.

usage: repositories_test.py CONVERGE PEAK

As archives_test.py, for the type git: what is refused is refused before
anything comes to the target, and nothing of the repository but its objects and
references is ever looked at.
"""
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import unittest
import zlib

import archives_test
from archives_test import Base

FOLDER, FILE, LINK, MODULE = "40000", "100644", "120000", "160000"


class Maker(Base):
    """A bare repository, and objects as nobody's git would make them."""

    def setUp(self):
        super().setUp()
        self.repository = self.top / "repository.git"
        self.git("init", "-q", "--bare", "-b", "main", self.repository)

    def git(self, *arguments, **more):
        return subprocess.run(
            ["git", *arguments], check=True, capture_output=True,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent",
                 "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}, **more).stdout

    def put(self, kind, content):
        """An object of the repository, as it stands: its id as raw bytes."""
        whole = f"{kind} {len(content)}\0".encode() + content
        name = hashlib.sha1(whole).hexdigest()
        path = self.repository / "objects" / name[:2] / name[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(whole))
        return bytes.fromhex(name)

    def tree(self, *entries):
        """Of (mode, name, content or id), in any order."""
        out = b""
        for mode, name, what in entries:
            if not (isinstance(what, bytes) and len(what) == 20):
                what = self.put("blob", what.encode())
            name = name if isinstance(name, bytes) else name.encode()
            out += mode.encode() + b" " + name + b"\0" + what
        return self.put("tree", out)

    def commit(self, tree, branch="main"):
        who = "A <a@example.org> 0 +0000"
        text = f"tree {tree.hex()}\nauthor {who}\ncommitter {who}\n\nm\n"
        made = self.put("commit", text.encode()).hex()
        if branch:
            (self.repository / "refs/heads" / branch).write_text(made + "\n")
        return made

    def large(self, size):
        """A blob of zeros, packed to a thousandth: its id."""
        packer = zlib.compressobj(9)
        head = f"blob {size}\0".encode()
        whole = packer.compress(head)
        sha = hashlib.sha1(head)
        for _ in range(size >> 20):
            sha.update(bytes(1 << 20))
            whole += packer.compress(bytes(1 << 20))
        whole += packer.flush()
        name = sha.hexdigest()
        path = self.repository / "objects" / name[:2] / name[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(whole)
        return bytes.fromhex(name)


class Repositories(Maker):
    def write(self, revision="main", **more):
        attributes = {"repository": str(self.repository), "revision": revision}
        attributes.update(more)
        (self.top / "world/m.json").write_text(json.dumps(
            {"version": 1, "resources": {"git:/opt/app": attributes}}))

    def refuses(self, says, **more):
        self.write(**more)
        self.is_refused(says)

    def takes(self, **more):
        self.write(**more)
        self.is_taken()

    # --- what is taken

    def test_branch_tag_and_commit(self):
        made = self.commit(self.tree(
            (FILE, "a", "one"), (FOLDER, "d", self.tree(("100755", "x", "two"))),
            (LINK, "l", "d/x")))
        self.git("-C", self.repository, "tag", "light")
        self.git("-C", self.repository, "-c", "user.name=a", "-c", "user.email=a", "tag", "-am", "m",
                 "heavy")
        for revision in ("main", "light", "heavy", made):
            self.takes(revision=revision)
            self.assertEqual("one", self.text("a"))
            self.assertEqual([0o644, 0o755, 0o755], [self.mode(n) for n in ("a", "d", "d/x")])
            self.assertEqual("d/x", os.readlink(self.root / "opt/app/l"))
            shutil.rmtree(self.root / "opt/app")

    def test_packed(self):
        blob = "".join(f"line {i}\n" for i in range(5000))
        self.commit(self.tree((FILE, "a", blob), (FILE, "b", blob + "more\n")))
        self.git("-C", self.repository, "gc", "-q")
        self.assertTrue((self.repository / "packed-refs").exists())
        self.takes()
        self.assertEqual(blob + "more\n", self.text("b"))

    def test_a_branch_moves(self):
        self.commit(self.tree((FILE, "a", "one")))
        self.takes()
        self.commit(self.tree((FILE, "a", "two")))
        run = self.run_("plan")
        self.assertEqual(2, run.returncode)
        self.assertIn("main is ", run.stdout)
        self.takes()
        self.assertEqual("two", self.text("a"))
        self.commit(self.tree((FILE, "b", "two")))
        self.assertEqual(4, self.run_("apply").returncode)
        self.takes(force=True)
        self.assertEqual(["b"], os.listdir(self.root / "opt/app"))

    def test_work_tree(self):
        self.commit(self.tree((FILE, "a", "one")))
        self.repository.rename(self.top / ".git")
        (self.top / "w").mkdir()
        (self.top / ".git").rename(self.top / "w/.git")
        self.takes(repository=str(self.top / "w"))

    def test_what_is_edited_comes_back(self):
        self.commit(self.tree((FILE, "a", "one")))
        self.takes()
        (self.root / "opt/app/a").write_text("owe")
        self.assertEqual(2, self.run_("plan").returncode)
        self.takes()
        self.assertEqual("one", self.text("a"))

    # --- B48, B64: what it is called

    def test_repositories(self):
        for name in ("ext::sh -c touch% /tmp/evil", "file:///srv/git", "-upayload",
                     "ssh://-oProxyCommand=evil/x", "git@host:-x", "relative", "/a/../b",
                     "https://user:hunter2@example.org/x.git",
                     "ssh://user:hunter2@example.org/x.git"):
            self.refuses("'repository'", repository=name)
            self.assertNotIn("hunter2", self.run_("plan").stderr)
        self.refuses("there is no repository", repository="/nonexistent")
        self.refuses("is no repository", repository=str(self.top))
        link = self.top / "link.git"
        link.symlink_to(self.repository)
        self.refuses("a link on the way", repository=str(link))

    def test_revisions(self):
        self.commit(self.tree((FILE, "a", "one")))
        for name in ("-x", "../../x", "refs/../../x", "a b", "main~1", "HEAD@{1}", "", "/main",
                     "a\x1bb", ":/x", "main^"):
            self.refuses("'revision' ", revision=name)
        for name in ("none", "HEAD", "abcdef", "heads/main"):
            self.refuses("is neither a branch nor a tag", revision=name)
        self.refuses("0" * 40, revision="0" * 40)
        self.git("-C", self.repository, "tag", "main")
        self.refuses("is a branch, and a tag too")

    def test_no_commit(self):
        self.refuses("is neither a branch nor a tag")
        tree = self.tree((FILE, "a", "one"))
        self.refuses("", revision=tree.hex())
        blob = self.put("blob", b"x")
        self.refuses("", revision=blob.hex())
        self.commit(self.put("tree", b""))
        self.refuses("has nothing in it")

    def test_sha256(self):
        shutil.rmtree(self.repository)
        self.git("init", "-q", "--bare", "-b", "main", "--object-format=sha256", self.repository)
        (self.repository / "refs/heads/main").write_text("ab" * 32 + "\n")
        self.refuses("names its commit by SHA-256")

    # --- B61, B63: whose it is, and where it leads

    def test_owners(self):
        self.commit(self.tree((FILE, "a", "one")))
        for name in (".", "objects", "refs", "config", "HEAD"):
            part = self.repository / name
            mode = part.stat().st_mode & 0o7777
            part.chmod(mode | 0o020)
            self.refuses("can be written to by others")
            part.chmod(mode)
            if os.geteuid() == 0:
                os.chown(part, 4242, 0)
                self.refuses("can be written to by others")
                os.chown(part, 0, 0)
        self.takes()

    def test_elsewhere(self):
        self.commit(self.tree((FILE, "a", "one")))
        for name, text in (("objects/info/alternates", "/srv/other/objects\n"),
                           ("commondir", "/srv/other\n"), ("gitdir", "/srv/other\n")):
            path = self.repository / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            self.refuses("leads to another repository")
            path.unlink()
        work = self.top / "w"
        work.mkdir()
        (work / ".git").write_text(f"gitdir: {self.repository}\n")
        self.refuses("is no repository", repository=str(work))
        real = self.repository / "real"
        (self.repository / "objects").rename(real)
        (self.repository / "objects").symlink_to("real")
        self.refuses("is a link")

    def test_configuration_is_not_read(self):
        self.commit(self.tree((FILE, ".gitattributes", "* filter=evil text eol=crlf\n"),
                              (FILE, ".gitmodules", '[submodule "x"]\n\tpath = ../x\n\turl = x\n'),
                              (FILE, "a", "one\n")))
        flag = self.top / "flag"
        (self.repository / "config").write_text(
            f"[include]\n\tpath = {self.top}/more\n[core]\n\tbare = true\n"
            f"\tfsmonitor = touch {flag}\n\tworktree = /etc\n\tautocrlf = true\n"
            f"[filter \"evil\"]\n\tsmudge = touch {flag}\n\trequired = true\n")
        hook = self.repository / "hooks/post-checkout"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {flag}\n")
        hook.chmod(0o755)
        self.takes()
        self.assertEqual("one\n", self.text("a"))
        self.assertFalse(flag.exists())
        if not shutil.which("strace"):
            return
        shutil.rmtree(self.root / "opt/app")
        trace = self.top / "trace"
        subprocess.run(["strace", "-f", "-qq", "-o", trace, "-e", "trace=openat,open,execve",
                        archives_test.CONVERGE, "apply", "m.json", "--root", self.root,
                        "--state-dir", self.top / "state", "--host", "h"],
                       cwd=self.top / "world", capture_output=True, check=True)
        calls = trace.read_text()
        self.assertNotIn('config"', calls)
        self.assertNotIn("/more", calls)
        self.assertNotIn("hooks", calls)
        self.assertEqual(1, calls.count("execve("))

    # --- B62: entries

    def test_names(self):
        for name in ("..", "../../../etc/cron.d/evil", ".", ".git", ".GIT", ".git\u200c", "git~1",
                     "GIT~1", ".git ", ".git.", ".git::$INDEX_ALLOCATION", "a\nb", "\x1b[31m",
                     b"\xff", "a\\b", "", "n" * 256):
            self.commit(self.tree((FILE, "ok", "x"), (FILE, name, "evil")))
            self.refuses("")
            self.commit(self.tree((FOLDER, "d", self.tree((FILE, name, "evil")))))
            self.refuses("")
            self.commit(self.tree((FOLDER, name, self.tree((FILE, "x", "evil")))))
            self.refuses("")

    def test_twice(self):
        for one, other in (("a", "a"), ("a", "A"), ("\u00e4", "\u00c4")):
            self.commit(self.tree((FILE, one, "1"), (FILE, other, "2")))
            self.refuses("'")
        self.commit(self.tree((LINK, "l", "d"), (FOLDER, "l", self.tree((FILE, "x", "1")))))
        self.refuses("is there twice")

    def test_modes(self):
        blob = self.put("blob", b"x")
        for mode in ("100666", "100664", "104755", "20000", "0", "7777777777777"):
            self.commit(self.tree((mode, "a", blob)))
            self.refuses("")
        self.commit(self.tree((FILE, "ok", "x"), (MODULE, "m", b"x" * 20)))
        self.refuses("is a submodule")

    def test_links(self):
        for target in ("/etc/passwd", "..", "a/../..", "", "x\0y", "\x1b[31m", "x" * 5000):
            self.commit(self.tree((FILE, "ok", "x"), (LINK, "l", target)))
            self.refuses("")

    def test_types_that_are_not_said(self):
        blob, tree = self.put("blob", b"x"), self.tree((FILE, "x", "1"))
        self.commit(self.tree((FOLDER, "d", blob)))
        self.refuses("not an object of the type")
        self.commit(self.tree((FILE, "f", tree)))
        self.refuses("not an object of the type")

    # --- B57, B58, B60: bombs and damage

    def test_large_file(self):
        """1 MB that comes to 1 GiB: refused by its header."""
        self.commit(self.tree((FILE, "zeros", self.large(1 << 30))))
        self.refuses("is too large")
        self.assertLess(self.peak(), 64 * 1024)

    def test_deep_and_many(self):
        tree = self.tree((FILE, "x", "1"))
        for _ in range(5000):
            tree = self.tree((FOLDER, "d", tree))
        self.commit(tree)
        self.refuses("deeper than 100")
        tree = self.tree((FILE, "x", "1"))
        for _ in range(8):
            tree = self.tree(*[(FOLDER, str(i), tree) for i in range(10)])
        self.commit(tree)
        self.refuses("more than 200,000")

    def test_damage(self):
        tree = self.tree((FILE, "a", "one" * 1000))
        self.commit(tree)
        for path in sorted((self.repository / "objects").glob("??/*")):
            good = path.read_bytes()
            for bad in (b"", b"x" * 50,
                        zlib.compress(b"blob 3\0two"), zlib.compress(b"blob 99\0two")):
                path.chmod(0o644)
                path.write_bytes(bad)
                self.refuses("'")
            path.unlink()
            self.refuses("'")
            path.write_bytes(good)
        self.takes()
        self.commit(self.put("tree", b"100644 a\0short"))
        self.refuses("is a tree that is damaged")
        self.commit(self.put("tree", b"100644"))
        self.refuses("is a tree that is damaged")

    def test_pack_that_lies(self):
        self.commit(self.tree((FILE, "a", "one")))
        self.git("-C", self.repository, "gc", "-q")
        pack = next((self.repository / "objects/pack").glob("*.pack"))
        good = pack.read_bytes()
        pack.chmod(0o644)
        for bad in (good[:8] + struct.pack(">I", 2 ** 32 - 1) + good[12:], good[:30], b""):
            pack.write_bytes(bad)
            self.refuses("'")


if __name__ == "__main__":
    archives_test.CONVERGE, archives_test.PEAK = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
