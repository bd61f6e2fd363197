#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The schemas against the binary and the manuals.

usage: schema.py CONVERGE

Schemas are valid, and say of manifests what the binary says of them; whatever
the binary prints is as its schema says; every example in the manuals is right.
"""

import itertools
import json
import operator
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

try:
    from jsonschema import Draft7Validator
except ImportError:
    sys.exit("schema.py: jsonschema is missing: install python3-jsonschema")

HERE = pathlib.Path(__file__).resolve().parent
MANIFESTS = HERE.parent / "manifests"
PAGES = HERE.parent.parent / "man"
FLEET = HERE.parent / "fleet/world"
CONVERGE = ""
INPUTS = {"alone": "converge.manifest/1", "world": "converge.world/1",
          "host": "converge.host/1", "role": "converge.role/1",
          "test": "converge.test/1"}
AGENT = "converge.agent/1"


def run(*arguments, cwd="/", status=0):
    done = subprocess.run([CONVERGE, *map(str, arguments)], cwd=cwd, text=True,
                          encoding="utf-8", capture_output=True, check=False)
    if status is not None and done.returncode != status:
        raise AssertionError(f"{arguments}: exit {done.returncode}, not "
                             f"{status}\n{done.stdout}{done.stderr}")
    return done


def schema(*form):
    return json.loads(run("schema", *form).stdout)


def validator(*form):
    return Draft7Validator(schema(*form))


def formats():
    """The names that the refusal of a wrong one lists."""
    return re.findall(r"^  (\S+)$", run("schema", "x", status=1).stderr, re.M)


def types():
    """Resource types: what may be overridden."""
    return [name.removesuffix("-override") for name in
            schema()["definitions"] if name.endswith("-override")]


def manifests(kind):
    return sorted((MANIFESTS / kind).glob("*.json"))


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def errors(judge, document):
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
            for e in judge.iter_errors(document)]


def plain(groff):
    """What a line of an mdoc literal block shows."""
    for escape, text in ((r"\-", "-"), (r"\(dq", '"'), (r"\(aq", "'"),
                         (r"\(ha", "^"), (r"\(ti", "~"), (r"\(ga", "`"),
                         (r"\&", ""), (r"\e", "\\")):
        groff = groff.replace(escape, text)
    return groff


def blocks(page):
    """Literal blocks of a manual page's source."""
    text = page.read_text(encoding="utf-8")
    return [plain(b) for b in re.findall(
        r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.M | re.S)]


def example_of(kind):
    """The example in `converge help TYPE`."""
    text = run("help", kind).stdout
    found = re.search(r"^example:\n((?:  .*\n)+)", text, re.M)
    return found and found[1]


class Schemas(unittest.TestCase):
    def test_are_valid(self):
        self.assertGreaterEqual(len(formats()), 4)
        self.assertLessEqual(set(INPUTS.values()), set(formats()))
        self.assertEqual(schema(), schema(INPUTS["alone"]))
        for name in formats():
            with self.subTest(name):
                Draft7Validator.check_schema(schema(name))
                properties = schema(name)["properties"]
                if name in (*INPUTS.values(), AGENT):
                    self.assertIn("$schema", properties)
                else:
                    self.assertEqual(properties["format"]["const"], name)

    def test_lead_to_definitions_that_are_there(self):
        for name in INPUTS.values():
            whole, seen = schema(name), 0
            stack = [whole]
            while stack:
                at = stack.pop()
                if isinstance(at, dict) and isinstance(at.get("$ref"), str):
                    seen += 1
                    there = whole
                    for key in at["$ref"].split("/")[1:]:
                        self.assertIn(key, there, at["$ref"])
                        there = there[key]
                if isinstance(at, (dict, list)):
                    stack += at.values() if isinstance(at, dict) else at
            self.assertTrue(seen or name == INPUTS["world"], name)

    def test_describe_every_attribute(self):
        for kind in types():
            for name, attribute in \
                    schema()["definitions"][kind]["properties"].items():
                if name != "//":
                    self.assertTrue(attribute.get("description"),
                                    f"{kind}: {name}")

    def test_defaults_are_valid(self):
        for kind in types():
            for name, attribute in \
                    schema()["definitions"][kind]["properties"].items():
                if "default" in attribute:
                    self.assertEqual([], errors(Draft7Validator(attribute),
                                                attribute["default"]),
                                     f"{kind}: {name}")


class Manifests(unittest.TestCase):
    def graph(self, path, status):
        return run("graph", path.name, "--host", "test-1", "--format", "json",
                   cwd=path.parent, status=status)

    def test_are_many(self):
        self.assertGreaterEqual(len(manifests("good")), 30)
        self.assertGreaterEqual(len(manifests("bad")), 60)
        self.assertGreaterEqual(len(manifests("wrong")), 30)

    def test_good_ones_pass_both(self):
        judge = validator()
        for path in manifests("good"):
            with self.subTest(path.name):
                self.assertEqual([], errors(judge, load(path)))
                self.assertEqual("", self.graph(path, 0).stderr)

    def refused(self, path):
        """By the binary, at a place in this manifest or one of its files."""
        done = self.graph(path, 1)
        self.assertEqual("", done.stdout)
        for line in done.stderr.splitlines():
            if line.startswith("  "):
                continue
            place = re.match(r"([^:]+):(\d+):(\d+): ", line)
            self.assertTrue(place, line)
            lines = (path.parent / place[1]).read_text(
                encoding="utf-8").splitlines()
            self.assertIn(int(place[2]), range(1, len(lines) + 1))
            at = lines[int(place[2]) - 1].encode()
            self.assertIn(int(place[3]), range(1, len(at) + 1))
        return done.stderr

    def test_bad_ones_pass_neither(self):
        judge = validator()
        for path in manifests("bad"):
            with self.subTest(path.name):
                self.assertNotEqual([], errors(judge, load(path)))
                said = self.refused(path)
                self.assertTrue(said.startswith(path.name + ":"), said)
                # one thing is bad about each: no errors that follow from it
                self.assertEqual(1, len(re.findall(r"^\S", said, re.M)), said)

    def test_wrong_ones_pass_the_schema_alone(self):
        judge = validator()
        for path in manifests("wrong"):
            with self.subTest(path.name):
                self.assertEqual([], errors(judge, load(path)))
                self.assertNotEqual("", self.refused(path))

    def test_good_ones_have_everything(self):
        whole, have, overridden, top = schema(), {}, set(), set()
        for path in manifests("good"):
            manifest = load(path)
            top |= manifest.keys()
            overridden |= {i.split(":")[0] for i in
                           manifest.get("overrides", {})}
            for name, attributes in manifest.get("resources", {}).items():
                if name != "//":
                    have.setdefault(name.split(":")[0], set()).update(
                        attributes)
        self.assertEqual(set(), set(whole["properties"]) - top)
        self.assertEqual(set(), set(types()) - overridden)
        everywhere = set.intersection(*(
            set(whole["definitions"][kind]["properties"]) for kind in types()))
        self.assertLessEqual({"when", "for_each", "require"}, everywhere)
        self.assertEqual(set(), everywhere - set().union(*have.values()))
        for kind in types():
            want = set(whole["definitions"][kind]["properties"])
            self.assertEqual(set(), want - everywhere - have[kind], kind)


class Values(unittest.TestCase):
    """Every attribute of every type with a value of every kind."""

    LEAST = {"file": {}, "directory": {}, "link": {"target": "x"},
             "exec": {"command": ["true"]}, "service": {"name": "x"},
             "user": {"name": "x"}, "group": {"name": "x"},
             "authorized_key": {"user": "x", "key": "ssh-ed25519 AAAAC3NzaC1lZ"
                                "DI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFx"
                                "gZGhscHR4f"},
             "package": {"name": "x"},
             "apt_repository": {"name": "x", "uris": "file:/x",
                                "suites": "./"},
             "line": {"path": "/x", "line": "x"},
             "block": {"path": "/x", "content": "x"},
             "ini": {"path": "/x", "section": "x", "key": "x", "value": "x"},
             "json": {"path": "/x", "pointer": "/x", "value": 1},
             "host_entry": {"name": "x", "ip": "::1"},
             "cron": {"command": "true", "schedule": "@daily"},
             "sysctl": {"value": 1}, "hostname": {}, "timezone": {},
             "kernel_module": {},
             "mount": {"device": "x", "fstype": "x"},
             "archive": {"target": "/x", "ensure": "absent"},
             "git": {"path": "/x", "ensure": "absent"}}
    VALUES = (None, True, False, 0, 1, -1, 644, 1.5, 1e300, 2 ** 63 - 1, "",
              "x", "/x", "0644", "5m", "a:b", "none", "absent", "\n", "x" * 300,
              "${vars.x}", "$${vars.x}", [], [None], [True], [1], [1.5], [""],
              ["x"], ["/x"], ["x", 1], [["x"]], [[]], [{}], {}, {"a": 1},
              {"a": "b"}, {"a": None}, {"a": ["b"]}, {"": "b"}, {"//": 1})
    KIND = re.compile(r"must be .*, not (a|an|true|false|null)\b|; item \d+ is ")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-docs-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.judge = validator()

    def refused(self, kind, attribute):
        """By the schema, and by the binary with what it says: of values."""
        rows, place = [], {}
        for i, value in enumerate(self.VALUES):
            name = f"{kind}:/etc/{i}"
            place[name] = i
            rows.append(f"{json.dumps(name)}: " + json.dumps(
                {**self.LEAST[kind], attribute: value}))
        text = ('{"version": 1, "vars": {"x": "x"}, "resources": {\n' +
                ",\n".join(rows) + "\n}}")
        (self.folder / "m.json").write_text(text, encoding="utf-8")
        by_schema = {place[e.absolute_path[1]]
                     for e in self.judge.iter_errors(json.loads(text))}
        said = run("graph", "m.json", "--host", "h", cwd=self.folder,
                   status=None).stderr
        by_binary = {}
        for line in said.splitlines():
            found = re.match(r"m\.json:(\d+):(\d+): (.*)", line)
            if not found:
                self.assertTrue(line.startswith("  hint: "), line)
                continue
            at, message = int(found[1]) - 2, found[3]
            by_binary.setdefault(at, message)
            self.assertLessEqual(int(found[2]), len(rows[at].encode()))
        return by_schema, by_binary

    def test_what_the_schema_refuses_is_refused(self):
        decided = 0
        for kind in types():
            for attribute in schema()["definitions"][kind]["properties"]:
                if attribute in ("//", "when", "for_each"):
                    continue
                with self.subTest(kind, attribute=attribute):
                    by_schema, by_binary = self.refused(kind, attribute)
                    decided += len(self.VALUES)
                    self.assertEqual([], [self.VALUES[i] for i in
                                          by_schema - by_binary.keys()])
                    for i in by_schema:
                        self.assertIn(f"'{attribute}'", by_binary[i])
                    # what the schema lets through is of the right kind, but
                    # for a reference, of which it cannot know
                    self.assertEqual([], [
                        (self.VALUES[i], by_binary[i])
                        for i in by_binary.keys() - by_schema
                        if self.VALUES[i] != "${vars.x}" and
                        self.KIND.search(by_binary[i])])
        self.assertGreater(decided, 2000)

    def test_of_the_top_what_the_schema_refuses_is_refused(self):
        keys = [(key,) for key in schema()["properties"]] + [
            ("policy", key) for key in ("max_disruption", "max_removals",
                                        "other")]
        for key, value in itertools.product(keys, self.VALUES):
            inner = value
            for name in reversed(key):
                inner = {name: inner}
            manifest = {"version": 1, **inner}
            with self.subTest(key, value=value):
                (self.folder / "m.json").write_text(json.dumps(manifest))
                said = run("graph", "m.json", "--host", "x", cwd=self.folder,
                           status=None).stderr
                if errors(self.judge, manifest):
                    self.assertRegex(said, r"^m\.json:1:\d+: ")
                elif value != 1e300:    # an integer, to a schema
                    self.assertNotIn(" must be ", said)


def kind_of(name):
    """What a file of a world is, by its name."""
    return {"hosts": "host", "roles": "role", "tests": "test"}.get(
        name.split("/")[0], "world")


class Worlds(unittest.TestCase):
    # of each kind, one that has all keys; the others of the world fit it
    WORLD = {"$schema": "x", "//": 1, "version": 1, "vars": {"x": [1]},
             "facts": {"os.id": "debian"}, "templates": {"escape": "html"},
             "policy": {"max_disruption": "none", "max_removals": "5%"},
             "snapshots": {"signed": True},
             "lint": {"//": 1, "unused-var": "off", "same-key": "error"}}
    HOST = {"$schema": "x", "//": 1, "version": 1, "host": "h",
            "roles": ["r"], "tags": ["t"], "vars": {"x": 1},
            "facts": {"os": {"id": "x"}}, "policy": {"max_removals": 3},
            "defaults": {"file": {"mode": "0600"}},
            "resources": {"file:/etc/h": {"require": "role:r"}},
            "overrides": {"file:/etc/r": {"mode": None, "owner": "root",
                                          "content": None}}}
    ROLE = {"$schema": "x", "//": 1, "version": 1, "description": "d",
            "include": ["a/b"], "vars": {"x": 2},
            "defaults": {"//": 1, "file": {"//": 1, "mode": "0644"}},
            "resources": {"file:/etc/r": {"content": "",
                                          "when": {"vars.x": 1}}},
            "overrides": {"file:/etc/b": {"content": None}},
            "policy": {"max_disruption": "reload"},
            "rules": [{"when": {"not": {"any": [{"host": "x"}]},
                                "facts.os.id": "x", "tags": ["t"]},
                       "//": 1, "description": "d", "include": ["a/b"],
                       "vars": {"x": 3}, "overrides": {},
                       "resources": {"directory:/etc/d": {}},
                       "policy": {"max_disruption": "none"}}]}
    BASE = {"converge.json": WORLD, "hosts/h.json": HOST,
            "roles/r.json": ROLE,
            "roles/a/b.json": {"resources": {"file:/etc/b":
                                             {"content": "x"}}}}
    # one thing is wrong with each
    WRONG = (
        ("converge.json", {"host": "h"}), ("converge.json", {"roles": []}),
        ("converge.json", {"resources": {}}),
        ("converge.json", {"templates": {"escape": "xml"}}),
        ("converge.json", {"snapshots": {"signed": "yes"}}),
        ("hosts/h.json", {"snapshots": {"signed": True}}),
        ("converge.json", {"lint": {"unused-var": "on"}}),
        ("converge.json", {"lint": {"unused-vra": "off"}}),
        ("converge.json", {"lint": {"invalid": "off"}}),
        ("hosts/h.json", {"lint": {}}), ("roles/r.json", {"lint": {}}),
        ("hosts/h.json", {"templates": {"escape": "none"}}),
        ("hosts/h.json", {"include": ["r"]}), ("hosts/h.json", {"rules": []}),
        ("hosts/h.json", {"roles": ["../r"]}),
        ("hosts/h.json", {"roles": ["r/"]}),
        ("hosts/h.json", {"roles": ["r//r"]}),
        ("hosts/h.json", {"roles": ["r/./r"]}),
        ("hosts/h.json", {"roles": ["r" * 201]}),
        ("hosts/h.json", {"overrides": {"file:/etc/r": {"when": {}}}}),
        ("hosts/h.json", {"overrides": {"file:/etc/r": {"own": "x"}}}),
        ("hosts/h.json", {"overrides": {"fil:/etc/r": {}}}),
        ("hosts/h.json", {"defaults": {"file": {"for_each": []}}}),
        ("hosts/h.json", {"defaults": {"file": {"mod": "0644"}}}),
        ("hosts/h.json", {"defaults": {"file": {"mode": 644}}}),
        ("hosts/h.json", {"defaults": {"fil": {}}}),
        ("hosts/h.json", {"defaults": {"file": {"owner": None}}}),
        ("hosts/h.json", {"resources": {"file:/etc/h": {"mode": None}}}),
        ("roles/r.json", {"host": "h"}), ("roles/r.json", {"tags": []}),
        ("roles/r.json", {"roles": []}), ("roles/r.json", {"facts": {}}),
        ("roles/r.json", {"when": {}}),
        ("roles/r.json", {"policy": {"max_removals": 1}}),
        ("roles/r.json", {"rules": [{}]}), ("roles/r.json", {"rules": [1]}),
        ("roles/r.json", {"rules": [{"when": {"vars.x": 1}}]}),
        ("roles/r.json", {"rules": [{"when": {"not": {"vars.x": 1}}}]}),
        ("roles/r.json", {"rules": [{"when": {"each.key": 1}}]}),
        ("roles/r.json", {"rules": [{"when": {}, "defaults": {}}]}),
        ("roles/r.json", {"rules": [{"when": {}, "rules": []}]}),
        ("roles/r.json", {"rules": [{"when": {}, "version": 1}]}),
        ("roles/r.json", {"rules": [{"when": {}, "policy":
                                     {"max_removals": 1}}]}),
        ("roles/r.json", {"rules": [{"when": {}, "resources":
                                     {"file:/x": {"mod": "x"}}}]}),
        ("roles/r.json", {"rules": [{"when": {"host": "no"}, "resources":
                                     {"file:/x": {"mod": "x"}}}]}),
    )

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-docs-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.judges = {kind: validator(form) for kind, form in INPUTS.items()}
        self.output = validator("converge.check/1")

    def found(self, files):
        """What check finds wrong with a world, and of which of its files."""
        shutil.rmtree(self.folder)
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content), encoding="utf-8")
        found = json.loads(run("check", ".", "--json", cwd=self.folder,
                               status=None).stdout)
        self.assertEqual(0, found["summary"]["more"])
        self.assertEqual([], errors(self.output, found))
        return [f for f in found["findings"] if f["rule"] == "invalid"]

    def fits(self, name, document):
        return not errors(self.judges[kind_of(name)], document)

    def test_of_a_fleet_pass_both(self):
        files = [f for f in FLEET.rglob("*.json")
                 if f.relative_to(FLEET).parts[0] in
                 ("hosts", "roles", "tests", "converge.json")]
        self.assertGreaterEqual(len(files), 60)
        for path in files:
            name = str(path.relative_to(FLEET))
            with self.subTest(name):
                self.assertEqual([], errors(self.judges[kind_of(name)],
                                            load(path)))
        run("check", FLEET)

    def test_with_all_keys_pass_both(self):
        self.assertEqual([], self.found(self.BASE))
        for name, document in self.BASE.items():
            self.assertEqual(
                [], errors(self.judges[kind_of(name)], document), name)
        for kind, document in (("world", self.WORLD), ("host", self.HOST),
                               ("role", self.ROLE)):
            self.assertEqual(set(), document.keys() ^
                             schema(INPUTS[kind])["properties"].keys(), kind)
        self.assertEqual(
            set(), self.ROLE["rules"][0].keys() ^ schema(INPUTS["role"])
            ["definitions"]["role-rule"]["properties"].keys())

    def test_wrong_ones_pass_neither(self):
        for name, part in self.WRONG:
            with self.subTest(name, part=part):
                document = {**self.BASE[name], **part}
                self.assertFalse(self.fits(name, document))
                found = self.found({**self.BASE, name: document})
                self.assertIn(name, [f["file"] for f in found])

    def test_what_must_be_there(self):
        for name, keys in (("converge.json", {"version"}),
                           ("hosts/h.json", {"version", "host"}),
                           ("roles/r.json", set())):
            for key in self.BASE[name]:
                document = dict(self.BASE[name])
                del document[key]
                with self.subTest(name, key=key):
                    self.assertEqual(key not in keys,
                                     self.fits(name, document))
                    self.assertEqual(key in keys, any(
                        f["text"] == f"'{key}' is missing" for f in
                        self.found({**self.BASE, name: document})))

    def compare(self, name, document, findings):
        texts = [f["text"] for f in findings if f["file"] == name]
        if not self.fits(name, document):
            self.assertTrue(texts, document)
        elif "e+300" not in json.dumps(document):  # an integer, to a schema
            self.assertEqual([], [t for t in texts if " must be " in t],
                             document)

    def test_what_the_schema_refuses_is_refused(self):
        for key in schema(INPUTS["world"])["properties"]:
            for value in Values.VALUES:
                document = {"version": 1, key: value}
                self.compare("converge.json", document,
                             self.found({"converge.json": document}))
        inner = schema(INPUTS["role"])["definitions"]["role-rule"]
        for kind, keys in (
                ("hosts", schema(INPUTS["host"])["properties"]),
                ("roles", schema(INPUTS["role"])["properties"]),
                ("rules", inner["properties"])):
            for key in keys:
                files = {"converge.json": {"version": 1}}
                judged = {}
                for i, value in enumerate(Values.VALUES):
                    host = {"version": 1, "host": f"h{i}", "roles": [f"r{i}"]}
                    role = {}
                    if kind == "hosts":
                        host[key] = value
                        judged[f"hosts/h{i}.json"] = host
                    else:
                        role = ({key: value} if kind == "roles" else
                                {"rules": [{"when": {}, key: value}]})
                        judged[f"roles/r{i}.json"] = role
                    files |= {f"hosts/h{i}.json": host,
                              f"roles/r{i}.json": role}
                found = self.found(files)
                for name, document in judged.items():
                    with self.subTest(kind, key=key):
                        self.compare(name, document, found)

    def test_of_a_file_is_that_of_its_place(self):
        self.found({**self.BASE, "modules.d/gate.json": {
            "format": "converge.type/1", "summary": "A gate.",
            "attributes": {"name": {"type": "text", "name": True,
                                    "doc": "Its name."}}}})
        for name in (*self.BASE, "roles/new/new.json", "hosts/new.json"):
            got = schema(self.folder / name)
            self.assertEqual(schema(INPUTS[kind_of(name)])["title"],
                             got["title"])
            self.assertEqual(name != "converge.json",
                             "gate" in got["definitions"])
        for name in ("m.json", "other/hosts/h.json", "hosts/deep/h.json"):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            self.assertEqual(schema()["title"],
                             schema(self.folder / name)["title"])


class Tests(unittest.TestCase):
    """The tests that a world brings along: schema and binary agree."""

    # one that has all keys
    WHOLE = {
        "$schema": "x", "//": 1, "version": 1, "description": "d",
        "host": ["h"], "tags": "t*", "facts": {"os.id": "debian"},
        "given": {"//": 1, "converged": True,
                  "files": {"//": 1, "/etc/a": "text", "/etc/b": {
                      "//": 1, "ensure": "file", "content": "x",
                      "mode": "0600", "owner": "root", "group": "root"},
                      "/etc/c": {"ensure": "link", "target": "b"},
                      "/etc/x": {"ensure": "absent"}},
                  "packages": {"less": "absent", "hello": "2.10-3"},
                  "units": {"cron.service": {"active": "failed",
                                             "enabled": "disabled"}},
                  "commands": {"//": 1, "test -f /x": 1}},
        "expect": {"//": 1,
                   "resources": {"//": 1, "file:/etc/h": {
                       "//": 1, "mode": "0600", "content": {
                           "//": 1, "is": "x\n", "contains": ["x"],
                           "lacks": "y", "matches": "^x$"}},
                       "package:*": "absent", "file:*": "present"},
                   "files": {"//": 1, "/etc/h": {
                       "//": 1, "content": "x\n", "mode": "0600",
                       "owner": "root", "group": "root", "type": "file"},
                       "/etc/c": {"target": "b"},
                       "/etc/x": "absent", "/etc/a": "present"},
                   "packages": {"less": "absent", "hello": "installed"},
                   "units": {"cron.service": {"active": "failed",
                                              "enabled": "disabled"}},
                   "changes": [], "refreshes": {}, "withheld": 0,
                   "unknown": [], "unchanged": True}}

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-docs-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.judge = validator(INPUTS["test"])
        self.output = validator("converge.tests/1")
        for name, document in (
                ("converge.json", {"version": 1}),
                ("hosts/h.json", {"version": 1, "host": "h", "tags": ["t1"],
                                  "resources": {"file:/etc/h": {
                                      "content": "x\n", "mode": "0600"}}})):
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(json.dumps(document))
        (self.folder / "tests").mkdir()

    def errors(self, documents):
        """By file, what the binary finds wrong with tests as such."""
        for name, document in documents.items():
            (self.folder / name).write_text(json.dumps(document))
        done = run("test", ".", "--json", cwd=self.folder, status=None)
        self.assertIn(done.returncode, (0, 1, 2), done.stderr)
        found, document = {}, json.loads(done.stdout)
        self.assertEqual([], errors(self.output, document))
        for error in document["errors"]:
            found.setdefault(error["file"], []).append(error["text"])
        # check tells each of them, at the same place
        place = operator.itemgetter("file", "line", "column", "text")
        checked = {place(f) for f in json.loads(
            run("check", ".", "--json", cwd=self.folder,
                status=None).stdout)["findings"] if "line" in f}
        self.assertEqual([], [place(e) for e in document["errors"]
                              if place(e) not in checked])
        return found

    def test_with_all_keys_pass_both(self):
        self.assertEqual([], errors(self.judge, self.WHOLE))
        (self.folder / "tests/a.json").write_text(json.dumps(self.WHOLE))
        self.assertIn(" 0 failures,",
                      run("test", ".", cwd=self.folder).stdout)
        properties = schema(INPUTS["test"])["properties"]
        self.assertEqual(self.WHOLE.keys(), properties.keys())
        for part in ("given", "expect"):
            self.assertEqual(self.WHOLE[part].keys(),
                             properties[part]["properties"].keys())

    def test_what_the_schema_refuses_is_refused(self):
        places = [(key,) for key in self.WHOLE] + [
            (part, key) for part in ("given", "expect")
            for key in self.WHOLE[part]] + [
            (part, key, name) for part in ("given", "expect")
            for key, value in self.WHOLE[part].items()
            if isinstance(value, dict) for name in value] + [
            ("expect", "resources", "file:/etc/h", "content", key)
            for key in ("is", "contains", "lacks", "matches", "wrong")] + [
            ("given", "files", "/etc/b", key)
            for key in ("ensure", "mode", "owner", "wrong")] + [
            ("wrong",), ("given", "wrong"), ("expect", "wrong")]
        documents = {}
        for place, value in itertools.product(places, Values.VALUES):
            document = json.loads(json.dumps(self.WHOLE))
            inner = document
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = value
            documents[f"tests/{len(documents)}.json"] = document
        found, names = {}, list(documents)
        # of more than a thousand it does not tell
        for i in range(0, len(names), 400):
            found |= self.errors({n: documents[n] for n in names[i:i + 400]})
            for path in (self.folder / "tests").iterdir():
                path.unlink()
        refused = 0
        for name, document in documents.items():
            fits = not errors(self.judge, document)
            refused += not fits
            with self.subTest(document=document):
                if not fits:
                    self.assertTrue(found.get(name))
                elif "e+300" not in json.dumps(document):
                    # what a schema cannot tell
                    self.assertEqual([], [
                        t for t in found.get(name, []) if not re.search(
                            "no host of|regular expression|expects nothing|"
                            "it cannot|must have a 'target'|is no unit", t)])
        self.assertGreater(refused, 500)

    def test_what_fails_is_as_the_schema_says(self):
        document = json.loads(json.dumps(self.WHOLE))
        document["expect"]["resources"]["file:/etc/h"]["mode"] = "0644"
        (self.folder / "tests/a.json").write_text(json.dumps(document))
        told = json.loads(run("test", ".", "--json", cwd=self.folder,
                              status=2).stdout)
        self.assertEqual([], errors(self.output, told))
        self.assertEqual(1, told["summary"]["failures"])
        suites = xml.etree.ElementTree.fromstring(run(
            "test", ".", "--format", "junit", cwd=self.folder,
            status=2).stdout)
        self.assertEqual("1", suites.get("failures"))
        self.assertEqual(int(suites.get("tests")),
                         len(suites.findall("testsuite/testcase")))
        self.assertEqual(1, len(suites.findall(
            "testsuite/testcase/failure")))

    def test_what_must_be_there(self):
        for key in self.WHOLE:
            document = dict(self.WHOLE)
            del document[key]
            needed = key in ("version", "expect")
            self.assertEqual(needed, bool(errors(self.judge, document)), key)
            self.assertEqual(needed, f"'{key}' is missing" in self.errors(
                {"tests/a.json": document}).get("tests/a.json", []), key)

    def test_of_the_manual_is_one_and_passes(self):
        """Its files, each after its name; then what the runs print."""
        text = (PAGES / "converge-test.1").read_text(encoding="utf-8")
        found = [(name, plain(block)) for name, block in re.findall(
            r"(?:^\.Pa (\S+)\n)?^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text,
            re.M | re.S)]
        world = self.folder / "world"
        self.assertGreaterEqual(len(found), 5)
        printed = 0
        for name, block in found:
            if name and block.startswith("{"):
                self.assertEqual([], errors(
                    validator(INPUTS[kind_of(name)]), json.loads(block)))
                path = world / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block, encoding="utf-8")
            elif block.startswith("$ "):
                have = []
                for line in block.splitlines():
                    if line.startswith("$ "):
                        have += [line, *run(*line.split()[2:], cwd=world,
                                            status=None).stdout.splitlines()]
                # a line that is too long for the page ends by a backslash
                self.assertEqual(re.sub(r"\\\n +", "", block).splitlines(),
                                 have)
                printed += 1
        self.assertGreaterEqual(printed, 2)


class Examples(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-docs-"))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(HERE / "example", self.folder, dirs_exist_ok=True)
        self.judge = validator()

    def check(self, text):
        manifest = json.loads(text)
        self.assertEqual([], errors(self.judge, manifest))
        (self.folder / "host.json").write_text(text, encoding="utf-8")
        run("graph", "host.json", cwd=self.folder)
        return manifest

    def test_of_each_type_is_a_manifest(self):
        for kind in types():
            with self.subTest(kind):
                text = example_of(kind)
                self.assertTrue(text, "it has no example")
                manifest = self.check(
                    f'{{"version": 1, "resources": {{{text}}}}}')
                self.assertTrue([i for i in manifest["resources"]
                                 if i.startswith(kind + ":")])

    def test_of_each_type_is_in_the_manual(self):
        shown = [json.loads("{" + b + "}")
                 for b in blocks(PAGES / "converge-types.5")]
        self.assertEqual(shown, [json.loads("{" + example_of(kind) + "}")
                                 for kind in types()])

    def test_in_the_manuals_are_manifests(self):
        found = 0
        for page in sorted(PAGES.glob("*.[1-9]")):
            for block in blocks(page):
                # of a world and of agent.json: below
                if block.startswith("{\n") and '"url":' not in block and \
                        page.name not in ("converge-world.5",
                                          "converge-test.1"):
                    with self.subTest(page.name, block=block):
                        form = json.loads(block).get("format")
                        if form:
                            self.assertEqual([], errors(
                                validator(form), json.loads(block)))
                        else:
                            self.check(block)
                    found += 1
        self.assertGreaterEqual(found, 4)


    def test_of_a_world_is_one(self):
        """Its files, each after its name; then what the runs print."""
        text = (PAGES / "converge-world.5").read_text(encoding="utf-8")
        found = [(name, plain(block)) for name, block in re.findall(
            r"(?:^\.Pa (\S+)\n)?^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text,
            re.M | re.S)]
        self.assertGreaterEqual(len(found), 4)
        for name, block in found[:-1]:
            with self.subTest(name):
                self.assertEqual([], errors(
                    validator(INPUTS[kind_of(name)]), json.loads(block)))
            path = self.folder / "world" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block, encoding="utf-8")
        (self.folder / "root/etc").mkdir(parents=True)
        have = []
        for line in found[-1][1].splitlines():
            if not line.startswith("$ "):
                continue
            words = line.split()[2:]
            if words[0] == "plan":
                words += ["--root", self.folder / "root", "--state-dir",
                          self.folder / "state"]
            have += [line, *run(*words, cwd=self.folder / "world",
                                status=None).stdout.splitlines()]
        # a line that is too long for the page ends by a backslash there
        want = re.sub(r"\\\n +", "", found[-1][1])
        self.assertEqual(want.splitlines(), have)


class Agents(unittest.TestCase):
    """agent.json: the schema says what the binary says of it."""

    FINGERPRINT = "0123456789abcdef0123 456789ABCDEF01234567"
    BASE = {"version": 1, "url": "https://git.example.org/world.git"}
    GOOD = [
        {}, {"//": "x", "$schema": "x"}, {"url": "ssh://git@h.example:22/w"},
        {"url": "git@h.example:w"}, {"url": "https://h.example:8443/w"},
        {"branch": "main"}, {"branch": "a/b"}, {"allowed_signers": "/a/b"},
        {"revoked_keys": "/a"}, {"known_hosts": "/a"}, {"ssh_key": "/a"},
        {"ca_file": "/a"}, {"host": "web-1.example"}, {"max_age": 1},
        {"max_age": "14d"}, {"max_age": "90m"}, {"max_age": 315360000},
        {"gpg_keyring": "/a", "gpg_signers": FINGERPRINT},
        {"gpg_keyring": "/a", "gpg_signers": [FINGERPRINT]},
    ]
    BAD = [
        {"version": 2}, {"version": "1"}, {"url": ""}, {"url": 1},
        {"url": "http://h.example/w"}, {"url": "https://u:p@h.example/w"},
        {"url": "file:///w"}, {"url": "https://h.example"},
        {"branch": ""}, {"branch": "-x"}, {"allowed_signers": "a"},
        {"allowed_signers": "/a/../b"}, {"known_hosts": 1},
        {"host": "a/b"}, {"host": "-a"}, {"host": ""}, {"max_age": 0},
        {"max_age": "0d"}, {"max_age": "1w"}, {"max_age": 315360001},
        {"gpg_keyring": "/a"}, {"gpg_signers": FINGERPRINT},
        {"gpg_keyring": "/a", "gpg_signers": "0123"},
        {"gpg_keyring": "/a", "gpg_signers": []}, {"brunch": "main"},
    ]

    def setUp(self):
        self.judge = validator(AGENT)
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "etc/converge").mkdir(parents=True)

    def refused(self, document):
        """Whether plan says something of the file itself."""
        path = self.folder / "etc/converge/agent.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        said = run("plan", "--root", self.folder, "--host", "h",
                   status=1).stderr
        return "agent.json:" in said

    def test_right_ones_pass_both(self):
        for part in self.GOOD:
            with self.subTest(part):
                document = {**self.BASE, **part}
                self.assertEqual([], errors(self.judge, document))
                self.assertFalse(self.refused(document))

    def test_wrong_ones_pass_neither(self):
        for document in [{"version": 1}, {"url": self.BASE["url"]}, [],
                         *({**self.BASE, **part} for part in self.BAD)]:
            with self.subTest(document):
                self.assertNotEqual([], errors(self.judge, document))
                self.assertTrue(self.refused(document))

    def test_of_the_manual_is_one(self):
        found = [json.loads(b) for b in
                 blocks(PAGES / "converge-agent.json.5") if '"url":' in b]
        self.assertGreaterEqual(len(found), 1)
        for document in found:
            self.assertEqual([], errors(self.judge, document))

    def test_has_all_keys_of_the_manual(self):
        text = (PAGES / "converge-agent.json.5").read_text(encoding="utf-8")
        keys = re.findall(r"^\.It Cm (\w+) :", text, re.M)
        self.assertEqual({*keys, "//", "$schema"},
                         {*schema(AGENT)["properties"]})


class Outputs(unittest.TestCase):
    """A tree in which a bit of everything happens."""

    MANIFEST = {
        "version": 1,
        "policy": {"max_disruption": "restart"},
        "resources": {
            "directory:/etc/app.d": {"purge": True},
            "file:/etc/app.d/new": {"content": "new\n"},
            "file:/etc/app.d/old": {"content": "new\n",
                                    "notify": "exec:refreshed"},
            "file:/etc/hidden": {"content": "secret\n", "mode": "0600",
                                 "sensitive": ["content"]},
            "file:/etc/right": {"content": "right\n"},
            "file:/etc/gone": {"ensure": "absent"},
            "link:/etc/link": {"target": "app.d"},
            "file:/etc/noop": {"content": "x", "noop": True},
            "exec:refreshed": {"command": ["no-such-program"],
                               "refreshonly": True},
            "exec:failing": {"command": ["no-such-program"]},
            "exec:guarded": {"command": ["no-such-program"],
                             "unless": ["no-such-program"]},
            "exec:unknown": {"command": ["no-such-program"],
                             "require": "file:/etc/app.d/new",
                             "unless": ["no-such-program"]},
            "file:/etc/skipped": {"require": "exec:guarded"},
            "exec:disturbing": {"command": ["no-such-program"],
                                "disruption": "reboot"},
        },
    }

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="converge-docs-"))
        self.addCleanup(shutil.rmtree, self.folder)
        etc = self.folder / "root/etc"
        (etc / "app.d").mkdir(parents=True)
        for name, text in (("app.d/old", "old\n"), ("app.d/stray", "x"),
                           ("hidden", "old secret\n"), ("right", "right\n"),
                           ("gone", "x"), ("hostname", "a-host\n"),
                           ("os-release", "ID=debian\nVERSION_ID=12\n"
                            "ID_LIKE=\"a b\"\nPRETTY_NAME='D 12'\n")):
            (etc / name).write_text(text, encoding="utf-8")
        (self.folder / "host.json").write_text(json.dumps(self.MANIFEST),
                                               encoding="utf-8")
        self.where = ("--root", self.folder / "root",
                      "--state-dir", self.folder / "state")

    def valid(self, form, document):
        self.assertEqual(document["format"], form)
        self.assertEqual([], errors(validator(form), document))
        return document

    def plan(self, *options, status=6):
        done = run("plan", "host.json", "--json", *self.where, *options,
                   cwd=self.folder, status=status)
        return self.valid("converge.plan/1", json.loads(done.stdout))

    def apply(self, status=4):
        done = run("apply", "host.json", "--json", *self.where,
                   cwd=self.folder, status=status)
        judge = validator("converge.event/1")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        for event in events:
            self.assertEqual([], errors(judge, event), event)
        return events

    def test_plan(self):
        plan = self.plan()
        self.assertLessEqual(
            {"create", "update", "remove", "refresh", "unknown"},
            {c["action"] for c in plan["changes"]})
        for key in ("diff", "because", "withheld", "failed", "skipped",
                    "causes", "reason"):
            self.assertTrue([c for c in plan["changes"] if key in c], key)
        self.assertNotIn("secret", json.dumps(plan["changes"]))
        self.assertEqual(len(plan["changes"]), sum(
            n for key, n in plan["summary"].items()
            if key not in ("unchanged", "disruption")))

    def test_saved_plan(self):
        self.plan("--out", "saved")
        saved = load(self.folder / "saved")
        self.valid("converge.plan/1", saved)
        self.assertEqual(saved["path"], str(self.folder / "host.json"))

    def test_plan_of_nothing(self):
        (self.folder / "host.json").write_text('{"version": 1}')
        plan = self.plan(status=0)
        self.assertEqual([], plan["changes"])

    def test_events(self):
        events = self.apply()
        self.assertEqual("start", events[0]["event"])
        self.assertEqual("end", events[-1]["event"])
        self.assertEqual(4, events[-1]["exit"])
        self.assertEqual({"change"}, {e["event"] for e in events[1:-1]})
        self.assertLessEqual({"done", "failed", "skipped", "withheld"},
                             {e["result"] for e in events[1:-1]})
        self.assertNotIn("secret", json.dumps(events))

    def test_refresh_that_is_owed(self):
        self.apply()
        plan = self.plan()
        owed = [c for c in plan["changes"] if "owed" in c]
        self.assertEqual(["exec:refreshed"], [c["id"] for c in owed])
        self.apply()

    def test_graph(self):
        for options in (("--json",), ("--format", "json")):
            done = run("graph", "host.json", *options, cwd=self.folder)
            graph = self.valid("converge.graph/1", json.loads(done.stdout))
            ids = {r["id"] for r in graph["resources"]}
            self.assertEqual(ids, set(self.MANIFEST["resources"]))
            self.assertTrue(graph["edges"])
            for edge in graph["edges"]:
                self.assertLessEqual({edge["from"], edge["to"]}, ids)

    OLD_ROLE = {
        "vars": {"workers": 2},
        "resources": {
            "file:/etc/a": {"content": "one\ntwo ${vars.workers}\n",
                            "notify": "exec:again"},
            "file:/etc/gone": {"content": "x"},
            "file:/etc/removed": {"content": "x"},
            "file:/etc/hidden": {"content": "old", "sensitive": True},
            "file:/etc/noop": {"content": "old", "noop": True},
            "exec:again": {"command": ["no-such"], "refreshonly": True},
            "exec:guarded": {"command": ["no-such"], "unless": ["no-such"]},
        },
        "rules": [{"when": {"facts.os.id": "debian"}, "resources": {
            "file:/etc/debian": {"content": "x"}}}],
    }
    NEW_ROLE = OLD_ROLE | {
        "vars": {"workers": 3},
        "policy": {"max_disruption": "restart"},
        "resources": {name: of for name, of in OLD_ROLE["resources"].items()
                      if name != "file:/etc/gone"} | {
            "file:/etc/new": {"content": "x"},
            "file:/etc/removed": {"ensure": "absent"},
            "file:/etc/hidden": {"content": "new", "sensitive": True},
            "file:/etc/noop": {"content": "new", "noop": True},
            "exec:guarded": {"command": ["no-such", "x"],
                             "unless": ["no-such"]},
        },
    }

    def commit(self, site, **documents):
        for name, document in documents.items():
            path = site / (name.replace("__", "/").replace("_", "-") + ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.parent.name == "hosts":
                document = {"host": path.stem} | document
            path.write_text(json.dumps(document), encoding="utf-8")
        git = ("git", "-C", site, "-c", "user.name=Ada", "-c",
               "user.email=ada@example.org", "-c", "commit.gpgsign=false")
        if not (site / ".git").exists():
            subprocess.run([*git, "init", "-qb", "main"], check=True)
        for command in (("add", "-A"), ("commit", "-qm", "change #7")):
            subprocess.run([*git, *command], check=True)
        subprocess.run(["chmod", "-R", "go-w", site], check=True)

    def test_diff(self):
        site = self.folder / "site"
        host = {"version": 1, "roles": ["web"]}
        wrong = {"version": 1, "resources": {"fil:/x": {}}}
        self.commit(site, converge={"version": 1}, roles__web=self.OLD_ROLE,
                    hosts__web_1=host, hosts__web_2=host, hosts__gone=host,
                    hosts__mended=wrong, hosts__wrong=host)
        (self.folder / "snapshots").mkdir()
        run("snapshot", site, "--host", "web-2", *self.where, "--out",
            self.folder / "snapshots/web-2.json.zst", status=None)
        (site / "hosts/gone.json").unlink()
        self.commit(site, roles__web=self.NEW_ROLE, hosts__new=host,
                    hosts__mended=host, hosts__wrong=wrong)
        found = json.loads(run(
            "diff", "main~", "main", "--json", "--world", site, "--snapshots",
            self.folder / "snapshots", status=1).stdout)
        self.valid("converge.diff/1", found)
        self.assertEqual(["wrong", "changed", "changed", "mended"],
                         [group["kind"] for group in found["groups"]])
        changes = [change for group in found["groups"]
                   for change in group.get("changes", ())]
        self.assertEqual({"create", "update", "remove", "refresh", "unknown",
                          "release"} | {c["action"] for c in changes},
                         {c["action"] for c in changes})
        groups = found["groups"]
        for key in ("policies", "assumed", "commits"):
            self.assertTrue(any(group.get(key) for group in groups), key)
        self.assertTrue(any(group.get("planned") for group in groups))
        for key in ("diff", "withheld", "because"):
            self.assertTrue(any(key in change for change in changes), key)
        self.assertEqual(1, found["snapshots"]["planned"])
        self.valid("converge.diff/1", json.loads(run(
            "diff", "main", "--format", "json", "--world", site).stdout))

    def test_impact(self):
        site = self.folder / "site"
        host = {"version": 1, "roles": ["web"]}
        wrong = {"version": 1, "resources": {"fil:/x": {}}}
        many = {f"exec:{i}": {"command": ["no-such"], "creates": "/x",
                              "require": "file:/etc/a"} for i in range(60)}
        link = {"file:/etc/linked": {"content": "x",
                                     "notify": "exec:guarded"}}
        old = self.OLD_ROLE | {
            "resources": self.OLD_ROLE["resources"] | many | link}
        link["file:/etc/linked"] = {"content": "x", "require": "exec:0"}
        new = self.NEW_ROLE | {
            "resources": self.NEW_ROLE["resources"] | many | link}
        self.commit(site, converge={"version": 1}, roles__web=old,
                    hosts__web_1=host, hosts__web_2=host, hosts__gone=host,
                    hosts__wrong=host)
        (site / "hosts/gone.json").unlink()
        self.commit(site, roles__web=new, hosts__new=host, hosts__wrong=wrong)
        found = self.valid("converge.impact/1", json.loads(run(
            "graph", "--changed-since", "main~", "--rev", "main", site, "--json",
            status=1).stdout))
        self.assertEqual(["wrong", "changed"],
                         [group["kind"] for group in found["groups"]])
        changed = found["groups"][1]
        touched = [res["touched"] for res in changed["resources"]]
        self.assertEqual({"changed", "dependent"}, set(touched))
        self.assertEqual(40, len(touched))
        self.assertLessEqual(20, changed["more"]["dependent"])
        self.assertLessEqual(
            {"create", "update", "remove", "refresh", "unknown", "release"},
            {res.get("action") for res in changed["resources"]})
        ids = {res["id"] for res in changed["resources"]}
        for edge in changed["edges"]:
            self.assertLessEqual({edge["from"], edge["to"]}, ids)
        self.assertEqual({"add", "remove", None},
                         {edge.get("action") for edge in changed["edges"]})
        one = self.valid("converge.impact/1", json.loads(run(
            "graph", "--changed-since", "main~", site, "--format", "json", "--host",
            "web-1").stdout))
        self.assertEqual(1, one["summary"]["hosts"])

    def test_why(self):
        site = self.folder / "site"
        host = {"version": 1, "roles": ["web"]}
        self.commit(site, converge={"version": 1}, roles__web=self.OLD_ROLE,
                    hosts__web_1=host, hosts__web_2=host | {
                        "overrides": {"exec:again": {"cwd": "/"}}},
                    hosts__own={"version": 1, "resources": {
                        "exec:again": {"command": ["no-such"]}}},
                    hosts__not={"version": 1},
                    hosts__wrong={"version": 1, "resources": {"fil:/x": {}}})
        found = self.valid("converge.why/1", json.loads(run(
            "why", "exec:again", site, "--rev", "main", "--host", "web-1",
            "--json", *self.where).stdout))
        self.assertEqual("file:/etc/a", found["requires"][0]["id"])
        for source in (("--rev", "main"), ()):
            found = self.valid("converge.origins/1", json.loads(run(
                "why", "exec:again", site, *source, "--json", "--all",
                status=1).stdout))
            self.assertEqual([["web-1", "web-2"], ["own"]],
                             [group["hosts"] for group in found["groups"]])
            self.assertEqual(["wrong"], [h["host"] for h in found["wrong"]])
            self.assertTrue(any("only" in part
                                for part in found["groups"][0]["parts"]))
            self.assertTrue(all(g["changed"] for g in found["groups"]))

    def test_facts(self):
        for options in ((), ("--root", self.folder / "root")):
            done = run("facts", "--json", *options, cwd=self.folder)
            facts = self.valid("converge.facts/1", json.loads(done.stdout))
        self.assertEqual("a-host", facts["hostname"])
        self.assertEqual(["a", "b"], facts["os"]["like"])

    def test_version(self):
        done = run("version", "--json", cwd=self.folder)
        self.valid("converge.version/1", json.loads(done.stdout))

    def test_facts_that_the_manual_names(self):
        page = (PAGES / "converge.json.5").read_text(encoding="utf-8")
        section = re.search(r"^\.Sh FACTS\n(.*?)^\.Sh ", page, re.M | re.S)[1]
        named = {name for item in re.findall(r"^\.It Cm (.*)$", section, re.M)
                 for name in item.split(" , ")} | {"local"}
        known = schema("converge.facts/1")["properties"]
        flat = {f"{key}.{inner}" if "properties" in value else key
                for key, value in known.items() if key != "format"
                for inner in value.get("properties", [""])}
        self.assertEqual(flat, named)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    CONVERGE = sys.argv.pop(1)
    unittest.main()
