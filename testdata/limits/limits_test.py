#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a few bytes, or many, can ask for: time, memory and stack are bounded.

usage: limits_test.py CONVERGE PEAK [SLOWER]

Every input is planned with a stack of 256 KiB. One that is refused names the
limit and the place, in one line; the root and the state folder are as they
were. Time is that of the processor, so that a busy machine does not count;
SLOWER multiplies it, for a build that is not optimized.
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

CONVERGE = ""
PEAK = ""
SLOWER = 1.0
MIB = 1024 * 1024


def text_of(resources, **more):
    return json.dumps({"version": 1, **more, "resources": resources},
                      separators=(",", ":"))


def absent(n, **more):
    return {f"file:/etc/{i}": {"ensure": "absent", **more} for i in range(n)}


class Limits(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-limits-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "root/etc").mkdir(parents=True)
        self.file = self.folder / "m.json"

    def plan(self, text=None):
        """Plans it: exit status, what was said, seconds, bytes."""
        if text is not None:
            self.file.write_text(text, encoding="utf-8")
        with tempfile.TemporaryFile("w+") as said:
            child = subprocess.Popen(
                ["sh", "-c", 'ulimit -s 256; exec "$@"', "sh", PEAK,
                 self.folder / "peak", CONVERGE, "plan", self.file.name, "--quiet", "--host", "h",
                 "--root", self.folder / "root",
                 "--state-dir", self.folder / "state"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said,
                stderr=said)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            printed = said.read()
        self.assertEqual([], os.listdir(self.folder / "root/etc"))
        self.assertFalse((self.folder / "state").exists())
        peak = (self.folder / "peak").read_text().split()
        return (child.returncode, printed, used.ru_utime + used.ru_stime,
                int(peak[1]) * 1024)

    def bounded(self, seconds, memory, most_seconds, most_memory):
        self.assertLess(seconds, most_seconds * SLOWER)
        self.assertLess(memory, most_memory * MIB)

    def refused(self, text, want, seconds=1.0, memory=64):
        status, said, took, used = self.plan(text)
        self.assertEqual(1, status, said[:1000])
        self.assertEqual(1, said.count("\n"), said[:1000])
        self.assertRegex(said, "^m.json:" + want + "\n$")
        self.bounded(took, used, seconds, memory)

    def accepted(self, text, resources, seconds, memory):
        status, said, took, used = self.plan(text)
        self.assertEqual(0, status, said[:1000])
        self.assertRegex(said, rf"; {resources} unchanged\.")
        self.bounded(took, used, seconds, memory)
        return took


class Text(Limits):
    """Sizes of the text itself."""

    def test_a_manifest_of_17_mib_is_not_read(self):
        self.file.write_text(text_of({}) + " " * 17 * MIB)
        self.refused(None, " larger than 16 MiB", 0.05, 16)

    def test_a_manifest_of_4_gib_is_not_read(self):
        os.truncate(os.open(self.file, os.O_CREAT | os.O_WRONLY), 4 << 30)
        self.refused(None, " larger than 16 MiB", 0.05, 16)

    def test_a_string_of_100_mib_is_not_read(self):
        self.file.write_text('{"a":"' + "x" * 100 * MIB + '"}')
        self.refused(None, " larger than 16 MiB", 0.05, 16)

    def test_16_mib_may_be_space(self):
        text = text_of({})
        self.accepted(text + " " * (16 * MIB - len(text)), 0, 1, 64)

    def test_a_string_has_at_most_1_mib(self):
        self.accepted(text_of({}, vars={"a": "x" * MIB}), 0, 1, 64)
        self.refused(text_of({}, vars={"a": "x" * (MIB + 1)}),
                     r"1:26: string of more than 1048576 bytes")
        self.refused('{"' + "x" * 10 * MIB + '":1}',
                     r"1:2: string of more than 1048576 bytes")

    def test_a_million_values(self):
        self.refused("{" + ",".join(f'"{i}":1' for i in range(1000001)) + "}",
                     r"1:10888890: more than 1000000 values", 5, 256)
        self.refused('{"a":[' + "{}," * 1000000 + "{}]}",
                     r"1:\d+: more than 1000000 values", 1, 256)
        self.accepted('{"version":1,"vars":{"a":[' + "{}," * 999995 + "{}]}}",
                      0, 5, 512)

    def test_64_levels(self):
        for opening in ("[", '{"a":'):
            self.refused(opening * 100000, r"1:\d+: nested deeper than 64")
            self.refused('{"a":' + opening * 100000,
                         r"1:\d+: nested deeper than 64")
            self.refused('{"version":1,"vars":{"a":' + opening * 100000,
                         r"1:\d+: nested deeper than 64")

    def test_a_number_of_a_million_digits(self):
        for number in ("1" * 1000000, "-" + "9" * 1000000,
                       "0." + "1" * 999999, "1e" + "9" * 1000000,
                       "1e-" + "9" * 1000000):
            self.file.write_text('{"version":' + number + "}")
            status, said, took, used = self.plan()
            self.assertEqual(1, status)
            self.assertRegex(said, r"^m.json:1:12: (number out of range "
                             r"\(|'version' must be 1)")
            self.bounded(took, used, 1, 64)


class Resources(Limits):
    """How many, and what they ask of each other."""

    def test_100000_and_no_more(self):
        self.accepted(text_of(absent(100000)), 100000, 10, 512)
        self.refused(text_of(absent(100001)),
                     r"1:\d+: more than 100000 resources", 2, 256)

    def test_100000_of_for_each(self):
        each = {"ensure": "absent", "for_each": "${vars.list}"}
        many = {f"file:/etc/{i}-${{each.value}}": each for i in range(100)}
        self.refused(text_of(many, vars={"list": list(range(100000))}),
                     r"1:\d+: more than 100000 resources", 2, 256)
        self.accepted(text_of({"file:/etc/${each.value}": {
            "ensure": "absent", "for_each": list(range(100000))}}), 100000,
            10, 512)

    def test_100000_of_a_source(self):
        source = self.folder / "many"
        for i in range(100):
            (source / str(i)).mkdir(parents=True)
            for j in range(250):
                (source / str(i) / str(j)).touch()
        self.refused(
            text_of({f"directory:/etc/{i}": {"source": "many"}
                     for i in range(8)}),
            r"1:\d+: directory:/etc/3: more than 100000 resources, with what "
            "is in its 'source'", 5, 512)

    def test_a_chain_of_100000(self):
        for key, step in (("require", 1), ("before", 1), ("require", -1)):
            chain = absent(100000)
            for i in range(1, 99999):
                chain[f"file:/etc/{i}"][key] = f"file:/etc/{i + step}"
            self.accepted(text_of(chain), 100000, 10, 512)

    def test_a_cycle_of_100000(self):
        cycle = absent(100000)
        for i in range(100000):
            cycle[f"file:/etc/{i}"]["require"] = \
                f"file:/etc/{(i + 1) % 100000}"
        self.refused(text_of(cycle),
                     r"1:27: dependency cycle: file:/etc/0( -> file:/etc/\d+ "
                     r"\(require, m.json:1:\d+\)){10} -> \.\.\. \(100000 in "
                     r"all\) -> file:/etc/0 \(require, m.json:1:\d+\)",
                     10, 512)

    def test_a_million_edges_and_no_more(self):
        layer = absent(1000)
        dense = {**layer, **{f"file:/srv/{i}": {
            "ensure": "absent", "require": "${vars.all}"}
            for i in range(1000)}}
        self.accepted(text_of(dense, vars={"all": list(layer)}), 2000, 5, 256)
        dense["file:/srv/more"] = {"ensure": "absent",
                                   "require": "file:/etc/0"}
        self.refused(text_of(dense, vars={"all": list(layer)}),
                     r"1:\d+: more than 1000000 edges between resources",
                     5, 256)

    def test_layers_stated_one_by_one(self):
        layer = absent(900)
        dense = {**layer, **{f"file:/srv/{i}": {
            "ensure": "absent", "require": list(layer)} for i in range(900)}}
        self.accepted(text_of(dense), 1800, 5, 512)

    def test_keys_that_collide_cost_no_more(self):
        """In the hash of Bernstein, with 33 or with 31, and unkeyed ones."""
        def key(i, zero, one):
            return "".join(one if i >> bit & 1 else zero for bit in range(17))

        def of(zero, one):
            return text_of({"file:/etc/" + key(i, zero, one):
                            {"ensure": "absent"} for i in range(100000)})
        usual = self.accepted(of("AB", "CD"), 100000, 10, 512)
        for zero, one in (("Ez", "FY"), ("Aa", "BB")):
            took = self.accepted(of(zero, one), 100000, 10, 512)
            self.assertLess(took, 2 * usual + 0.2)


class References(Limits):
    """What little text makes much of."""

    WANT = r"references and templates make more than 128 MiB in all"

    def test_a_long_text_in_many_resources(self):
        self.refused(
            text_of({f"file:/etc/{i}": {"content": "${vars.long}!"}
                     for i in range(1000)}, vars={"long": "x" * 1000000}),
            r"1:\d+: " + self.WANT, 2, 256)

    def test_a_long_text_repeated(self):
        self.refused(
            text_of({"file:/etc/${each.value}": {
                "content": "x" * 1000000 + "${each.value}",
                "for_each": list(range(100000))}}),
            r"1:\d+: " + self.WANT, 2, 256)

    def test_a_long_list_required_by_many(self):
        many = absent(100000, require="${vars.all}")
        self.refused(text_of(many, vars={"all": list(many)[:1000]}),
                     r"1:\d+: " + self.WANT, 2, 256)

    def test_a_long_list_repeated(self):
        self.refused(
            text_of({"exec:${each.value}": {
                "command": ["x"] * 10000, "refreshonly": True,
                "for_each": list(range(100000))}}),
            r"1:\d+: " + self.WANT, 2, 256)

    def test_a_long_template_in_many_resources(self):
        (self.folder / "long").write_text("x" * 4000000)
        self.refused(
            text_of({f"file:/etc/{i}": {"template": "long"}
                     for i in range(100000)}),
            r"1:\d+: file:/etc/33: " + self.WANT, 10, 512)

    def test_a_long_key_above_many_references(self):
        self.refused(
            text_of({"exec:a": {"command": ["x"], "x" * 1000000:
                                ["${vars.a}"] * 100000}}, vars={"a": "x"}),
            r"1:\d+: " + self.WANT, 2, 256)

    def test_conditions_that_compare_long_lists(self):
        for when, more in ((["x"] * 100000, 1), (["x"] * 10, 9999),
                           ({"ge": -1}, 9999), (["*x*y"] * 1000, 1)):
            self.refused(
                text_of({f"file:/etc/{i}": {
                    "ensure": "absent", "when": {"vars.list": when}}
                    for i in range(more)},
                    vars={"list": ["z" * 1000] * 10000
                          if when == ["*x*y"] * 1000
                          else list(range(100000))}),
                r"1:\d+: conditions compare too much in all", 5, 128)

    def test_a_text_has_at_most_16_mib(self):
        self.refused(
            text_of({"file:/etc/a": {"content": "${vars.long}" * 17}},
                    vars={"long": "x" * 1000000}),
            r"1:\d+: the text is longer than 16 MiB when expanded", 1, 64)


class Errors(Limits):
    """However much is wrong: what is said has an end."""

    def said(self, text, seconds=5, memory=512):
        status, said, took, used = self.plan(text)
        self.assertEqual(1, status, said[:1000])
        self.bounded(took, used, seconds, memory)
        self.assertLess(len(said), 20 * MIB)
        for line in said.splitlines():
            self.assertLess(len(line), 40000)
        return said

    def many(self, text):
        said = self.said(text)
        self.assertEqual(1000, len(re.findall("^m.json:1:", said, re.M)))
        return said

    def test_of_an_id_of_a_megabyte(self):
        self.refused(
            text_of({"exec:" + "x" * 1000000: {
                "command": ["x"], "require": [f"file:/{i}" for i in
                                              range(100000)]}}),
            r"1:27: a resource's id must be at most 8192 bytes long")

    def test_of_a_key_of_a_megabyte(self):
        said = self.said(text_of({f"file:/etc/{i}": {"x" * 1000000: 1}
                                  for i in range(15)}))
        self.assertEqual(15, said.count('unknown attribute "xxx'))
        self.assertEqual(15, said.count('xxx...xxx'))

    def test_of_a_value_of_a_megabyte(self):
        said = self.said(text_of({"file:/etc/${each.value}": {
            "ensure": "x" * 1000000, "for_each": list(range(1000))}}))
        self.assertEqual(1000, said.count("...xxx"))

    def test_of_100000_unknown_attributes(self):
        self.many(text_of({f"file:/etc/{i}": {"onwer": "root"}
                           for i in range(99999)}))
        self.many(text_of({"file:/etc/a": {f"owner{i}": "root"
                                           for i in range(99999)}}))

    def test_of_100000_unknown_references(self):
        self.many(text_of({"file:/etc/a": {
            "require": [f"file:/etc/x{i}" for i in range(700000)]}}))
        self.many(text_of({f"file:/etc/{i}": {"require": f"file:/srv/{i}"}
                           for i in range(99999)}))
        self.many(text_of({"exec:a": {
            "command": ["x"] + ["${vars.none}"] * 900000}}))

    def test_of_100000_types(self):
        self.many(text_of({f"fil{i}:/etc/x": {} for i in range(99999)}))

    def test_of_100000_of_one_path(self):
        self.many(text_of({f"file:{i}": {"path": "/etc/a"}
                           for i in range(99999)}))

    def test_of_100000_overrides(self):
        self.many(text_of({}, overrides={f"file:/etc/{i}": {}
                                         for i in range(99999)}))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    CONVERGE, PEAK = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    if len(sys.argv) > 1 and re.fullmatch(r"[\d.]+", sys.argv[1]):
        SLOWER = float(sys.argv.pop(1))
    unittest.main()
