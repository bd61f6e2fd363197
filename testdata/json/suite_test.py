#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The JSONTestSuite's verdicts, where `.ci/install test` has put its texts.

usage: suite_test.py VERDICT

What it wants accepted (y_) is, what it wants refused (n_) is, but for what
converge refuses on purpose; where it leaves the choice (i_), converge chooses
as its manual says. The texts come as they are in a string: bytes that are no
UTF-8 have become U+FFFD, and the other test makes its own of those.
"""
import json
import os
import pathlib
import sys
import unittest

import judge

VERDICT = ""
SUITE = (pathlib.Path(__file__).resolve().parents[2] /
         "build/json-test-suite/data/parsing.js")

# A manifest has neither NUL nor a key twice.
ON_PURPOSE = {"y_object_duplicated_key.json",
              "y_object_duplicated_key_and_value.json",
              "y_object_escaped_null_in_key.json",
              "y_string_null_escape.json"}
# Of what may be either: a number too small is zero. All else is refused.
CHOSEN = {"i_number_double_huge_neg_exp.json",
          "i_number_real_underflow.json"}


def texts():
    script = SUITE.read_text(encoding="utf-8")
    listed = script[script.index("["):script.rindex("]") + 1]
    return {entry["name"]: entry["input"].encode("utf-8", "surrogatepass")
            for entry in json.loads(listed)}


class Suite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        found = texts()
        cls.values = dict(zip(found, judge.values(VERDICT,
                                                  list(found.values()))))
        cls.lossy = {name for name, text in found.items()
                     if b"\xef\xbf\xbd" in text}

    def names(self, kind, accepted):
        return {name for name, value in self.values.items()
                if name.startswith(kind) and (value is not None) == accepted}

    def test_is_whole(self):
        count = {kind: len(self.names(kind, True) | self.names(kind, False))
                 for kind in ("y_", "n_", "i_")}
        self.assertEqual({"y_": 95, "n_": 188, "i_": 35}, count)

    def test_right_ones_are_accepted(self):
        self.assertEqual(ON_PURPOSE, self.names("y_", False))

    def test_wrong_ones_are_refused(self):
        self.assertEqual(set(), self.names("n_", True))

    def test_others_are_chosen(self):
        self.assertEqual(CHOSEN, self.names("i_", True) - self.lossy)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if not SUITE.exists():
        print("left out: there is no", SUITE)
        sys.exit(77)
    VERDICT = os.path.abspath(sys.argv.pop(1))
    unittest.main()
