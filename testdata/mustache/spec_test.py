#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The cases of mustache's specification, where `.ci/install test` has put them.

usage: spec_test.py RENDER [FOLDER]

Each case of each part that is not optional, rendered for HTML as it wants, and
then without escaping. Where the specification wants nothing for what is not
there, converge wants to be told of it: those cases are named here. FOLDER has
another version of the specification.
"""
import collections
import html
import json
import os
import pathlib
import subprocess
import sys
import unittest

RENDER = ""
FOLDER = (pathlib.Path(__file__).resolve().parents[2] /
          "build/mustache-spec/specs")

# How many cases that version has, and the least that another may have.
PARTS = {"comments": 11, "delimiters": 14, "interpolation": 30,
         "inverted": 21, "partials": 11, "sections": 25}

# A misspelt name must not become an empty value in a configuration file...
MISSING = "'%s' is not defined"
# ...nor must a value that nobody has given yet,
NULL = "'%s' is null, not text"
# nor a part that is not there.
NO_PARTIAL = "the partial '%s' is not found"

ON_PURPOSE = {
    "interpolation": {
        "Basic Context Miss Interpolation": MISSING % "cannot",
        "Triple Mustache Context Miss Interpolation": MISSING % "cannot",
        "Ampersand Context Miss Interpolation": MISSING % "cannot",
        "Dotted Names - Broken Chains": MISSING % "a.b.c",
        "Dotted Names - Broken Chain Resolution": MISSING % "a.b.c.name",
        # of later versions
        "Basic Null Interpolation": NULL % "cannot",
        "Triple Mustache Null Interpolation": NULL % "cannot",
        "Ampersand Null Interpolation": NULL % "cannot",
        "Dotted Names - Context Precedence": MISSING % "b.c",
        "Dotted Names are never single keys": MISSING % "a.b",
    },
    "partials": {
        "Failed Lookup": NO_PARTIAL % "text",
    },
}


def cases():
    """All of them, each with the part that it is of."""
    for path in sorted(FOLDER.glob("[!~]*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["tests"]:
            yield path.stem, case


def render(case, for_html):
    text = json.dumps([{"template": case["template"], "data": case["data"],
                        "partials": case.get("partials", {}),
                        "html": for_html}])
    done = subprocess.run([RENDER], input=text, capture_output=True,
                          check=True, text=True, encoding="utf-8")
    return json.loads(done.stdout)[0]


class Spec(unittest.TestCase):
    def test_is_whole(self):
        count = collections.Counter(part for part, _ in cases())
        self.assertEqual(PARTS.keys(), count.keys())
        for part, least in PARTS.items():
            self.assertGreaterEqual(count[part], least, part)
        self.assertGreater(sum(count.values()), 100)

    def test_has_those_on_purpose(self):
        have = {(part, case["name"]) for part, case in cases()}
        of_this_version = [(part, name) for part, names in ON_PURPOSE.items()
                           for name in names if (part, name) in have]
        self.assertGreaterEqual(len(of_this_version), 6)

    def check(self, part, case):
        error = ON_PURPOSE.get(part, {}).get(case["name"])
        for for_html in (True, False):
            have = render(case, for_html)
            if error:
                self.assertEqual("", have.get("text", ""))
                self.assertEqual(error, have["error"])
                self.at_its_tag(case, have)
            else:
                want = case["expected"]
                self.assertEqual(
                    {"text": want if for_html else html.unescape(want)}, have)

    def at_its_tag(self, case, error):
        self.assertEqual("case", error["file"])
        line = case["template"].split("\n")[error["line"] - 1]
        self.assertTrue(line[error["column"] - 1:].startswith("{{"))


def add(number, part, case):
    """A test by the case's own name."""
    def test(self):
        self.check(part, case)
    test.__doc__ = "%s: %s" % (part, case["name"])
    setattr(Spec, "test_%03d" % number, test)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if len(sys.argv) > 2:
        FOLDER = pathlib.Path(sys.argv.pop(2))
    if not FOLDER.exists():
        print("left out: there is no", FOLDER)
        sys.exit(77)
    RENDER = os.path.abspath(sys.argv.pop(1))
    for i, (of, one) in enumerate(cases(), 1):
        add(i, of, one)
    unittest.main(verbosity=2)
