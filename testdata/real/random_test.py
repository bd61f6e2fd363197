#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""random_test.py CONVERGE TOUCH THERE: plans are the truth, on random
manifests. Half of them begin with nothing, the others with what is partly in
the way.

For each: the plan has no failure and leaves no trace; apply makes just the
changes that it listed, in its order (what was unknown may turn out right); the
tree is what an account of its own (model.py) says; a second plan has no
change, and a second apply leaves no trace.

SEED=N      another set of manifests; it is printed
COUNT=N     how many (1000)
ONLY=N      this one alone, which is left in the scratch folder, to look at
"""
import collections
import json
import multiprocessing
import os
import shutil
import sys
import tempfile

import generate
import harness
import model
from harness import DRIFT, UNCHANGED, Failure, check

SKIPPED = 77
# What must have come up, so that the test cannot go blind unnoticed.
FEATURES = """
    stray file|stray directory|stray link|stray fifo|folder is there
    user's folder|open folder is closed|file in a folder's place
    link in a folder's place|fifo in a folder's place|purge|recurse
    file is there already|file in a file's place|directory in a file's place
    link in a file's place|fifo in a file's place|relative link|absolute link
    link as a folder|link is there already|file in a link's place
    directory in a link's place|link in a link's place|fifo in a link's place
    guarded refresh
    creates|own program|mode of what a command makes|guards
    guard on a managed file|notified command|refreshonly|no guards
    folder made by a command
""".strip().replace("\n    ", "|").split("|")


class Bench:
    """A root for one manifest after the other."""

    def __init__(self, converge, touch, there, scratch):
        self.folder = tempfile.mkdtemp(dir=scratch)
        self.root = self.folder + "/root"
        os.makedirs(self.root + "/bin")
        shutil.copy(touch, self.root + generate.TOUCH)
        shutil.copy(there, self.root + generate.THERE)
        shutil.copy(touch, self.folder + "/touch")
        with open(touch, "rb") as file:
            self.program = file.read()
        self.converge = harness.Converge(
            converge, self.folder + "/manifest.json", self.root,
            self.folder + "/state")

    def begin(self, case):
        shutil.rmtree(self.root + generate.BASE, ignore_errors=True)
        shutil.rmtree(self.converge.state, ignore_errors=True)
        case.initial.write(self.root)
        with open(self.converge.manifest, "w", encoding="utf-8") as file:
            json.dump(case.manifest(), file, indent=1)

    def plan(self):
        """A plan, which must leave no trace."""
        before = harness.stamps(self.root)
        run = self.converge.run("plan", "--json")
        check(run.status in (UNCHANGED, DRIFT), run)
        after = harness.stamps(self.root)
        harness.check_same(before.items(), after.items(), "plan left a trace")
        changes = run.plan()["changes"]
        check(bool(changes) == (run.status == DRIFT), run)
        for change in changes:
            check("failed" not in change and "skipped" not in change and
                  "withheld" not in change, change)
        return [(change["id"], change["action"]) for change in changes]

    def apply(self):
        run = self.converge.run("apply", "--json", expect=UNCHANGED)
        return [(e["id"], e["action"], e["result"])
                for e in run.events("change")]

    def tree(self):
        return model.Tree.read(self.root, generate.BASE)


def check_made(planned, made, counts):
    """What apply made is what the plan said, in its order; of what was unknown
    it says what it came to be, if it came to be anything."""
    have = [(id_, action) for id_, action, _ in made]
    check(len(have) == len(planned), "planned", planned, "made", have)
    for (was, foreseen), (id_, action, result) in zip(planned, made):
        check(was == id_ and foreseen in (action, "unknown"),
              "planned", planned, "made", have)
        if foreseen == "unknown":
            # a refresh that was unknown is told of as that
            check(result == "done" or (action, result) ==
                  ("unknown", "unchanged"), id_, action, result)
            counts[f"unknown that is {result}"] += 1
        else:
            check(result == "done" or (action == "refresh" and
                                       has_run(id_, planned, made)),
                  id_, result)
            counts[action] += 1


def has_run(id_, planned, made):
    """A command that was not known to run, and did, needs no refresh."""
    return (id_, "unknown") in planned and (id_, "update", "done") in made


def check_quiet(bench, case):
    """The second time there is nothing to do, but for what runs always, and
    what cannot be known because of that."""
    before = harness.stamps(bench.root)
    for id_, action in bench.plan():
        check(id_ in case.loud or
              (case.loud and action == "unknown"),
              "the second plan has", id_, action)
    for id_, action, result in bench.apply():
        check(id_ in case.loud or result == "unchanged",
              "the second apply has", id_, action, result)
    if not case.loud:
        after = harness.stamps(bench.root)
        harness.check_same(before.items(), after.items(),
                           "the second apply left a trace")


def test_one(bench, case, counts):
    bench.begin(case)
    expected = case.expected(bench.program)
    planned = bench.plan()
    check_made(planned, bench.apply(), counts)
    wrong = model.differences(expected, bench.tree())
    check(not wrong, "not the tree that was expected:\n", "\n".join(wrong))
    check_quiet(bench, case)


def test_some(task):
    """Every so-many-eth manifest. What failed, and what was counted."""
    arguments, scratch, seed, numbers = task
    bench = Bench(*arguments, scratch)
    failures, counts = [], collections.Counter()
    for number in numbers:
        case = generate.Case(seed, number)
        counts["manifests"] += 1
        counts["resources"] += len(case.resources)
        counts.update("has " + feature for feature in case.used)
        try:
            test_one(bench, case, counts)
        except Failure as failure:
            failures.append((number, str(failure)))
        if len(failures) > 20:
            break
    return failures, counts


def report(failures, counts, seed, count):
    for number, text in sorted(failures)[:20]:
        print(f"FAIL SEED={seed} ONLY={number}: {text}")
    for name, n in sorted(counts.items()):
        print(f"{n:8} {name}")
    missing = [f for f in FEATURES if not counts["has " + f]]
    if missing and count >= 500:
        print(f"FAIL none had: {', '.join(missing)}")
        return False
    return not failures


def run_all(arguments, scratch, seed, numbers):
    workers = min(os.cpu_count() or 1, 4, len(numbers))
    tasks = [(arguments, scratch, seed, numbers[i::workers])
             for i in range(workers)]
    failures, counts = [], collections.Counter()
    with multiprocessing.Pool(workers) as pool:
        for some, counted in pool.imap_unordered(test_some, tasks):
            failures += some
            counts += counted
    return failures, counts


def main(*arguments):
    if os.geteuid() != 0:
        print("random: only root can give files to others")
        return SKIPPED
    os.umask(0o022)
    seed = int(os.environ.get("SEED", "1"))
    count = int(os.environ.get("COUNT", "1000"))
    only = os.environ.get("ONLY")
    numbers = [int(only)] if only else list(range(count))
    print(f"random: SEED={seed}")
    arguments = [harness.need(program) for program in arguments]
    scratch = tempfile.mkdtemp(prefix="random_test.", dir="/tmp")
    try:
        failures, counts = run_all(arguments, scratch, seed, numbers)
        return 0 if report(failures, counts, seed, len(numbers)) else 1
    finally:
        if only:
            print(f"random: kept {scratch}")
        else:
            shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
