#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fmt over every manifest, role and world of the tests, on copies.

usage: fmt_test.py CONVERGE HELPER [TEST...]

A second time it has nothing to do; the documents say what they said, number by
number; and what is made of them, graphs, plans and findings, is the same but
for the lines that it names.
"""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
TESTDATA = HERE.parent
CONVERGE = ""
HELPER = ""
# Options of converge whose argument is the next word.
TAKES = re.compile(r"--(rev|host|root|state-dir|color|only|tags|out|deadline|"
                   r"max-disruption|allow-rollback|format)$")
# Stands in for converge in a case: what it is given is kept, then it is run.
# What a host has on which most of it can be planned.
FOLDERS = """bin etc/apt/apt.conf.d etc/apt/keyrings etc/apt/sources.list.d
etc/cron.d etc/default etc/logrotate.d etc/modprobe.d etc/modules-load.d
etc/network etc/profile.d etc/ssh etc/sudoers.d etc/sysctl.d
etc/systemd/system home opt root run srv tmp usr/bin usr/local/bin
usr/local/sbin usr/share/zoneinfo/Etc var/backups var/lib var/log""".split()
FILES = """etc/fstab etc/group etc/gshadow etc/hostname etc/hosts etc/login.defs
etc/passwd etc/shadow usr/share/zoneinfo/Etc/UTC""".split()
# A case that waits for something on purpose.
SLOW = re.compile(r"sleep|await|timeout|deadline|--wait|kill|strace")
# A case may well stand in / or in a host's root: these are no worlds.
RECORDER = """#!/bin/sh
case $PWD/$1 in
*/case.*/plan | */case.*/apply | */case.*/check | */case.*/graph)
	new=$(mktemp -d {seen}/XXXXXXXX) &&
		cp -a . "$new/world" && printf '%s\\n' "$@" >"$new/arguments"
	;;
esac >/dev/null 2>&1 </dev/null
exec {converge} "$@"
"""


def run(*arguments, cwd=None):
    done = subprocess.run([CONVERGE, *map(str, arguments)], cwd=cwd,
                          capture_output=True, stdin=subprocess.DEVNULL,
                          timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def said(text):
    """What a document says, with its numbers as they are written."""
    return json.loads(text, parse_float=str, parse_int=str)


def without_places(value):
    """A document of converge without lines, columns and digests of files."""
    if isinstance(value, dict):
        return {key: without_places(item) for key, item in value.items()
                if key not in ("line", "column", "digest")}
    if isinstance(value, list):
        return [without_places(item) for item in value]
    if isinstance(value, str):
        return re.sub(r":\d+(:\d+)?", ":N", value)
    return value


def outcome(status, out, err):
    """What a command came to. Of errors the order is that of the lines."""
    try:
        out = without_places(json.loads(out))
    except ValueError:
        out = re.sub(rb":\d+(:\d+)?", b":N", out)
    if isinstance(out, dict) and "findings" in out:
        out["findings"].sort(key=json.dumps)
    return status, out, sorted(re.sub(rb":\d+(:\d+)?", b":N", err).split(b"\n"))


class World:
    """A folder with documents, and what is made of them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.root = self.folder.parent / (self.folder.name + ".root")

    def outcomes(self, source, host):
        """Of a manifest, or of one host of a world."""
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (self.root / name).touch()
        at = ["--json", "--host", host, "--root", self.root]
        state = ["--state-dir", self.root / "state"]
        came = {"plan": outcome(*run("plan", source, *at, *state,
                                     cwd=self.folder))}
        # what plan cannot read graph cannot either
        if came["plan"][0] != 1:
            came["graph"] = outcome(*run("graph", source, *at,
                                         cwd=self.folder))
        if (self.folder / source).is_dir():
            came["check"] = outcome(*run("check", source, "--json",
                                         cwd=self.folder))
        return came

    def documents(self):
        return [path for path in sorted(self.folder.rglob("*"))
                if path.is_file() and not path.is_symlink()
                and path.suffix == ".json"]


class Fmt(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="fmt."))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)

    def refuses(self, path):
        """Whether fmt does not take it, which check must not do either."""
        status, _, err = run("fmt", "--check", path)
        if status != 1:
            return False
        self.assertRegex(err.decode(), r"^\S+:(\d+:\d+:)? ")
        self.assertEqual(run("check", path)[0], 1, path)
        return True

    def formats(self, folder, documents):
        """Formats them where they are, twice; their number."""
        if documents and run("fmt", "--check", *documents)[0] == 1:
            documents = [p for p in documents if not self.refuses(p)]
        before = {path: path.read_bytes() for path in documents}
        if not before:
            return 0
        status, _, err = run("fmt", "-q", *documents, cwd=folder)
        self.assertEqual((status, err), (0, b""), documents)
        laid = {path: path.read_bytes() for path in documents}
        self.assertEqual(run("fmt", "--check", *documents, cwd=folder),
                         (0, b"", b""))
        self.assertEqual(run("fmt", *documents, cwd=folder), (0, b"", b""))
        for path, text in before.items():
            self.assertEqual(laid[path], path.read_bytes())
            self.assertEqual(said(laid[path]), said(text), path)
        return len(before)

    def stays_same(self, world, sources):
        """What is made of the sources, before and after."""
        before = [world.outcomes(*source) for source in sources]
        documents = world.documents()
        self.formats(world.folder, documents)
        for source, was in zip(sources, before):
            self.assertEqual(world.outcomes(*source), was, source)
        return before

    def test_files(self):
        """All files below testdata: none but what is to be refused is."""
        done = 0
        for path in sorted(TESTDATA.rglob("*.json")):
            copy = self.scratch / f"{done}.json"
            shutil.copyfile(path, copy)
            done += self.formats(self.scratch, [copy])
        self.assertGreater(done, 300)

    def test_manifests(self):
        """Those that the tests of the schema have: right, wrong and bad."""
        done = set()
        example = TESTDATA / "docs/example"
        for path in sorted((TESTDATA / "manifests").rglob("*.json")):
            world = World(self.scratch / path.stem)
            shutil.copytree(example, world.folder, dirs_exist_ok=True)
            shutil.copyfile(path, world.folder / "m.json")
            was = self.stays_same(world, [("m.json", "h")])
            done.add((path.parent.name, was[0]["plan"][0]))
        # some of them are planned, and some are refused
        self.assertLessEqual({("good", 2), ("bad", 1)}, done)

    def test_examples(self):
        world = World(self.scratch / "example")
        shutil.copytree(TESTDATA / "example", world.folder, symlinks=True)
        was = self.stays_same(world, [("web.json", "h"), ("broken.json", "h"),
                                      ("alternative.json", "h")])
        self.assertEqual([w["plan"][0] for w in was][:2], [2, 1])

    def test_fleet(self):
        world = World(self.scratch / "fleet")
        shutil.copytree(TESTDATA / "fleet/world", world.folder, symlinks=True)
        hosts = sorted(p.stem for p in (world.folder / "hosts").iterdir())
        was = self.stays_same(world, [(".", host) for host in hosts])
        self.assertEqual(run("fmt", "--check", world.folder)[0], 0)
        self.assertEqual({w["graph"][0] for w in was}, {0})
        self.assertEqual(was[0]["check"][0], 0)

    def record(self):
        """Runs the cases; the folders that converge was given in them."""
        seen = self.scratch / "seen"
        seen.mkdir()
        seen.chmod(0o1777)
        self.scratch.chmod(0o755)
        recorder = self.scratch / "converge"
        recorder.write_text(RECORDER.format(seen=seen, converge=CONVERGE))
        recorder.chmod(0o755)
        cases = [path.parent for path in sorted(HERE.glob("*/case"))
                 if ".json" in path.read_text(encoding="utf-8")
                 and not SLOW.search(path.read_text(encoding="utf-8"))]
        subprocess.run([sys.executable, HERE / "run.py", recorder, HELPER,
                        *cases], check=False, stdout=subprocess.DEVNULL)
        return sorted(seen.iterdir())

    def source_of(self, record):
        """(SOURCE, HOST) of what was recorded; None: it cannot be had."""
        words = (record / "arguments").read_text("utf-8", "replace").split("\n")
        source, host, i = None, "h", 1
        while i < len(words) - 1:
            if TAKES.match(words[i]):
                if words[i] in ("--rev", "--out"):
                    return None
                if words[i] == "--host":
                    host = words[i + 1]
                i += 1
            elif not words[i].startswith("-"):
                source = words[i]
            i += 1
        if not source or source.startswith("/") or ".." in source:
            return None
        path = record / "world" / source
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            return None
        return source, host

    def compare(self, record):
        world, source = record
        return self.stays_same(world, [source])[0]["plan"][0]

    def test_cases(self):
        """Whatever converge is given in a case."""
        known, chosen = set(), []
        for record in self.record():
            if not (record / "arguments").exists():
                continue
            world, source = World(record / "world"), self.source_of(record)
            key = hashlib.sha256(repr(source).encode())
            for path in world.documents():
                key.update(path.read_bytes())
            if source and world.documents() and key.digest() not in known:
                known.add(key.digest())
                chosen.append((world, source))
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(self.compare, chosen))
        counts = {status: done.count(status) for status in set(done)}
        self.assertGreater(counts.get(0, 0) + counts.get(2, 0), 200)
        self.assertGreater(counts.get(1, 0), 50)


if __name__ == "__main__":
    CONVERGE, HELPER = map(os.path.abspath, sys.argv[1:3])
    del sys.argv[1:3]
    unittest.main()
