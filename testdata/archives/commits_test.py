#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Manifests in commits that somebody made on purpose.

usage: commits_test.py CONVERGE PEAK

As repositories_test.py, for what is read by --rev: nothing but objects and
references is looked at, by a process that is confined, and what is refused is
refused in words before anything is changed.
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
from repositories_test import FILE, FOLDER, LINK, MODULE, Maker

WHO = "Ada <ada@example.org> 1000000000 +0000"
SMALL = 64 * 1024  # KiB
PLAIN = '{"version": 1, "resources": {"file:/opt/a": {"content": "x"}}}'


def manifest(**resources):
    return json.dumps({"version": 1, "resources": resources})


def sized(number):
    """A size in a delta: seven bits a byte, the lowest first."""
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def header(kind, size):
    """That of an object in a pack."""
    first = kind << 4 | size & 15
    size >>= 4
    return bytes([first | 128]) + sized(size) if size else bytes([first])


class Commits(Maker):
    source, rev, host = "repository.git/m.json", "main", "h"

    def run_(self, command):
        rev = ["--rev", self.rev] if self.rev is not None else []
        return subprocess.run(
            [archives_test.PEAK, self.top / "peak", archives_test.CONVERGE, command,
             self.source, *rev, "--root", self.root, "--state-dir", self.top / "state",
             "--host", self.host],
            cwd=self.top, stdin=subprocess.DEVNULL, text=True, capture_output=True,
            errors="surrogateescape", check=False)

    def commit(self, tree, branch="main", parents=(), message="m"):
        text = (f"tree {tree.hex()}\n" + "".join(f"parent {p}\n" for p in parents) +
                f"author {WHO}\ncommitter {WHO}\n\n{message}\n")
        made = self.put("commit", text.encode()).hex()
        (self.repository / "refs/heads" / branch).write_text(made + "\n")
        return made

    def plain(self, content="x", **more):
        """A commit with a manifest of one file."""
        return self.commit(self.tree((FILE, "m.json", PLAIN.replace("x", content))), **more)

    def refuses(self, says, rev="main"):
        self.rev = rev
        self.is_refused(says)

    def takes(self, rev="main"):
        self.rev = rev
        self.is_taken()

    def shows(self, rev, content):
        """What the manifest of a revision wants there."""
        self.rev = rev
        run = self.run_("apply")
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)
        self.assertEqual(content, (self.root / "opt/a").read_text())

    # --- which one (B64)

    def test_revisions(self):
        one = self.plain("1")
        side = self.plain("2", branch="side", parents=[one])
        self.plain("3", parents=[one, side], message="raise limit")
        self.git("-C", self.repository, "tag", "light", one)
        self.git("-C", self.repository, "-c", "user.name=a", "-c", "user.email=a", "tag", "-am",
                 "m", "heavy", side)
        self.git("-C", self.repository, "update-ref", "refs/remotes/origin/far", side)
        for packed in (False, True):
            for rev, content in (("main", "3"), ("HEAD", "3"), ("@", "3"),
                                 ("side", "2"), ("light", "1"), ("heavy", "2"),
                                 (one, "1"), (one[:4], "1"), (side[:7], "2"),
                                 ("main~1", "1"), ("main^", "1"), ("main^2", "2"),
                                 ("main^2~", "1"), ("main^0", "3"), ("heavy~1", "1"),
                                 ("refs/heads/side", "2"), ("refs/tags/light", "1"),
                                 ("origin/far", "2")):
                self.shows(rev, content)
            self.git("-C", self.repository, "gc", "-q", "--prune=now")
        self.assertTrue((self.repository / "packed-refs").exists())
        self.rev = "main"
        self.assertTrue(self.run_("plan").stdout.startswith('h at '))
        self.assertIn('"raise limit" (main)', self.run_("plan").stdout)
        (self.repository / "HEAD").write_text(one + "\n")
        self.shows("HEAD", "1")

    def test_hostile_revisions(self):
        self.plain()
        for rev in ("-x", "--upload-pack=x", "refs/../..", "../../x", "main..side", "a b", "/main",
                    "main@{1}", "main^{tree}", "a\x1bb", "a\nb", ":/m", "main:m.json", "main.lock",
                    ".git", "main~100001", "main~99999999999999999999", "main^x", "~1", "."):
            self.refuses("the revision '", rev)
        for rev in ("none", "abc", "abcdef0", "refs/heads/none", "heads/main", "objects", "config"):
            self.refuses("is no branch, tag or commit", rev)
        self.refuses("has no such parent", "main~1")
        self.refuses("has no such parent", "main^2")
        self.refuses("0" * 40, "0" * 40)
        self.git("-C", self.repository, "tag", "main")
        self.refuses("is a branch, and a tag too")

    def test_what_is_no_commit(self):
        blob, tree = self.put("blob", b"x"), self.tree((FILE, "m.json", PLAIN))
        for name in (blob, tree):
            self.refuses("is no commit", name.hex())
        who = "author A <a> 0 +0000\ncommitter A <a> 0 +0000\n"
        for text in ("", f"tree {blob.hex()}\n", f"tree {'0' * 39}\n{who}\nm", who,
                     f"tree {tree.hex()}\nauthor A\n\nm"):
            made = self.put("commit", text.encode()).hex()
            self.refuses("is a commit that is damaged", made)
        self.refuses("not an object of the type",
                     self.put("commit", f"tree {blob.hex()}\n{who}\nm".encode()).hex())
        loop = tree
        for i in range(12):
            loop = self.put("tag", b"object %s\ntype %s\ntag t\n\n" % (
                (loop.hex().encode(), b"tag" if i else b"tree")))
        self.refuses("too many tags", loop.hex())
        self.refuses("is a tag that is damaged", self.put("tag", b"object\n").hex())

    def test_heads(self):
        head = self.repository / "HEAD"
        self.refuses("there is no commit yet", "HEAD")
        self.plain()
        for text, says in (("ref: HEAD\n", "leads to no reference"),
                           ("ref: refs/heads/../../x\n", "leads to no reference"),
                           ("ref: /etc/shadow\n", "leads to no reference"),
                           ("", "damaged"), ("x" * 5000, ""), ("\x1b[31m\n", "damaged"),
                           ("ab" * 32 + "\n", "SHA-256"),
                           ("ref: refs/heads/none\n", "there is no commit yet")):
            head.write_text(text)
            self.refuses(says, "HEAD")
        loop = self.repository / "refs/heads/loop"
        loop.write_text("ref: refs/heads/loop\n")
        self.refuses("without end", "loop")
        (self.repository / "reftable").mkdir()
        self.refuses("in a format that is not read")

    def test_shallow(self):
        one = self.plain("1")
        two = self.plain("2", parents=[one])
        self.shows("main~1", "1")
        (self.repository / "objects" / one[:2] / one[2:]).unlink()
        (self.repository / "shallow").write_text(two + "\n")
        self.shows("main", "2")
        self.refuses("the repository is shallow", "main~1")
        self.refuses(f"'{one}' in the repository '{self.repository}' is not there: the clone is "
                     "shallow", "HEAD^")
        (self.repository / "shallow").unlink()
        self.refuses(f"'{one}' in the repository '{self.repository}' is not there\n", "main~1")

    # --- where it is

    def test_from_within_a_work_tree(self):
        self.commit(self.tree(
            (FILE, "converge.json", '{"version": 1}'),
            (FOLDER, "hosts", self.tree((FILE, "h.json", PLAIN.replace("{", '{"host": "h", ', 1)))),
            (FILE, "m.json", PLAIN)))
        work = self.top / "w"
        (work / "deep/er").mkdir(parents=True)
        self.repository.rename(work / ".git")
        for self.source in ("w/m.json", "w/hosts/h.json", "w", "w/deep/../m.json",
                            str(work / "m.json"), "w/.git/m.json"):
            self.takes()
            (self.root / "opt/a").unlink()
        for self.source in ("w/none.json", "w/deep/m.json", "w/m.json/x"):
            self.refuses("there is no '")
        for self.source, says in (("none/../../m.json", "is in no git repository"),
                                  ("w/none/../m.json", "the path"), ("world", "no git repository")):
            self.refuses(says)
        self.source = "w/m.json"
        self.rev = None
        self.assertIn("No such file", self.run_("plan").stderr + "No such file")
        self.assertEqual(1, self.run_("plan").returncode)

    def test_hosts(self):
        """B56: a name that is a path is no way out."""
        self.commit(self.tree(
            (FILE, "converge.json", '{"version": 1}'),
            (FOLDER, "hosts", self.tree(
                (FILE, "h.json", PLAIN.replace("{", '{"host": "other", ', 1))))))
        self.source = "repository.git"
        self.refuses("is for host 'other'")
        for self.host in ("../m", "../../etc/passwd"):
            self.refuses("is not a host's name")
        self.host = "none"
        self.refuses("hosts/none.json")
        self.host, self.rev = "h", None
        self.assertIn("is for host 'other'", self.run_("plan").stderr)

    # --- B61, B63: whose it is, and where it leads

    def test_owners(self):
        self.plain()
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
        self.plain()
        for name, text in (("objects/info/alternates", "/srv/other/objects\n"),
                           ("commondir", "/srv/other\n"), ("gitdir", "/srv/other\n")):
            path = self.repository / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            self.refuses("leads to another repository")
            path.unlink()
        work = self.top / "w"
        work.mkdir()
        self.source = "w/m.json"
        (work / ".git").write_text(f"gitdir: {self.repository}\n")
        self.refuses("leads to another repository")
        (work / ".git").unlink()
        (work / ".git").symlink_to(self.repository)
        self.refuses("leads to another repository")

    def test_nothing_else_is_looked_at(self):
        self.commit(self.tree(
            (FILE, ".gitattributes", "* filter=evil text eol=crlf\n"),
            (FILE, ".gitmodules", '[submodule "x"]\n\tpath = ../x\n\turl = x\n'),
            (FILE, "f", "one\n"),
            (FILE, "m.json", manifest(**{"file:/opt/a": {"source": "f"},
                                         "file:/opt/b": {"template": "t"}})),
            (FILE, "t", "{{host}}\n")))
        flag = self.top / "flag"
        (self.repository / "config").write_text(
            f"[include]\n\tpath = {self.top}/more\n[core]\n\tbare = true\n"
            f"\tfsmonitor = touch {flag}\n\tworktree = /etc\n\tautocrlf = true\n"
            f"[filter \"evil\"]\n\tsmudge = touch {flag}\n\trequired = true\n")
        hook = self.repository / "hooks/post-checkout"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {flag}\n")
        hook.chmod(0o755)
        for command, status in (("plan", 2), ("apply", 0)):
            self.look_at_calls(command, status)
        self.assertEqual("one\n", (self.root / "opt/a").read_text())
        self.assertFalse(flag.exists())

    def look_at_calls(self, command, status):
        """One program, and in the repository only who is confined reads."""
        if not shutil.which("strace"):
            return
        trace = self.top / "trace"
        run = subprocess.run(
            ["strace", "-f", "-qq", "-o", trace, "-e", "trace=openat,open,execve,read,pread64,mmap",
             "-y", archives_test.CONVERGE, command, self.source, "--rev", "main", "--root",
             self.root, "--state-dir", self.top / "state", "--host", "h"],
            cwd=self.top, capture_output=True, check=False)
        self.assertEqual(status, run.returncode, run.stderr)
        calls = trace.read_text(errors="replace").split("\n")
        main = calls[0].split()[0]
        self.assertEqual(1, sum("execve(" in call for call in calls))
        for call in calls:
            for other in ('config"', "/more", "hooks", "/etc/gitconfig", ".gitconfig"):
                self.assertNotIn(other, call)
            if f"<{self.repository}/" in call and call.split()[0] == main:
                self.assertRegex(call, "O_PATH|O_DIRECTORY")
        self.assertTrue(any("read(" in c and "objects" in c or "mmap(" in c and "objects" in c
                            for c in calls))

    # --- B62: entries

    def test_names(self):
        for name in ("..", "../../../etc/cron.d/evil", ".", ".git", ".GIT", ".git\u200c", "git~1",
                     "GIT~1", ".git ", ".git.", ".git::$INDEX_ALLOCATION", "a\nb", "\x1b[31m",
                     b"\xff", "a\\b", "", "n" * 256, "/etc"):
            low = (name if isinstance(name, bytes) else name.encode()) < b"m.json"
            entries = [(FILE, "m.json", PLAIN), (FILE, name, "evil")]
            self.commit(self.tree(*(reversed(entries) if low else entries)))
            self.refuses("' in '")
            self.commit(self.tree(
                (FOLDER, "d", self.tree((FILE, name, "evil"))),
                (FILE, "m.json", manifest(**{"directory:/opt/d": {"source": "d"}}))))
            self.refuses("' in '")

    def test_twice_and_unsorted(self):
        for first, second in (((FILE, "m.json", PLAIN), (FILE, "m.json", "{}")),
                              ((FILE, "m.json", PLAIN), (FILE, "a", "x"))):
            self.commit(self.tree(first, second))
            self.refuses("not in the order of git, or is there twice")
        self.commit(self.tree((FILE, "d", "x"), (FILE, "d.json", PLAIN),
                              (FOLDER, "d", self.tree((FILE, "x", "1")))))
        self.source = "repository.git/d.json"
        self.refuses("is there twice")

    def test_modes(self):
        blob = self.put("blob", PLAIN.encode())
        for mode in ("100666", "100664", "104755", "20000", "0", "7777777777777"):
            self.commit(self.tree((mode, "m.json", blob)))
            self.refuses("' in '")
        self.commit(self.tree((FILE, "m.json", PLAIN), (MODULE, "modules", b"x" * 20)))
        self.refuses("is a submodule")

    def test_links(self):
        inner = self.tree((FILE, "m.json", PLAIN))
        self.commit(self.tree((FOLDER, "d", inner), (LINK, "l", "d"), (LINK, "m.json", "d/m.json")))
        self.refuses("is a link")
        self.source = "repository.git/l/m.json"
        self.refuses("is a link")
        self.commit(self.tree(
            (LINK, "f", "/etc/shadow"), (FILE, "m.json", manifest(**{"file:/opt/a": {
                "source": "f"}}))))
        self.source = "repository.git/m.json"
        self.refuses("is a link")
        for path in ("../m.json", "/etc/shadow", "a//b", "./m.json", ""):
            self.commit(self.tree((FILE, "m.json", manifest(**{"file:/opt/a": {"source": path}}))))
            self.refuses("'source' ")

    def test_types_that_are_not_said(self):
        blob, tree = self.put("blob", b"x"), self.tree((FILE, "x", "1"))
        for attributes, entry in (({"source": "d/x"}, (FOLDER, "d", blob)),
                                  ({"source": "d"}, (FILE, "d", tree)),
                                  ({"source": "d"}, (LINK, "d", tree))):
            self.commit(self.tree(entry, (FILE, "m.json", manifest(**{"file:/opt/a": attributes}))))
            self.refuses("not an object of the type")

    # --- B57, B58, B60: bombs and damage

    def test_large_files(self):
        """1 MB that comes to 1 GiB, as what a manifest names and as itself."""
        zeros = self.large(1 << 30)
        for attributes in ({"source": "zeros"}, {"template": "zeros"}):
            self.commit(self.tree((FILE, "m.json", manifest(**{"file:/opt/a": attributes})),
                                  (FILE, "zeros", zeros)))
            self.refuses("is larger than 128 MiB")
            self.assertLess(self.peak(), SMALL)
        self.commit(self.tree((FILE, "m.json", zeros)))
        self.refuses("is larger than")
        self.assertLess(self.peak(), SMALL)
        self.commit(self.tree((FILE, "m.json", PLAIN), (FILE, "zeros", zeros)))
        self.takes()

    def test_many_entries(self):
        blob = self.put("blob", b"x")
        self.commit(self.put("tree", b"".join(
            b"100644 %07d\0" % i + blob for i in range(1000000))))
        self.refuses("is too large")
        self.assertLess(self.peak(), SMALL)
        self.commit(self.put("tree", b"".join(
            b"100644 %07d\0" % i + blob for i in range(300000))))
        self.refuses("more than 200,000")
        self.assertLess(self.peak(), SMALL)

    def test_deep_and_wide(self):
        mirror = (FILE, "m.json", manifest(**{"directory:/opt/d": {"source": "d"}}))
        tree = self.tree((FILE, "x", "1"))
        for _ in range(5000):
            tree = self.tree((FOLDER, "d", tree))
        self.commit(self.tree((FOLDER, "d", tree), mirror))
        self.refuses("deeper than 100")
        self.assertLess(self.peak(), SMALL)
        self.commit(self.tree((FOLDER, "d", tree), (FILE, "m.json", manifest(
            **{"file:/opt/a": {"source": "d/" * 2000 + "x"}}))))
        self.refuses("deeper than 100")
        tree = self.tree((FILE, "x", "1"))
        for _ in range(8):
            tree = self.tree(*[(FOLDER, str(i), tree) for i in range(10)])
        self.commit(self.tree((FOLDER, "d", tree), mirror))
        self.refuses("more than")

    def pack(self, size, text):
        """One of two blobs: zeros, and a text that is a delta of them."""
        packer = zlib.compressobj(9)
        sha = hashlib.sha1(f"blob {size}\0".encode())
        zeros = header(3, size)
        for _ in range(size >> 20):
            sha.update(bytes(1 << 20))
            zeros += packer.compress(bytes(1 << 20))
        zeros += packer.flush()
        delta = sized(size) + sized(len(text)) + bytes([len(text)]) + text
        name = hashlib.sha1(f"blob {len(text)}\0".encode() + text).digest()
        other = header(7, len(delta)) + sha.digest() + zlib.compress(delta)
        head = struct.pack(">4sII", b"PACK", 2, 2)
        body = head + zeros + other
        body += hashlib.sha1(body).digest()
        rows = sorted([(sha.digest(), len(head), zlib.crc32(zeros)),
                       (name, len(head) + len(zeros), zlib.crc32(other))])
        index = struct.pack(">II", 0xff744f63, 2)
        index += b"".join(struct.pack(">I", sum(row[0][0] <= i for row in rows))
                          for i in range(256))
        index += b"".join(row[0] for row in rows)
        index += b"".join(struct.pack(">I", row[2]) for row in rows)
        index += b"".join(struct.pack(">I", row[1]) for row in rows)
        index += body[-20:]
        index += hashlib.sha1(index).digest()
        folder = self.repository / "objects/pack"
        for each in folder.iterdir():
            each.unlink()
        (folder / f"pack-{body[-20:].hex()}.pack").write_bytes(body)
        (folder / f"pack-{body[-20:].hex()}.idx").write_bytes(index)
        return name

    def test_delta_bomb(self):
        """A small manifest that is what differs from 1 GiB of zeros."""
        self.commit(self.tree((FILE, "m.json", self.pack(1 << 20, PLAIN.encode()))))
        self.takes()
        (self.root / "opt/a").unlink()
        for size in (1 << 28, 1 << 30):
            text = PLAIN.replace("x", str(size))
            self.commit(self.tree((FILE, "m.json", self.pack(size, text.encode()))))
            self.refuses("leads to what is")
            self.assertLess(self.peak(), SMALL)

    def test_stored_larger_than_it_says(self):
        """A file that goes on for long behind a small object."""
        blob = self.put("blob", PLAIN.encode())
        self.commit(self.tree((FILE, "m.json", blob)))
        path = self.repository / "objects" / blob.hex()[:2] / blob.hex()[2:]
        with open(path, "ab") as f:
            f.truncate(1 << 29)
        self.refuses("is too large")
        self.assertLess(self.peak(), SMALL)
        packed = zlib.compress(b"blob 3\0" + bytes(1 << 27), 9)
        path.write_bytes(packed)
        self.refuses("'")
        self.assertLess(self.peak(), SMALL)

    def test_damage(self):
        self.commit(self.tree((FILE, "f", "one" * 1000), (FILE, "m.json", manifest(
            **{"file:/opt/a": {"source": "f"}}))))
        for path in sorted((self.repository / "objects").glob("??/*")):
            good = path.read_bytes()
            for bad in (b"", b"x" * 50, zlib.compress(b"blob 3\0two"),
                        zlib.compress(b"blob 99\0two")):
                path.unlink()
                path.write_bytes(bad)
                self.refuses("' in the repository '")
            path.unlink()
            self.refuses("' in the repository '")
            path.write_bytes(good)
        self.takes()

    def test_pack_that_lies(self):
        self.plain()
        self.git("-C", self.repository, "gc", "-q")
        pack = next((self.repository / "objects/pack").glob("*.pack"))
        good = pack.read_bytes()
        pack.chmod(0o644)
        for bad in (good[:8] + struct.pack(">I", 2 ** 32 - 1) + good[12:], good[:30], b""):
            pack.write_bytes(bad)
            self.refuses("'")

    # --- what people see

    def test_texts_of_others(self):
        """A commit's words do not speak to terminals, or to systems that run jobs."""
        tree = self.tree((FILE, "m.json", PLAIN))
        self.commit(tree, message="\x1b[31mred\x07 ::set-env name=x::y ##[command]z")
        self.rev = "main"
        for command in ("plan", "apply"):
            run = self.run_(command)
            self.assertIn("\\x1b[31mred", run.stdout)
            self.assertNotIn("\x1b", run.stdout)
            self.assertNotIn("##[", run.stdout)

    def test_the_catalog_is_kept_by_commit(self):
        text = self.put("blob", b"{{host}}").hex()
        one = self.commit(self.tree((FILE, "m.json", manifest(**{"file:/opt/a": {
            "template": "t"}})), (FILE, "t", bytes.fromhex(text))))
        self.takes()
        (self.repository / "objects" / text[:2] / text[2:]).unlink()
        self.takes()
        self.takes(one)
        self.shows(self.plain("2"), "2")
        self.refuses("' in the repository '", one)

    def test_a_saved_plan_is_of_its_commit(self):
        self.plain("1")
        plan = self.top / "p.plan"
        command = [archives_test.CONVERGE, "plan", self.source, "--rev", "main", "--root",
                   self.root, "--state-dir", self.top / "state", "--host", "h", "--out", plan]
        self.assertEqual(2, subprocess.run(command, cwd=self.top, check=False,
                                           capture_output=True).returncode)
        self.plain("2")
        self.source, self.rev = "p.plan", None
        run = self.run_("apply")
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertEqual("1", (self.root / "opt/a").read_text())
        document = json.loads(plan.read_text())
        for evil in ("-x", "main", "0" * 40, "", 7):
            document["revision"] = evil
            plan.write_text(json.dumps(document))
            self.assertIn(self.run_("apply").returncode, (1, 5), evil)


if __name__ == "__main__":
    archives_test.CONVERGE, archives_test.PEAK = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
