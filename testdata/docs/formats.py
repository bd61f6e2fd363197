#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `converge check --format` prints, as its readers see it.

usage: formats.py CONVERGE

SARIF against its published schema, which .ci/install fetches (without that,
this one test is left out). GitLab's report, JUnit and checkstyle are held
against what their readers document, element by element, and GitHub's commands
are read as its runner reads them; validators.py has others judge them.
The world says hostile things, none of which may reach a log as they are.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import xml.etree.ElementTree as ET

try:
    from jsonschema import Draft4Validator, Draft7Validator
except ImportError:
    sys.exit("formats.py: jsonschema is missing: install python3-jsonschema")

HERE = pathlib.Path(__file__).resolve().parent
SARIF = (HERE.parent.parent /
         "build/sarif-schema/lib/schemas/sarif-2.1.0-rtm.5.json")
FLEET = HERE.parent / "fleet/world"
CONVERGE = ""
FORMATS = ("text", "json", "sarif", "junit", "gitlab", "github", "checkstyle")

# B25, B26, and what ends an element, a property, a string.
HOSTILE = ("\x1b[2J", "\x1b]8;;http://x\x1b\\y\x07", "\r+ all is well",
           "\n::set-output name=x::y", "::add-mask::x", "##[command]x",
           "##vso[task.setvariable]x", "]]>", "</testcase>", "<!--", "&amp;",
           "\"'\\", "%0A::error::x", "a,line=1,title=x::", "\u202egnp.exe",
           "\u200b\ufeff", "\x85\x9b2J", "\ufffe\uffff", "\U0001f4a9", "\x7f",
           "%s%n", "{{x}}")
FILES = (b"a b", b"\x1b[2J", b"x\n::error::x", b"\xff\xfe", b"%0A::error::y",
         b"a,line=7::z", b"<&>\"'", "ü€".encode(), b"##[command]y")


def run(*arguments, cwd="/"):
    return subprocess.run([CONVERGE, "check", *map(str, arguments)], cwd=cwd,
                          capture_output=True, check=False)


def gitlab_schema():
    """https://docs.gitlab.com/ci/testing/code_quality/, "Code Quality report
    format"."""
    text = {"type": "string", "minLength": 1}
    return {"type": "array", "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity",
                     "location"],
        "additionalProperties": False,
        "properties": {
            # what it does not read: see validators.py
            "type": {"const": "issue"}, "categories": {"type": "array"},
            "description": text, "check_name": text, "fingerprint": text,
            "severity": {"enum": ["info", "minor", "major", "critical",
                                  "blocker"]},
            "location": {
                "type": "object", "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./)."},
                    "lines": {"type": "object", "required": ["begin"],
                              "additionalProperties": False,
                              "properties": {
                                  key: {"type": "integer", "minimum": 1}
                                  for key in ("begin", "end")}}}}}}}


# Element: its attributes (True: required), and the elements it holds, of the
# schema that Jenkins' xunit plugin publishes (junit-10.xsd).
NUMBER, TIME, TEXT = r"\d+", r"\d+(\.\d+)?", r"[\s\S]*"
JUNIT = {
    "testsuites": ({"name": (TEXT, False), "time": (TIME, False),
                    "tests": (NUMBER, False), "failures": (NUMBER, False),
                    "errors": (NUMBER, False)}, {"testsuite"}),
    "testsuite": ({"name": (TEXT, True), "tests": (NUMBER, True),
                   "failures": (NUMBER, False), "errors": (NUMBER, False),
                   "time": (TIME, False)}, {"testcase"}),
    "testcase": ({"name": (TEXT, True), "time": (TIME, False),
                  "classname": (TEXT, False)},
                 {"error", "failure", "system-out"}),
    "error": ({"type": (TEXT, False), "message": (TEXT, False)}, set()),
    "failure": ({"type": (TEXT, False), "message": (TEXT, False)}, set()),
    "system-out": ({}, set()),
}
# What checkstyle's XMLLogger writes.
CHECKSTYLE = {
    "checkstyle": ({"version": (r"\d+\.\d+", True)}, {"file"}),
    "file": ({"name": (r"[\s\S]+", True)}, {"error"}),
    "error": ({"line": (NUMBER, True), "column": (NUMBER, False),
               "severity": (r"ignore|info|warning|error", True),
               "message": (r"[\s\S]+", True),
               "source": (r"[\w.-]+", True)}, set()),
}


def hostile_worlds(folder):
    """A world that says hostile things in every place, and one with errors."""
    world = folder / "world"
    for name in ("hosts", "roles", "files"):
        (world / name).mkdir(parents=True)
    say = {f"exec:{text}": {"command": ["x"], text: 1} for text in HOSTILE}
    for name, document in {
            "converge.json": {"version": 1, "vars": dict.fromkeys(
                HOSTILE, 1), "lint": {"unused-var": "error"}},
            "hosts/h.json": {"version": 1, "host": "h", "resources": {
                f"exec:{text}": {"command": "x", "shell": True}
                for text in HOSTILE}},
            "roles/r.json": {"resources": {}}}.items():
        (world / name).write_text(json.dumps(document), encoding="utf-8")
    for name in FILES:
        with open(os.path.join(os.fsencode(world / "files"), name), "wb"):
            pass
    wrong = folder / "wrong"
    shutil.copytree(world, wrong)
    (wrong / "roles/r.json").write_text(json.dumps(
        {"resources": say, **dict.fromkeys(HOSTILE, 1)}), encoding="utf-8")
    return world, wrong


class Hostile(unittest.TestCase):
    """A world that says hostile things in every place."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-docs-"))
        cls.lint, cls.wrong = hostile_worlds(cls.folder)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def of(self, form, world=None):
        done = run(world or self.lint, "--format", form)
        self.assertEqual(b"", done.stderr)
        return done.stdout

    def each(self, form):
        for world in (self.lint, self.wrong, FLEET):
            yield self.of(form, world).decode("utf-8")

    def findings(self):
        return json.loads(self.of("json"))["findings"]

    def test_there_is_much_to_say(self):
        rules = {f["rule"] for f in self.findings()}
        self.assertLessEqual({"unused-var", "unused-file", "unused-role",
                              "exec-without-guard", "undescribed-role"}, rules)
        self.assertGreater(len(self.findings()), 70)
        wrong = json.loads(self.of("json", self.wrong))
        self.assertGreater(wrong["summary"]["errors"], 40)

    # what a terminal or a log obeys
    CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-"
                         "\u202e\u2060-\u2069\ufeff]")

    def test_nothing_is_obeyed(self):
        for form in FORMATS:
            for text in self.each(form):
                with self.subTest(form):
                    self.assertIsNone(self.CONTROL.search(text), form)
                    self.assertNotIn("##[", text)
                    self.assertNotIn("##vso[", text)
                    for line in text.splitlines():
                        if form == "github":
                            self.assertRegex(line, "^::(error|warning|notice) "
                                             "(file=|title=)")
                        else:
                            self.assertNotRegex(line, r"^[^!-~]*::")

    def test_what_is_obeyed_would_be_seen(self):
        """The control of the test above."""
        for text in ("\x1b[2J", "\u202e", "\x9b", "\ufeff"):
            self.assertIsNotNone(self.CONTROL.search(text))
        self.assertRegex(" ::error::x", r"^[^!-~]*::")

    def test_the_same_from_anywhere_and_again(self):
        for form in FORMATS:
            first = self.of(form)
            self.assertEqual(first, self.of(form))
            done = run(".", "--format", form, cwd=self.lint)
            self.assertEqual(first, done.stdout)
            alone = subprocess.run(
                ["taskset", "-c", "0", CONVERGE, "check", "world", "--format",
                 form], cwd=self.folder, capture_output=True, check=False)
            self.assertEqual(first, alone.stdout)

    def test_fingerprints_are_each_another_and_stay(self):
        before = [f["fingerprint"] for f in self.findings()]
        self.assertEqual(len(before), len(set(before)))
        moved = self.folder / "moved"
        shutil.copytree(self.lint, moved)
        path = moved / "hosts/h.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        path.write_text("\n\n\n" + json.dumps(document, indent=3),
                        encoding="utf-8")
        after = json.loads(self.of("json", moved))["findings"]
        self.assertNotEqual([f.get("line") for f in after],
                            [f.get("line") for f in self.findings()])
        self.assertEqual(set(before), {f["fingerprint"] for f in after})

    # --- the formats ---

    def test_json(self):
        judge = Draft7Validator(json.loads(subprocess.run(
            [CONVERGE, "schema", "converge.check/1"], capture_output=True,
            check=True).stdout))
        for text in self.each("json"):
            self.assertEqual([], list(judge.iter_errors(json.loads(text))))

    @unittest.skipUnless(SARIF.exists(), "no schema: .ci/install test")
    def test_sarif_by_its_schema(self):
        judge = Draft4Validator(json.loads(SARIF.read_text(encoding="utf-8")))
        for text in self.each("sarif"):
            log = json.loads(text)
            # the address is that of a newer edition than the schema's
            del log["$schema"]
            self.assertEqual([], [e.message for e in judge.iter_errors(log)])
            log["runs"][0]["results"] = [{"level": "bad"}]
            self.assertTrue(list(judge.iter_errors(log)))

    def test_sarif(self):
        log = json.loads(self.of("sarif"))
        self.assertEqual("2.1.0", log["version"])
        driver = log["runs"][0]["tool"]["driver"]
        results = log["runs"][0]["results"]
        self.assertEqual(len(self.findings()), len(results))
        for rule in driver["rules"]:
            self.assertTrue(rule["help"]["text"])
        for result, finding in zip(results, self.findings()):
            self.assertEqual(driver["rules"][result["ruleIndex"]]["id"],
                             result["ruleId"])
            self.assertEqual(finding["rule"], result["ruleId"])
            at = result["locations"][0]["physicalLocation"]
            uri = at["artifactLocation"]["uri"]
            self.assertRegex(uri, r"^[\w.~/%-]+$")
            self.assertEqual(finding["file"], urllib.parse.unquote(uri))
            self.assertEqual(finding["fingerprint"],
                             result["partialFingerprints"]["converge/v1"])

    def test_gitlab(self):
        judge = Draft7Validator(gitlab_schema())
        for text in self.each("gitlab"):
            issues = json.loads(text)
            self.assertEqual([], [e.message for e in judge.iter_errors(issues)])
        self.assertTrue(list(judge.iter_errors([{"description": "x"}])))

    def fits(self, element, grammar):
        attributes, children = grammar[element.tag]
        self.assertLessEqual(element.attrib.keys(), attributes.keys())
        for name, (pattern, required) in attributes.items():
            if required or name in element.attrib:
                self.assertRegex(element.attrib[name], f"^(?:{pattern})$")
        for child in element:
            self.assertIn(child.tag, children)
            self.fits(child, grammar)

    def test_junit(self):
        for text in self.each("junit"):
            top = ET.fromstring(text)
            self.assertEqual("testsuites", top.tag)
            self.fits(top, JUNIT)
            cases = top.findall("testsuite/testcase")
            self.assertTrue(cases)
            for at, found in [(top, cases)] + [
                    (suite, suite.findall("testcase")) for suite in top]:
                self.assertEqual(int(at.get("tests")), len(found))
                for name in ("failure", "error"):
                    self.assertEqual(
                        int(at.get(f"{name}s")),
                        sum(case.find(name) is not None for case in found))

    def test_junit_of_nothing_passes(self):
        case, = ET.fromstring(self.of("junit", FLEET)).iter("testcase")
        self.assertEqual([], list(case))

    def test_checkstyle(self):
        for text in self.each("checkstyle"):
            top = ET.fromstring(text)
            self.assertEqual("checkstyle", top.tag)
            self.fits(top, CHECKSTYLE)
            names = [file.get("name") for file in top]
            self.assertEqual(len(names), len(set(names)))

    def unescaped(self, text, codes):
        for code, char in codes:
            text = text.replace(code, char)
        return text

    def test_github(self):
        """As ActionCommand.cs of the runner takes a line apart."""
        for world in (self.lint, self.wrong):
            found = json.loads(self.of("json", world))["findings"]
            lines = self.of("github", world).decode().splitlines()
            self.assertEqual(len(found), len(lines))
            order = {"error": 0, "warning": 1, "notice": 2}
            last = 0
            for line in lines:
                name, rest = line[2:].split(" ", 1)
                self.assertGreaterEqual(order[name], last)
                last = order[name]
                properties, message = rest.split("::", 1)
                have = dict(p.split("=", 1) for p in properties.split(","))
                self.assertLessEqual(have.keys(),
                                     {"file", "line", "col", "title"})
                self.assertRegex(have["title"], "^[a-z]+(-[a-z]+)*$")
                self.assertTrue(message)
                self.assertNotRegex(message, "%(?!25|0A)")


class Status(unittest.TestCase):
    def of(self, manifest):
        with tempfile.TemporaryDirectory(prefix="converge-docs-") as folder:
            path = pathlib.Path(folder) / "m.json"
            path.write_text(json.dumps({"version": 1, **manifest}),
                            encoding="utf-8")
            return {run(path, "--format", form).returncode for form in FORMATS}

    def test_says_how_bad_it_is(self):
        found = {"resources": {"exec:x": {"command": ["x"]}}}
        self.assertEqual({0}, self.of({}))
        self.assertEqual({2}, self.of(found))
        for level, status in (("off", 0), ("info", 0), ("warning", 2),
                              ("error", 1)):
            self.assertEqual({status}, self.of(
                {**found, "lint": {"exec-without-guard": level}}), level)
        self.assertEqual({1}, self.of({**found, "x": 1}))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    CONVERGE = sys.argv.pop(1)
    unittest.main()
