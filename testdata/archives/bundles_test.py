#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Bundles: whose are taken, and those that somebody made on purpose.

usage: bundles_test.py CONVERGE PEAK

Hosts have no network: where that can be had, all runs are in a namespace of
their own. What is refused leaves everything below the root as it was.
"""
import fcntl
import hashlib
import io
import json
import os
import pathlib
import shutil
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import unittest

CONVERGE = ""
PEAK = ""
ALONE = ["unshare", "-n"]
if subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
    ALONE = []
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
}


def blocks(*pieces):
    """A frame of zstd (RFC 8878) of blocks that are stored: bytes, or a byte
    and how often it is there."""
    out = struct.pack("<IBB", 0xfd2fb528, 0, 0x60)
    raw = []
    for piece in pieces:
        if isinstance(piece, tuple):
            byte, n = piece
            while n:
                size = min(n, 128 * 1024)
                raw.append((1, size, bytes([byte])))
                n -= size
        else:
            for at in range(0, len(piece), 128 * 1024):
                part = piece[at:at + 128 * 1024]
                raw.append((0, len(part), part))
    for i, (kind, size, part) in enumerate(raw):
        last = i == len(raw) - 1
        out += struct.pack("<I", last | kind << 1 | size << 3)[:3] + part
    return out


def tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for name, content, *more in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in (more[0] if more else {}).items():
                setattr(info, key, value)
            t.addfile(info, io.BytesIO(content))
    return out.getvalue()


def unpack(bundle):
    plain = subprocess.run(["zstd", "-dc"], input=bundle, check=True,
                           capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(plain)) as t:
        return [(m.name, t.extractfile(m).read()) for m in t]


def with_head(members, **more):
    """The members of a bundle, of which bundle.json tells the truth."""
    head = json.loads(members[0][1])
    head["objects"] = len(members) - 1
    head["sha256"] = hashlib.sha256(
        b"".join(content for _, content, *_ in members[1:])).hexdigest()
    head.update(more)
    return [("bundle.json", json.dumps(head).encode())] + members[1:]


def as_object(kind, content):
    text = kind.encode() + b" %d\0" % len(content) + content
    return "objects/" + hashlib.sha1(text).hexdigest(), text


class Base(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="converge-bundles-"))
        self.addCleanup(shutil.rmtree, self.top)
        self.top.chmod(0o755)
        self.world = self.top / "world"
        self.root = self.top / "root"
        for name in ("world/hosts", "world/roles", "world/files/d", "root/etc"):
            (self.top / name).mkdir(parents=True)
        self.put("converge.json", '{"version": 1}')
        for host in ("h", "i"):
            self.put(f"hosts/{host}.json", json.dumps(
                {"version": 1, "host": host, "roles": ["web"]}))
        self.put("roles/web.json", json.dumps({"resources": {
            "file:/etc/motd": {"source": "files/motd"},
            "directory:/etc/d": {"source": "files/d"}}}))
        for i in range(20):
            self.put(f"files/d/{i}", hashlib.sha256(b"%d" % i).hexdigest())
        self.git("init", "-q", "-b", "main")
        self.commit("one")

    def put(self, name, text):
        (self.world / name).write_text(text)

    def git(self, *words):
        return subprocess.run(["git", *words], cwd=self.world, check=True,
                              env=ENVIRONMENT, capture_output=True,
                              text=True).stdout.strip()

    def commit(self, motd, *options):
        self.put("files/motd", motd + "\n")
        self.git("add", ".")
        self.git(*options, "commit", "-qm", motd, "--allow-empty")
        return self.git("rev-parse", "HEAD")

    def bundle(self, rev="main", hosts=("h",)):
        run = subprocess.run(
            [CONVERGE, "bundle", *hosts, "--rev", rev, "--out",
             self.top / "made", "--world", self.world], text=True,
            capture_output=True, check=False)
        self.assertEqual(0, run.returncode, run.stderr)
        return (self.top / "made").read_bytes()

    def write(self, bundle):
        (self.top / "b").write_bytes(bundle)

    def run_(self, *words, host="h"):
        acts = words[0] in ("plan", "apply")
        has_root = acts or words[0] in ("status", "history")
        return subprocess.run(
            [PEAK, self.top / "peak", *ALONE, CONVERGE, *words,
             *(["--root", self.root] if has_root else []),
             *(["--host", host] if acts and host else [])],
            cwd=self.top, stdin=subprocess.DEVNULL, text=True,
            capture_output=True, errors="surrogateescape", check=False)

    def look(self):
        """All that is below the root, but the state of runs: that, only what
        they took of a world."""
        seen = {}
        for where, folders, files in os.walk(os.fsencode(self.root)):
            in_state = b"/var" in where
            for name in files if in_state else folders + files:
                path = os.path.join(where, name)
                if b"/var" in path and b"world.git/objects/" not in path \
                        and b"world.git/refs/" not in path:
                    continue
                at = os.lstat(path)
                is_file = stat.S_ISREG(at.st_mode)
                seen[path] = (at.st_mode, at.st_ino, at.st_mtime_ns if is_file
                              else 0)
        return seen

    def is_refused(self, says, *words):
        before = self.look()
        for command in ("plan", "apply"):
            run = self.run_(command, "b", *words)
            said = run.stdout + run.stderr
            self.assertEqual(1, run.returncode, said)
            self.assertIn(says, run.stderr)
            for c in said:
                self.assertTrue(c == "\n" or c.isprintable(), repr(said))
        self.assertEqual(before, self.look())

    def is_taken(self, motd, *words):
        run = self.run_("apply", "b", *words)
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)
        self.assertEqual(motd, self.motd())
        run = self.run_("plan", "b", *words)
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)
        return run.stderr

    def motd(self):
        return (self.root / "etc/motd").read_text().strip()


class Evil(Base):
    """Nobody vouches for what is in them but who runs it."""

    def setUp(self):
        super().setUp()
        self.good = unpack(self.bundle())

    def refused(self, members, says):
        self.write(blocks(tar(members)))
        self.is_refused(says)
        run = self.run_("check", "b")
        self.assertEqual(1, run.returncode, run.stdout + run.stderr)

    def find(self, path):
        """Which member is the object of a file."""
        name = "objects/" + self.git("rev-parse", f"main:{path}")
        return [name for name, _ in self.good].index(name)

    def test_a_good_one_made_by_others(self):
        self.write(blocks(tar(with_head(self.good))))
        self.is_taken("one")

    def test_cut_short(self):
        bundle = self.bundle()
        self.assertGreater(len(bundle), 2000)
        for n in range(0, len(bundle), 64):
            self.write(bundle[:n])
            self.is_refused("b")
        self.write(bundle[:-1])
        self.is_refused("b")

    def test_one_bit_is_another(self):
        bundle = self.bundle()
        for at in range(0, len(bundle), 61):
            bad = bytearray(bundle)
            bad[at] ^= 1 << at % 8
            self.write(bytes(bad))
            before = self.look()
            run = self.run_("plan", "b")
            self.assertEqual(before, self.look())
            if run.returncode == 2:  # what does not count, as who packed it
                self.assertIn("22 to create", run.stdout)
            else:
                self.assertEqual(1, run.returncode, run.stderr)

    def test_no_archive(self):
        for bad, says in ((b"", "b"), (b"\x28\xb5\x2f\xfd", "no whole archive"),
                          (blocks(b"hello" * 1000), "no whole archive"),
                          (blocks(b"\0" * 10240), "nothing in it")):
            self.write(bad)
            self.is_refused(says)

    def test_something_behind_it(self):
        self.write(blocks(tar(self.good)) + b"more")
        self.is_refused("b")
        self.write(blocks(tar(self.good) + b"more"))
        self.is_refused("goes on behind its end")

    def test_no_bundle(self):
        self.refused([("a", b"x")], "is no bundle")
        self.refused(self.good[1:] + self.good[:1], "is no bundle")
        self.refused([("bundle.json", b"x" * (5 << 20))] + self.good[1:],
                     "is no bundle")
        self.refused([("bundle.json", b"")] + self.good[1:], "is no bundle")

    def test_wrong_heads(self):
        for more, says in (
                ({"format": "converge.bundle/2"}, "'format' is not one"),
                ({"revision": "main"}, "'revision' must be"),
                ({"revision": "0" * 40}, "is named by none"),
                ({"hosts": []}, "'hosts' must be"),
                ({"hosts": "h"}, "'hosts' must be"),
                ({"hosts": ["../h"]}, "'hosts' must be"),
                ({"hosts": ["i", "h"]}, "'hosts' must be sorted"),
                ({"path": "../x"}, "'path'"), ({"path": "/etc"}, "'path'"),
                ({"objects": 1}, "does not hold what"),
                ({"objects": 10**9}, "tells of more"),
                ({"objects": -1}, "'objects' must be"),
                ({"sha256": "0" * 64}, "does not hold what"),
                ({"sha256": "\x1b[31m"}, "'sha256' must be"),
                ({"more": 1}, "a key that is not known")):
            self.refused(with_head(self.good, **more), says)
        self.refused([("bundle.json", b"[1]")] + self.good[1:], "bundle.json")
        self.refused([("bundle.json", b"[" * 100000)] + self.good[1:],
                     "bundle.json")

    def test_another_path(self):
        self.refused(with_head(self.good, path="files"), "no converge.json")

    def test_bytes_that_are_others(self):
        for i in range(1, len(self.good)):
            name, content = self.good[i]
            bad = list(self.good)
            bad[i] = (name, content[:-1] + b"!")
            self.refused(with_head(bad), "is not what its name says")

    def test_objects_of_others(self):
        for one in (as_object("blob", b"evil"), as_object("tree", b"")):
            self.refused(with_head(self.good + [one]), "is named by none")
            self.refused(with_head(self.good[:1] + [one] + self.good[1:]),
                         "is named by none")

    def test_types_and_sizes(self):
        i = self.find("files/motd")
        name, content = self.good[i]
        for text in (b"tree 4\0one\n", b"blob 5\0one\n", b"blob 04\0one\n",
                     b"blob 4", b"blob 4" + b" " * 100 + b"\0one\n",
                     b"BLOB 4\0one\n", b"tag 4\0one\n", b"\0one\n"):
            bad = list(self.good)
            bad[i] = (name, text)
            self.refused(with_head(bad), "object")

    def test_trees_that_are_damaged(self):
        bad = as_object("tree", b"100644 a\0short")
        commit = self.good[1][1].partition(b"\0")[2]
        tip = as_object("commit", b"tree " + bad[0][8:].encode() + commit[45:])
        self.refused(with_head([self.good[0], tip, bad],
                               revision=tip[0][8:]), "is damaged")
        for name in (b"..", b".git", b"a/b", b"", b"\xff"):
            one = as_object("tree", b"100644 " + name + b"\0" + b"\1" * 20)
            tip = as_object("commit",
                            b"tree " + one[0][8:].encode() + commit[45:])
            self.refused(with_head([self.good[0], tip, one],
                                   revision=tip[0][8:]), "b")

    def test_names(self):
        some = self.good[2][1]
        for name in ("../evil", "/etc/evil", "objects/../../evil", "objects/x",
                     "objects/" + "A" * 40, "objects/" + "0" * 39, "other",
                     "objects/" + "0" * 40 + "/x", "objects/\x1b[31m"):
            self.refused(self.good + [(name, some)], "entry")

    def test_twice(self):
        self.refused(with_head(self.good + [self.good[2]]), "is there twice")
        self.refused(self.good + [self.good[0]], "is there twice")

    def test_kinds(self):
        name = "objects/" + "0" * 40
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE,
                     tarfile.FIFOTYPE, tarfile.DIRTYPE):
            self.refused(self.good + [(name, b"", {
                "type": kind, "linkname": self.good[1][0]})], "entry")

    def test_missing_objects(self):
        for path, says in (
                ("", "named by none"), ("files", "named by none"),
                ("files/d", "'files/d' in "), ("files/motd", "'files/motd' in "),
                ("files/d/7", "'files/d/7' in "), ("roles", "'roles' in "),
                ("roles/web.json", "'roles/web.json' in "),
                ("converge.json", "'converge.json' in "),
                ("hosts/h.json", "'hosts/h.json' in ")):
            lost = {self.find(path)}
            if path in ("files/d", "roles"):
                lost |= {self.find(each) for each in self.git(
                    "ls-tree", "-r", "--name-only", "main", path).split()}
            self.write(blocks(tar(with_head(
                [m for i, m in enumerate(self.good) if i not in lost]))))
            before = self.look()
            for command in ("plan", "apply"):
                run = self.run_(command, "b")
                self.assertIn(run.returncode, (1, 4, 6), run.stdout)
                self.assertIn(says, run.stderr + run.stdout)
            after = self.look()
            self.assertEqual({}, {path: 1 for path in before
                                  if before[path] != after.get(path)})

    def test_bombs(self):
        head = tar(self.good[:2])[:-10240]
        info = tarfile.TarInfo("objects/" + "0" * 40)
        for size in (1 << 32, 100 << 20, (8 << 30) - 1):
            info.size = size
            self.write(blocks(head, info.tobuf(tarfile.USTAR_FORMAT),
                              (0, min(size, 5 << 30))))
            self.assertLess((self.top / "b").stat().st_size, 300000)
            self.is_refused("b")
            self.assertLess(int((self.top / "peak").read_text().split()[1]),
                            200 * 1024)

    def test_sizes_that_are_not_there(self):
        info = tarfile.TarInfo(self.good[2][0])
        info.size = 1 << 30
        self.write(blocks(tar(self.good[:2])[:-10240]
                          + info.tobuf(tarfile.USTAR_FORMAT) + b"x" * 512))
        self.is_refused("no whole archive")


class Made(Base):
    def test_nothing_that_no_host_takes(self):
        for size, status in ((8 << 20, 0), (64 << 20, 1)):
            self.put("files/d/zeros", "0" * size)
            self.commit("zeros")
            run = self.run_("bundle", "h", "--rev", "main", "--out", "b",
                            "--world", self.world)
            self.assertEqual(status, run.returncode, run.stderr)
            self.assertEqual(not status, (self.top / "b").exists())
            if not status:
                self.is_taken("zeros")
                (self.top / "b").unlink()
        self.assertIn("more than 200 times", run.stderr)
        self.assertEqual([], list(self.top.glob(".converge-*")))

    def test_of_a_shallow_clone(self):
        self.commit("two")
        self.git("clone", "-q", "--depth=1", f"file://{self.world}",
                 self.top / "clone")
        run = self.run_("bundle", "h", "--rev", "HEAD", "--out", "b",
                        "--world", self.top / "clone")
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertIn("is shallow", run.stderr)
        self.is_taken("two")


class Trusted(Base):
    """A host that has an agent.json."""

    def setUp(self):
        super().setUp()
        self.etc = self.root / "etc/converge"
        self.etc.mkdir(mode=0o755)
        lines = ""
        for name in ("signer", "other"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-C", name, "-f", self.top / name], check=True)
        lines = "ada@example.org namespaces=\"git\" " + (
            self.top / "signer.pub").read_text()
        (self.etc / "allowed_signers").write_text(lines)
        self.agent()
        for path in self.etc.iterdir():
            path.chmod(0o644)
        # the first commit has no signature
        self.one = self.signed("two")

    def agent(self, **more):
        (self.etc / "agent.json").write_text(json.dumps(
            {"version": 1, "url": "https://127.0.0.1:1/world.git", **more}))

    def signed(self, motd, key="signer"):
        return self.commit(
            motd, "-c", "gpg.format=ssh", "-c",
            f"user.signingkey={self.top / key}", "-c", "commit.gpgsign=true")

    def test_what_a_signer_signed(self):
        self.write(self.bundle())
        self.assertEqual("", self.is_taken("two"))
        self.signed("three")
        self.commit("four")
        self.signed("five")
        self.write(self.bundle())
        self.assertEqual("", self.is_taken("five"))

    def test_nobodys(self):
        self.write(self.bundle())
        self.is_taken("two")
        bad = self.commit("bad")
        self.write(self.bundle())
        self.is_refused(f"commit {bad} is not signed")
        bad = self.signed("bad", "other")
        self.write(self.bundle())
        self.is_refused(f"commit {bad} is not signed by one who is trusted")
        self.is_refused("is not signed", f"--allow-rollback={bad}")

    def test_goes_back_for_nobody(self):
        old = self.bundle()
        two = self.one
        self.signed("three")
        self.write(self.bundle())
        self.is_taken("three")
        self.write(old)
        self.is_refused("is not a descendant of")
        self.git("checkout", "-q", "--orphan", "else")
        self.signed("else")
        self.write(self.bundle("else"))
        self.is_refused("is not a descendant of")
        self.write(old)
        self.is_taken("two", f"--allow-rollback={two}")

    def test_what_it_comes_from_is_asked_of_the_database_alone(self):
        self.write(self.bundle())
        self.is_taken("two")
        shutil.rmtree(self.root / "var/lib/converge/world.git")
        self.signed("three")
        self.write(self.bundle())
        run = self.run_("apply", "b")
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertIn("has lost the commit", run.stderr)
        self.assertEqual("three", self.motd())

    def test_without_what_it_comes_from(self):
        self.write(self.bundle())
        self.is_taken("two")
        self.signed("three")
        self.write(self.without(self.one))
        # the host itself has it
        self.is_taken("three")
        self.signed("four")
        self.signed("five")
        self.write(self.without(self.git("rev-parse", "main~1")))
        self.is_refused("is not a descendant of")

    def without(self, commit):
        """A bundle without that one, and all that it comes from."""
        old = self.git("rev-list", commit).split()
        return blocks(tar(with_head([m for m in unpack(self.bundle())
                                     if m[0][8:] not in old])))

    def test_old_ones(self):
        self.write(self.bundle())
        self.is_taken("two")
        self.signed("three")
        self.agent(max_age=1)
        self.write(self.bundle())
        subprocess.run(["sleep", "2.1"], check=True)
        self.is_refused("stale: the commit given")

    def test_other_hosts(self):
        self.write(self.bundle(hosts=("i",)))
        self.is_refused("is a bundle for i, not for 'h'")

    def evil(self):
        """A signed commit that has another world in a folder; its bundle."""
        evil = self.world / "files/evil"
        (evil / "hosts").mkdir(parents=True)
        (evil / "converge.json").write_text('{"version": 1}')
        (evil / "hosts/h.json").write_text(json.dumps(
            {"version": 1, "host": "h", "resources": {
                "file:/etc/motd": {"content": "evil"}}}))
        self.signed("three")
        return unpack(self.bundle())

    def test_a_folder_that_nobody_signed(self):
        """bundle.json is anybody's, and a branch is read at its root."""
        good = self.evil()
        for path in ("files/evil", "files", "files/evil/hosts/h.json", "else"):
            self.write(blocks(tar(with_head(good, path=path))))
            self.is_refused(f"says that the world is in '{path}'")
        # whose word counts there is who runs it
        self.write(blocks(tar(with_head(good, path="files/evil"))))
        self.assertEqual(0, self.run_("check", "b").returncode)
        self.write(blocks(tar(with_head(good))))
        self.is_taken("three")
        (self.etc / "agent.json").unlink()
        self.write(blocks(tar(with_head(good, path="files/evil"))))
        self.is_taken("evil")

    def test_goes_on_with_it(self):
        """The next run has no SOURCE, and no server."""
        self.write(self.bundle())
        self.is_taken("two")
        (self.root / "etc/motd").write_text("by hand")
        run = self.run_("apply")
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)
        self.assertIn("going on with commit " + self.one[:12], run.stderr)
        self.assertEqual("two", self.motd())

    def test_a_saved_plan_is_for_the_host_of_agent_json(self):
        for host, status in (("h", 0), ("i", 5)):
            self.agent(host="h")
            self.write(self.bundle(hosts=("h", "i")))
            run = self.run_("plan", "b", "--out", "p", host=None)
            self.assertEqual(2, run.returncode, run.stderr)
            self.agent(host=host)
            before = self.look()
            run = self.run_("apply", "p", host=None)
            self.assertEqual(status, run.returncode, run.stderr)
            if status:
                self.assertIn("is stale: it is for another host", run.stderr)
                self.assertEqual(before, self.look())
            else:
                (self.root / "etc/motd").unlink()

    def test_a_plan_keeps_nothing(self):
        self.write(self.bundle())
        before = self.look()
        run = self.run_("plan", "b")
        self.assertEqual(2, run.returncode, run.stderr)
        self.assertEqual(before, self.look())

    def test_whose_word_it_is(self):
        self.write(self.bundle())
        (self.etc / "agent.json").chmod(0o666)
        self.is_refused("others may write to it")
        (self.etc / "agent.json").chmod(0o644)
        (self.etc / "allowed_signers").unlink()
        self.is_refused("No such file")
        (self.etc / "agent.json").write_text("{")
        self.is_refused("agent.json")
        (self.etc / "agent.json").unlink()
        (self.etc / "agent.json").symlink_to("/dev/null")
        self.is_refused("is a link")

    def status(self, *want):
        """Whether all is well, and the words that tell of it."""
        run = self.run_("status")
        for words in want:
            self.assertIn(words, run.stdout)
        well = {0: True, 1: False}[run.returncode]
        self.assertEqual(well, "status: all is well" in run.stdout)
        return well

    def test_what_was_refused_is_written_down(self):
        self.write(self.bundle())
        good = unpack(self.bundle())
        self.is_taken("two")
        self.assertTrue(self.status(f"world: newest {self.one[:7]} at ",
                                    f", from {self.top}/b"))
        bad = self.commit("bad")
        self.write(self.bundle())
        self.is_refused("is not signed")
        self.assertFalse(self.status(f"world: refused {bad[:7]} at ",
                                     f"status: commit {bad} is not signed",
                                     f"commit: {self.one[:7]}, "))
        self.assertIn(f" {bad[:7]}  -        refused",
                      self.run_("history").stdout)
        self.write(blocks(tar(with_head(good))))
        self.is_taken("two")
        self.assertTrue(self.status(f"before that: refused {bad[:7]} at "))
        self.write(blocks(tar(with_head(good, path="roles"))))
        self.is_refused("")
        self.assertFalse(self.status("says that the world is in 'roles'",
                                     f"refused {self.one[:7]} at "))
        self.write(b"\x28\xb5\x2f\xfd")
        self.is_refused("")
        self.assertFalse(self.status("world: refused at ", "no whole archive"))
        # what is signed, and of no use
        self.put("hosts/h.json", '{"version": 1, "host": "h", "roles": ["x"]}')
        bad = self.signed("wrong")
        self.write(self.bundle())
        self.assertEqual(1, self.run_("apply", "b").returncode)
        self.assertFalse(self.status(f"world: refused {bad[:7]} at ",
                                     "hosts/h.json"))

    def test_what_is_not_asked_is_not_written_down(self):
        self.write(self.bundle())
        self.is_taken("two")
        before = self.run_("history").stdout
        lock = self.root / "var/lib/converge/lock"
        self.commit("bad")
        self.write(self.bundle())
        with open(lock, "r+", encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertEqual(75, self.run_("apply", "b").returncode)
        (self.top / "m.json").write_text("{")
        self.assertEqual(1, self.run_("apply", "m.json").returncode)
        (self.etc / "agent.json").unlink()
        self.write(b"\x28\xb5\x2f\xfd")
        self.is_refused("")
        self.assertEqual(before, self.run_("history").stdout)
        self.assertTrue(self.status())

    def test_review_asks_nobody(self):
        self.commit("unsigned")
        self.write(self.bundle())
        run = self.run_("check", "b")
        self.assertEqual(0, run.returncode, run.stderr)
        self.assertEqual("", run.stderr)


if __name__ == "__main__":
    CONVERGE, PEAK = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
