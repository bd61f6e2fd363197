#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""etc_test.py CONVERGE TREESUM ARCHIVE: the whole /etc of a Debian root, as one
manifest, and all kinds of damage to it.

The plan of the undamaged tree has no change. With each kind of damage, and
with all at once: the plan lists just what is damaged and changes nothing; an
apply makes the tree what it was, bit by bit; and a second one writes nothing
outside the state directory.

KEEP=yes leaves the scratch folder behind.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import etc_damage
import harness
from describe import describe
from harness import DRIFT, UNCHANGED, Failure, check

SKIPPED = 77


class Etc:
    """The scratch root, and what it was at first."""

    def __init__(self, converge, treesum, archive, scratch):
        self.scratch = scratch
        self.root = os.path.join(scratch, "root")
        self.treesum = treesum
        os.mkdir(self.root, 0o755)
        subprocess.run(["tar", "-C", self.root, "--numeric-owner", "-xpf",
                        archive], check=True)
        etc_damage.add_odd(self.root)
        folder = os.path.join(scratch, "manifest")
        os.mkdir(folder)
        described, manifest = describe(self.root, "/etc", folder)
        for path in described.left_out:
            print(f"etc: no manifest can name {path!a}; removed")
            os.unlink(self.root + path)
        self.count = len(described.resources)
        state = os.path.join(scratch, "state")
        os.mkdir(state, 0o700)
        self.converge = harness.Converge(converge, manifest, self.root, state)
        self.tree = etc_damage.Tree(self.root, "/etc")
        self.log = os.path.join(scratch, "strace")
        self.original = self.sum()

    def sum(self):
        return harness.treesum(self.treesum, self.root + "/etc")

    def plan(self, expect):
        """A plan, which must leave no trace."""
        before = harness.stamps(self.root)
        plan = self.converge.run("plan", "--json", expect=expect).plan()
        check_untouched(before, harness.stamps(self.root), "plan")
        return plan

    def check_quiet(self):
        """An apply that writes nothing outside of the state directory."""
        before = harness.stamps(self.root)
        run = self.converge.run("apply", "--json", expect=UNCHANGED,
                                before=harness.strace(self.log))
        writes = harness.writes(self.log, self.converge.state)
        check(not writes, "the second apply writes:\n", "\n".join(writes[:20]))
        check(not run.events("change"), "the second apply changes:", run)
        check_untouched(before, harness.stamps(self.root), "second apply")


def check_untouched(before, after, what):
    harness.check_same(before.items(), after.items(), what, "left a trace:")


def check_plan(plan, expected):
    """The changes are those expected, and no others."""
    listed = {change["id"]: change for change in plan["changes"]}
    check(len(listed) == len(plan["changes"]), "listed twice:", plan)
    harness.check_same(set(expected), set(listed), "not what is damaged:")
    for id_, (action, attributes) in expected.items():
        change = listed[id_]
        have = set(change["attributes"])
        check(change["action"] == action and "failed" not in change,
              "expected", action, "not", change)
        if attributes is not None and "+" in attributes:
            check(attributes - {"+"} <= have, id_, attributes, have)
        elif attributes is not None:
            check(attributes == have, id_, "expected", attributes, have)


def check_values(etc, plan):
    """What a plan says of modes, before and after, is so."""
    for change in plan["changes"]:
        mode = change["attributes"].get("mode")
        kind, _, path = change["id"].partition(":")
        if change["action"] != "update" or not mode or kind == "link":
            continue
        wanted = etc.tree.entries[path].mode
        check(mode["after"] == f"{wanted:04o}", change["id"], mode)
        check(mode["before"] == f"{harness.mode_of(etc.root + path):04o}",
              change["id"], mode)


def taken(change):
    """How much goes with a change: "3 entries (digest)"."""
    below = change["attributes"].get("below", {"before": "0 entries"})
    return int(below["before"].split()[0])


def check_summary(plan):
    summary = plan["summary"]
    for action in ("create", "update", "remove", "unknown"):
        count = sum(c["action"] == action for c in plan["changes"])
        if action == "remove":
            count += sum(taken(c) for c in plan["changes"])
        check(summary[action] == count, "summary", summary, action, count)
    check(summary["failed"] == summary["withheld"] == 0, summary)


def check_text(etc, expected):
    """The text for people has one line a change, in column 0."""
    text = etc.converge.run("plan", expect=DRIFT).output
    marks = {"create": "+", "update": "~", "remove": "-", "unknown": "?"}
    want = sorted(f"{marks[action]} {id_}"
                  for id_, (action, _) in expected.items())
    have = sorted(line.split("  ")[0] for line in text.splitlines()
                  if line[0] in "+~-?!x")
    harness.check_same(want, have, "the text does not list them:")
    check(text.splitlines()[-1].startswith("plan: "), text[-300:])


def repair(etc, expected, detailed=()):
    """An apply that does what the plan said; then the tree is what it was."""
    before = harness.strace(etc.log)
    run = etc.converge.run("apply", "--json", *detailed, before=before,
                           expect=DRIFT if detailed else UNCHANGED)
    done = {event["id"]: event["result"] for event in run.events("change")}
    want = {id_: "unchanged" if action == "unknown" else "done"
            for id_, (action, _) in expected.items()}
    harness.check_same(want.items(), done.items(), "apply did otherwise:")
    # the judge of quiet runs must not be blind
    check(not any(result == "done" for result in done.values()) or
          harness.writes(etc.log, etc.converge.state), "strace saw no write")
    etc.tree.clear_aside()
    harness.check_same(etc.original, etc.sum(), "not what it was:")
    etc.check_quiet()


def damage(etc, entry, function):
    try:
        return function(etc.tree, entry)
    except PermissionError as error:
        raise Failure("cannot do such damage here:", error) from error


def pick_all(tree):
    """An entry for each kind of damage, none twice, and none below another
    whose whole tree is damaged."""
    chosen = []
    order = sorted(etc_damage.DAMAGES, key=lambda kind: not kind[2])
    tree.used = set()
    for name, pick, whole, function in order:
        entry = next((e for _, e in sorted(tree.entries.items())
                      if is_free(tree, e, whole) and pick(tree, e)), None)
        check(entry, f"nothing to damage: {name}")
        tree.used.add(entry.path)
        if whole:
            tree.used.update(below.path for below in tree.below(entry))
        chosen.append((name, entry, function))
    return chosen


def is_free(tree, entry, whole):
    if entry.path in tree.used:
        return False
    return not whole or not any(below.path in tree.used
                                for below in tree.below(entry))


def one_by_one(etc, chosen):
    failed = []
    for name, entry, function in chosen:
        try:
            expected = damage(etc, entry, function)
            plan = etc.plan(DRIFT if expected else UNCHANGED)
            check_plan(plan, expected)
            check_values(etc, plan)
            if expected:
                repair(etc, expected)
            else:
                etc.tree.clear_aside()
                etc.check_quiet()
                harness.check_same(etc.original, etc.sum(), "not the same:")
        except Failure as failure:
            print(f"FAIL {name} ({entry.path}): {failure}")
            failed.append(name)
            etc.tree.clear_aside()
            etc.converge.run("apply")
            if etc.sum() != etc.original:
                raise Failure("a tree that is not what it was") from failure
    return failed


def all_at_once(etc, chosen):
    expected = {}
    for _, entry, function in chosen:
        expected.update(damage(etc, entry, function))
    plan = etc.plan(DRIFT)
    check_plan(plan, expected)
    check_values(etc, plan)
    check_summary(plan)
    check_text(etc, expected)
    repair(etc, expected, ["--detailed-exitcode"])
    return len(expected)


def test(etc):
    plan = etc.plan(UNCHANGED)
    check(not plan["changes"], plan["changes"])
    check(plan["summary"]["unchanged"] == etc.count, plan["summary"])
    etc.check_quiet()
    print(f"etc: {etc.count} resources, no change")
    chosen = pick_all(etc.tree)
    failed = one_by_one(etc, chosen)
    print(f"etc: {len(chosen)} kinds of damage one by one, "
          f"{len(failed)} failed")
    if not failed:
        count = all_at_once(etc, pick_all(etc.tree))
        print(f"etc: all at once, {count} changes")
    return not failed


def main(converge, treesum, archive):
    if os.geteuid() != 0:
        print("etc: only root can give files to others")
        return SKIPPED
    os.umask(0o022)
    scratch = tempfile.mkdtemp(prefix="etc_test.", dir="/tmp")
    try:
        etc = Etc(harness.need(converge), harness.need(treesum), archive,
                  scratch)
        return 0 if test(etc) else 1
    except Failure as failure:
        print(f"FAIL {failure}")
        return 1
    finally:
        if os.environ.get("KEEP"):
            print(f"etc: kept {scratch}")
        else:
            shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
