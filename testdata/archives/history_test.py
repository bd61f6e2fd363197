#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A history of 50,000 commits: what changed a resource last is found soon.

usage: history_test.py CONVERGE PEAK
"""
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

COMMITS, ROLES, RESOURCES = 50000, 100, 12
MOST_KIB = 64 * 1024
MOST_SECONDS = {"why": 2.0, "plan": 6.0}  # of processor time, on a busy machine
BEGIN = 1000000000
CONVERGE = PEAK = None


def role(number, last):
    """Of its resources one is changed again and again."""
    return json.dumps({"resources": {
        f"file:/etc/{number}-{i}": {"content": str(last if i == 3 else 0)}
        for i in range(RESOURCES)}}, indent=1) + "\n"


def data(text):
    return f"data {len(text.encode())}\n{text}\n"


def file(path, text):
    return f"M 644 inline {path}\n" + data(text)


def stream():
    """What git-fast-import(1) reads: each commit changes one role."""
    for n in range(COMMITS):
        yield (f"commit refs/heads/main\n"
               f"author Ada <ada@example.org> {BEGIN + n * 60} +0000\n"
               f"committer Ada <ada@example.org> {BEGIN + n * 60} +0000\n" +
               data(f"roles: set {n % ROLES}\n\nRefs: OPS-{n}\n"))
        if n:
            yield file(f"roles/r{n % ROLES}.json", role(n % ROLES, n))
            continue
        yield file("converge.json", '{"version": 1}\n')
        yield file("hosts/h.json", json.dumps({
            "version": 1, "host": "h", "roles": [f"r{i}" for i in range(ROLES)]}))
        for i in range(ROLES):
            yield file(f"roles/r{i}.json", role(i, 0))
    yield "done\n"


class History(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.top)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", cls.top / "r.git"], check=True)
        with subprocess.Popen(["git", "-C", cls.top / "r.git", "fast-import", "--quiet", "--done"],
                              stdin=subprocess.PIPE, text=True) as importer:
            importer.stdin.writelines(stream())
        assert importer.returncode == 0

    def converge(self, *arguments, status=0):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.run(
            [PEAK, self.top / "peak", CONVERGE, *arguments, "r.git", "--host", "h", "--json",
             "--root", self.top, "--state-dir", self.top / "state"],
            cwd=self.top, stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertEqual(status, run.returncode, run.stderr)
        seconds = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        kib = int((self.top / "peak").read_text().split()[1])
        print(f"{' '.join(arguments)}: {seconds:.2f} s, {kib / 1024:.0f} MiB")
        self.assertLess(seconds, MOST_SECONDS[arguments[0]])
        self.assertLess(kib, MOST_KIB)
        return json.loads(run.stdout)

    def changed(self, name):
        return self.converge("why", f"file:/etc/{name}")["changed"]

    def test_what_changed_long_ago(self):
        """It is looked for down to the very first commit."""
        self.assertEqual("roles: set 0", self.changed("7-5")["subject"])

    def test_what_changed_just_now(self):
        newest = COMMITS - ROLES + 7
        changed = self.changed("7-3")
        self.assertEqual("roles: set 7", changed["subject"])
        self.assertEqual([f"OPS-{newest}"], changed["tickets"])
        self.assertNotIn("bound", changed)

    def test_all_of_a_plan(self):
        """Each commit changes a file that the plan has to do with."""
        (self.top / "etc").mkdir()
        changes = self.converge("plan", status=2)["changes"]
        self.assertEqual(ROLES * RESOURCES, len(changes))
        for change in changes:
            number, i = change["id"].rpartition("/")[2].split("-")
            want = COMMITS - ROLES + int(number) if i == "3" else 0
            self.assertEqual([f"OPS-{want}"], change["origin"]["tickets"])


if __name__ == "__main__":
    CONVERGE, PEAK = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1])
