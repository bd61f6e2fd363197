#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Archives that somebody made on purpose.

usage: archives_test.py CONVERGE PEAK

Each is made here, planned and applied. What is refused is refused before
anything comes to the target: the message names the archive's entry, escaped,
and below the root nothing has changed. What is taken is there as it should be,
and a second run has nothing to do.
"""
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

CONVERGE = ""
PEAK = ""
MIB = 1024 * 1024


def entry(name, content=b"", **more):
    """A member of a tar file, and what it holds."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


def folder(name, **more):
    return entry(name, type=tarfile.DIRTYPE, **more)


def symlink(name, target):
    return entry(name, type=tarfile.SYMTYPE, linkname=target)


def hardlink(name, target):
    return entry(name, type=tarfile.LNKTYPE, linkname=target)


def tar(*entries, form=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form,
                      encoding="utf-8", errors="surrogateescape") as t:
        for info, content in entries:
            t.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped(*entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in entries:
            z.writestr(name, content)
    return out.getvalue()


class Base(unittest.TestCase):
    """A root, a world, and what must hold of every run."""

    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="converge-archives-"))
        self.addCleanup(shutil.rmtree, self.top)
        self.root = self.top / "root"
        for name in ("root/opt/old", "root/etc", "world"):
            (self.top / name).mkdir(parents=True)
        for each in (self.top, self.root, self.root / "opt"):
            each.chmod(0o755)
        (self.root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n")
        (self.root / "opt/old/file").write_text("old")

    def look(self):
        """All that is below the root."""
        seen = {}
        for where, folders, files in os.walk(os.fsencode(self.root)):
            for name in folders + files:
                path = os.path.join(where, name)
                at = os.lstat(path)
                seen[path] = (at.st_mode, at.st_uid, at.st_ino, at.st_mtime_ns,
                              os.readlink(path) if stat.S_ISLNK(at.st_mode)
                              else None)
        return seen

    def run_(self, command):
        return subprocess.run(
            [PEAK, self.top / "peak", CONVERGE, command, "m.json", "--root",
             self.root, "--state-dir", self.top / "state", "--host", "h"],
            cwd=self.top / "world", stdin=subprocess.DEVNULL, text=True,
            capture_output=True, errors="surrogateescape", check=False)

    def is_refused(self, says):
        """By plan and by apply, with the message, and nothing is touched."""
        before = self.look()
        for command in ("plan", "apply"):
            run = self.run_(command)
            said = run.stdout + run.stderr
            self.assertEqual(1, run.returncode, said)
            self.assertIn(says, run.stderr)
            for c in said:
                self.assertTrue(c == "\n" or c.isprintable(), repr(said))
        self.assertEqual(before, self.look())

    def is_taken(self):
        """And a second run has nothing to do."""
        run = self.run_("apply")
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)
        before = self.look()
        for command in ("plan", "apply"):
            run = self.run_(command)
            self.assertEqual(0, run.returncode, run.stdout + run.stderr)
            self.assertIn("1 unchanged", run.stdout)
        self.assertEqual(before, self.look())
        self.assertEqual([], [n for n in before if b".converge" in n])

    def mode(self, name):
        return stat.S_IMODE(os.lstat(self.root / "opt/app" / name).st_mode)

    def text(self, name):
        return (self.root / "opt/app" / name).read_text()

    def peak(self):
        """KiB, of the last run."""
        return int((self.top / "peak").read_text().split()[1])


class Archives(Base):
    def write(self, archive, name="a.tar", target="/opt/app", **more):
        (self.top / "world" / name).write_bytes(archive)
        (self.top / "world/m.json").write_text(json.dumps(
            {"version": 1, "resources": {
                "archive:" + target: {"source": name, **more}}}))

    def refused(self, archive, says, name="a.tar", **more):
        self.write(archive, name, **more)
        self.is_refused(says)

    def taken(self, archive, name="a.tar", **more):
        self.write(archive, name, **more)
        self.is_taken()

    # --- what is taken

    def test_all_kinds_of_packing(self):
        plain = tar(entry("a", b"one", mode=0o644), entry("d/x", b"two", mode=0o755))
        packed = [plain, gzip.compress(plain), bz2.compress(plain),
                  lzma.compress(plain), zipped(("a", "one"), ("d/x", "two"))]
        zstd = shutil.which("zstd")
        if zstd:
            packed.append(subprocess.run([zstd, "-c"], input=plain, check=True,
                                         capture_output=True).stdout)
        for each in packed:
            self.taken(each, force=True)
            self.assertEqual("one", self.text("a"))
            self.assertEqual("two", self.text("d/x"))
            shutil.rmtree(self.root / "opt/app")

    def test_formats_of_tar(self):
        name = "n" * 120 + "/" + "m" * 200
        for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            self.taken(tar(entry(name, b"x"), form=form))
            self.assertEqual("x", self.text(name))
            shutil.rmtree(self.root / "opt/app")

    def test_names_that_are_not_ascii(self):
        self.taken(tar(entry("\u00fcber/\u65e5\u672c", b"x"), form=tarfile.PAX_FORMAT))
        self.assertEqual("x", self.text("\u00fcber/\u65e5\u672c"))

    def test_modes_are_ours(self):
        self.taken(tar(
            folder(".", mode=0o777), entry("u", mode=0o4755), entry("g", mode=0o2755),
            folder("t", mode=0o1777), entry("w", mode=0o777), entry("0", mode=0),
            entry("x", mode=0o700, uid=1234, gid=1234, uname="nobody")))
        self.assertEqual([0o755] * 5, [self.mode(n) for n in (".", "u", "g", "t", "w")])
        self.assertEqual([0o644, 0o755], [self.mode(n) for n in ("0", "x")])
        self.assertEqual(os.getuid(), os.lstat(self.root / "opt/app/x").st_uid)

    def test_links_inside(self):
        self.taken(tar(entry("a", b"x"), folder("d"), symlink("d/l", "../a"),
                       symlink("dangling", "d/none"), hardlink("h", "a")))
        self.assertEqual("../a", os.readlink(self.root / "opt/app/d/l"))
        self.assertEqual("x", self.text("h"))
        self.assertEqual(1, os.lstat(self.root / "opt/app/h").st_nlink)

    def test_attributes_are_not_restored(self):
        self.taken(tar(entry("a", b"x", pax_headers={
            "SCHILY.xattr.user.evil": "1", "SCHILY.acl.access": "user::rwx",
            "SCHILY.xattr.security.capability": "x",
            "LIBARCHIVE.xattr.user.evil": "MQ=="}), form=tarfile.PAX_FORMAT))
        self.assertEqual([], os.listxattr(self.root / "opt/app/a"))

    def test_names_that_look_like_options(self):
        self.taken(tar(entry("-rf"), entry("--help/x")))
        self.assertEqual("", self.text("-rf"))

    def test_strip(self):
        self.taken(tar(folder("app-1"), entry("README", b"gone"),
                       entry("app-1/bin/x", b"x")), strip_components=1)
        self.assertEqual(["bin"], os.listdir(self.root / "opt/app"))

    def test_another_version_needs_force_and_is_whole(self):
        self.taken(tar(entry("a", b"1"), entry("b", b"1")))
        self.write(tar(entry("a", b"2")))
        run = self.run_("apply")
        self.assertEqual(4, run.returncode)
        self.assertIn("holds 'b', which is not of its source", run.stderr)
        self.assertEqual("1", self.text("a"))
        self.taken(tar(entry("a", b"2")), force=True)
        self.assertEqual(["a"], os.listdir(self.root / "opt/app"))

    def test_what_is_edited_comes_back(self):
        archive = tar(entry("a", b"1"), entry("b", b"1", mode=0o755), symlink("l", "a"))
        for spoil in (lambda p: (p / "a").write_text("22"),
                      lambda p: (p / "a").write_text("2"),
                      lambda p: (p / "a").chmod(0o666),
                      lambda p: (p / "b").unlink(),
                      lambda p: ((p / "l").unlink(), (p / "l").symlink_to("b")),
                      lambda p: ((p / "a").unlink(), (p / "a").mkdir()),
                      lambda p: (shutil.rmtree(p), p.write_text("file"))):
            self.taken(archive, force=True)
            spoil(self.root / "opt/app")
            self.assertEqual(2, self.run_("plan").returncode)
            self.taken(archive, force=True)
            self.assertEqual("1", self.text("a"))

    def test_creates(self):
        archive = tar(entry("a", b"1"))
        self.taken(archive, creates="/opt/app/a")
        (self.root / "opt/app/a").write_text("edited")
        self.taken(archive, creates="/opt/app/a")
        self.assertEqual("edited", self.text("a"))

    def test_ignore(self):
        archive = tar(entry("etc/conf", b"1"), entry("a", b"1"))
        self.taken(archive, ignore=["etc"])
        (self.root / "opt/app/etc/conf").write_text("edited")
        (self.root / "opt/app/etc/more").write_text("more")
        self.taken(archive, ignore=["etc"])
        self.assertEqual("edited", self.text("etc/conf"))

    def test_absent(self):
        archive = tar(entry("a", b"1"))
        self.taken(archive)
        (self.root / "opt/app/b").write_text("mine")
        self.write(archive, ensure="absent")
        self.assertEqual(4, self.run_("apply").returncode)
        self.taken(archive, ensure="absent", force=True)
        self.assertFalse((self.root / "opt/app").exists())

    # --- B70: names that lead out

    def test_names(self):
        for name, says in (
                ("/etc/evil", "is absolute"), ("//etc/evil", "is absolute"),
                ("../evil", "leads out"), ("a/../../evil", "leads out"),
                ("a/..", "leads out"), ("..", "leads out"),
                ("C:\\x", "drive"), ("a\\..\\..\\x", "backslash"),
                ("a//b", "empty component"), ("a/./b", "'.'")):
            for archive in (tar(entry("ok"), entry(name)),
                            tar(entry("ok"), entry(name), form=tarfile.PAX_FORMAT)):
                self.refused(archive, says)
            self.refused(tar(entry("ok"), entry(name)), says, strip_components=1)
        for name in ("../evil", "/etc/evil", "a/../../evil"):
            self.refused(zipped(("ok", ""), (name, "x")), "a.zip", name="a.zip")

    # --- B71, B72: links

    def test_symlinks_out(self):
        for name, target in (("l", "/etc"), ("l", ".."), ("d/l", "../.."),
                             ("l", "a/../../x"), ("l", "a/../.."), ("d/l", "../../opt/app/d"),
                             ("l", "\x1b[31m")):
            self.refused(tar(folder("d"), symlink(name, target)), "leads out of it")

    def test_through_a_symlink(self):
        says = "is below one that is no folder"
        self.refused(tar(folder("d"), symlink("l", "d"), entry("l/x")), says)
        self.refused(tar(folder("d"), symlink("l", "d"), symlink("m", "l"),
                         symlink("n", "m"), entry("n/x")), says)
        self.refused(tar(entry("f"), entry("f/x")), says)

    def test_one_after_the_other(self):
        twice = "is there twice"
        self.refused(tar(symlink("l", "d"), folder("l"), entry("l/x")), twice)
        self.refused(tar(folder("l"), symlink("l", "d")), twice)
        self.refused(tar(folder("l"), entry("l/x"), symlink("l", "d"), folder("l")), twice)

    def test_hard_links(self):
        says = "is a hard link to what is no earlier file"
        for target in ("/etc/passwd", "../etc/passwd", "later", "l", "d", "h"):
            self.refused(tar(folder("d"), symlink("l", "d"), hardlink("h", target),
                             entry("later")), says)

    # --- B73: what is no file

    def test_special_files(self):
        for kind, says in ((tarfile.CHRTYPE, "is a character device"),
                           (tarfile.BLKTYPE, "is a block device"),
                           (tarfile.FIFOTYPE, "is a FIFO")):
            self.refused(tar(entry("ok"), entry("n", type=kind, devmajor=1, devminor=3)),
                         "'n' " + says)

    # --- B75: twice

    def test_twice(self):
        self.refused(tar(entry("a", b"1"), entry("a", b"2")), "'a' is there twice")
        self.refused(tar(folder("a"), entry("a")), "'a' is there twice")
        self.refused(tar(entry("a"), folder("a")), "'a' is there twice")
        self.refused(tar(entry("./a"), entry("a")), "'a' is there twice")
        for one, other in (("a/File", "a/fILE"), ("D/x", "d/x"), ("\u00c4", "\u00e4"),
                           ("\u0416", "\u0436")):
            self.refused(tar(entry(one), entry(other), form=tarfile.PAX_FORMAT), "only by case")
        self.refused(tar(entry("\u00e9"), entry("e\u0301"), form=tarfile.PAX_FORMAT), "twice")
        self.refused(tar(entry("q\u0301"), form=tarfile.PAX_FORMAT), "in two parts")
        self.refused(zipped(("a", "1"), ("A", "2")), "only by case", name="a.zip")
        self.refused(tar(entry("x/a"), entry("y/a")), "twice", strip_components=1)

    # --- B76: bombs

    def test_bomb_of_zeros(self):
        """100 kB that come to 100 MB; and to no more than it takes to tell."""
        bomb = io.BytesIO()
        with gzip.GzipFile(fileobj=bomb, mode="wb") as g:
            info = tarfile.TarInfo("zeros")
            info.size = 600 * MIB
            g.write(info.tobuf(tarfile.GNU_FORMAT))
            for _ in range(600):
                g.write(bytes(MIB))
            g.write(bytes(1024))
        self.refused(bomb.getvalue(), "more than 200 times")
        self.assertLess(self.peak(), 64 * 1024)
        self.refused(bomb.getvalue(), "more than 200 times", strip_components=3)

    def test_bomb_of_zip(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            with z.open("zeros", "w") as member:
                for _ in range(100):
                    member.write(bytes(MIB))
        self.refused(out.getvalue(), "more than 200 times", name="a.zip")

    def test_sizes_that_lie(self):
        for size in (2 ** 63 - 1, 5 << 30):
            info = tarfile.TarInfo("a")
            info.size = size
            self.refused(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024), "a")

    def test_sparse(self):
        info = tarfile.TarInfo("a")
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                            "GNU.sparse.name": "a",
                            "GNU.sparse.realsize": str(1 << 62)}
        body = b"1\n0\n1\n".ljust(512, b"\0") + b"x"
        info.size = len(body)
        self.refused(tar((info, body), form=tarfile.PAX_FORMAT), "4 GiB")

    def test_many_and_deep(self):
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as g:
            for i in range(200001):
                g.write(tarfile.TarInfo(f"{i}").tobuf(tarfile.GNU_FORMAT))
            g.write(bytes(1024))
        self.refused(out.getvalue(), "more than 200")
        self.refused(tar(entry("/".join("d" * 101))), "deeper than 100")
        self.refused(tar(entry("/".join("d" * 3000)), form=tarfile.PAX_FORMAT),
                     "longer than 4,095")

    # --- B78: what is no whole archive

    def test_damage(self):
        plain = tar(entry("a", b"x" * 5000))
        packed = gzip.compress(plain)
        wrong = bytearray(packed)
        wrong[-6] ^= 1
        for each in (b"", plain[:3000], plain[:100], packed[:-30], packed[:-3],
                     bytes(wrong), packed + b"garbage", packed + packed,
                     plain + b"garbage", gzip.compress(plain + b"garbage"),
                     bytes(10240), b"#!/bin/sh\n", b"Rar!\x1a\x07\x00" + bytes(100),
                     b"7z\xbc\xaf\x27\x1c" + bytes(100), b"070701" + bytes(200),
                     b"#mtree\na type=file\n", lzma.compress(plain)[:-20],
                     bz2.compress(plain)[:-20]):
            self.refused(each, "'a.tar'")
        good = zipped(("a", "x" * 5000))
        spoilt = bytearray(good)
        spoilt[40] ^= 0xff
        for each in (good[:-10], good + b"garbage", bytes(spoilt), b"PK"):
            self.refused(each, "'a.zip'", name="a.zip")

    def test_digest(self):
        archive = tar(entry("a", b"x"))
        digest = hashlib.sha256(archive).hexdigest()
        self.refused(archive, "has the SHA-256 digest " + digest, sha256="0" * 64)
        self.refused(b"no archive", "has the SHA-256 digest", sha256="0" * 64)
        self.refused(archive, "must be 64 hex digits", sha256=digest.upper())
        self.refused(archive, "must be 64 hex digits", sha256="")
        self.taken(archive, sha256=digest)

    # --- B79: names that are no text

    def test_odd_names(self):
        for name, says in (("a\nb", "a\\x0ab"), ("a\x1b[31mb", "a\\x1b[31mb"),
                           ("a\x7f", "a\\x7f"), ("a\u202eb", "\\xe2\\x80\\xae"),
                           ("n" * 256, "more than 255"),
                           ("a\udcffb", "not UTF-8")):
            self.refused(tar(entry("ok"), entry(name)), says)

    # --- where it may go

    def test_targets(self):
        archive = tar(entry("a"))
        for target in ("/", "/etc", "/usr", "/opt"):
            self.refused(archive, "is never", target=target)
        self.refused(archive, "must", target="/opt/../etc")
        for source, says in (("file:///a.tar", "'source'"),
                             ("https://example.org/a.tar", "'sha256' is missing")):
            self.write(archive, source=source)
            run = self.run_("plan")
            self.assertEqual(1, run.returncode)
            self.assertIn(says, run.stderr)

    def test_a_link_in_its_place(self):
        (self.root / "opt/app").symlink_to("/etc")
        self.write(tar(entry("passwd", b"evil")))
        self.assertEqual(4, self.run_("apply").returncode)
        self.taken(tar(entry("passwd", b"new")), force=True)
        self.assertFalse((self.root / "opt/app").is_symlink())

    # --- what it costs

    def test_memory(self):
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as g:
            for i in range(4):
                body = os.urandom(16 * MIB)
                info = tarfile.TarInfo(str(i))
                info.size = len(body)
                g.write(info.tobuf(tarfile.GNU_FORMAT) + body)
            g.write(bytes(1024))
        self.write(out.getvalue())
        self.assertEqual(0, self.run_("apply").returncode)
        self.assertLess(self.peak(), 64 * 1024)
        self.taken(out.getvalue())


if __name__ == "__main__":
    CONVERGE, PEAK = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
