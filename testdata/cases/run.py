#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run cases: each a directory with a transcript named "case".

run.py [-u] CONVERGE HELPER CASE...

In a transcript, lines that begin with two spaces are commands ("  $ ...",
continued by "  > ...") and what they print; all else is prose. Standard error
comes after standard output, each line marked "2> "; "[N]" is an exit status
that is not 0. A line that ends in "(glob)" matches with * for any text, a line
"..." matches any number of lines.

Each case has a scratch directory with a copy of its own files (where commands
run), ROOT (a copy of root/ over a small tree) and STATE; see prelude.sh. The
laws hold without being said, see Law. -u writes what was printed into the
transcript: read it before believing it. A case whose prose says "Needs root" is
left out (status 77) for who is not.
"""
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = re.compile(r"(?:^|[;|&(])\s*(?:converge )?"
                  r"(plan|apply|check|graph|facts|help|version|schema|"
                  r"status|history)\b", re.M)

ONCE = re.compile(r"--(detailed-exitcode|wait|(deadline|max-disruption|snapshot) \S+)")


def look(root):
    """What stands below root, for comparison: path -> all that may change."""
    seen = {}
    for folder, folders, files in os.walk(os.fsencode(root)):
        for name in folders + files:
            path = os.path.join(folder, name)
            at = os.lstat(path)
            what = None
            if stat.S_ISLNK(at.st_mode):
                what = os.readlink(path)
            elif stat.S_ISREG(at.st_mode):
                with open(path, "rb") as f:
                    what = hashlib.sha256(f.read()).digest()
            seen[path] = (at.st_mode, at.st_uid, at.st_gid, at.st_ino,
                          at.st_mtime_ns, what)
    return seen


class Step:
    """A command of a transcript and what it should print."""

    def __init__(self, at):
        self.at = at        # line number
        self.source = []    # lines of the command, as they stand
        self.expected = []

    def command(self):
        return "\n".join(line[4:] for line in self.source)


def parse(path):
    """The transcript as a list of prose lines and steps."""
    parts = []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f.read().split("\n"), 1):
            step = parts[-1] if parts and isinstance(parts[-1], Step) else None
            if line.startswith("  $ "):
                parts.append(Step(number))
                parts[-1].source.append(line)
            elif step and line.startswith("  > ") and not step.expected:
                step.source.append(line)
            elif step and line.startswith("  "):
                step.expected.append(line[2:])
            else:
                parts.append(line)
    return parts


def line_matches(want, have):
    if want.endswith(" (glob)"):
        pattern = re.escape(want[:-7]).replace(r"\*", ".*")
        return re.fullmatch(pattern, have) is not None
    return want == have


def matches(want, have):
    """Whether the lines of want match all lines of have."""
    if not want:
        return not have
    if want[0] == "...":
        return any(matches(want[1:], have[i:]) for i in range(len(have) + 1))
    return (bool(have) and line_matches(want[0], have[0])
            and matches(want[1:], have[1:]))


class Case:
    def __init__(self, directory, converge, helper):
        self.directory = directory
        self.scratch = os.path.realpath(tempfile.mkdtemp(prefix="case."))
        self.root, self.state, self.world = (
            os.path.join(self.scratch, name)
            for name in ("root", "state", "world"))
        self.environment = {
            "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "ROOT": self.root, "STATE": self.state, "CONVERGE": converge,
            "HELPER": helper, "ENV": "", "TMP": self.scratch,
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        shutil.copytree(directory, self.world, symlinks=True,
                        ignore=lambda d, names: ["root", "case"])
        for name in ("bin", "etc", "usr/bin", "var/lib", "tmp"):
            os.makedirs(os.path.join(self.root, name))
        shutil.copy(helper, os.path.join(self.root, "bin/helper"))
        if os.path.isdir(os.path.join(directory, "root")):
            shutil.copytree(os.path.join(directory, "root"), self.root,
                            symlinks=True, dirs_exist_ok=True)

    def run(self, command):
        """Runs it; returns exit status and what it printed as lines."""
        script = '. "%s/prelude.sh"\n%s\n' % (HERE, command)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                status = subprocess.run(
                    ["sh", "-c", script], cwd=self.world, stdout=out,
                    stderr=err, stdin=subprocess.DEVNULL, timeout=60,
                    env=self.environment, umask=0o022).returncode
            except subprocess.TimeoutExpired:
                status = "took too long"
            out.seek(0)
            err.seek(0)
            return status, self.lines(out.read()), self.lines(err.read())

    def lines(self, text):
        text = text.decode("utf-8", "backslashreplace")
        for path, name in ((self.root, "$ROOT"), (self.state, "$STATE"),
                           (self.world, "$WORLD"), (self.scratch, "$TMP")):
            text = text.replace(path, name)
        if text and not text.endswith("\n"):
            text += " (no newline)\n"
        return text.split("\n")[:-1]

    def close(self):
        subprocess.run(["chmod", "-R", "u+rwx", self.scratch],
                       stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.scratch)


class Law:
    """What holds for every command without being said in the transcript."""

    def __init__(self, case, step):
        self.case = case
        self.command, _, self.remark = step.command().partition("  # ")
        self.runs = RUNS.findall(self.command)
        # whose status is not that of converge
        self.compound = re.search("[;|&\n]", self.command)
        self.before = look(case.root) if self.runs else None

    def broken(self, status, printed):
        """What is wrong, or None."""
        if not self.runs:
            return None
        return (self.unsafe(printed) or self.moved(status)
                or (status == 0 and self.unsettled()))

    def unsafe(self, printed):
        """No control characters, and nothing that a CI system obeys."""
        if "--color" in self.command or "|" in self.command:
            return None
        for line in printed:
            if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", line):
                return "an unsafe character: %r" % line
            if re.match(r"\s*::|.*##\w*\[", line):
                return "a line that a CI system obeys: %r" % line
        return None

    def moved(self, status):
        """A plan changes nothing; neither does a run that cannot be."""
        if "apply" in self.runs and (self.compound or
                                     status not in (1, 5, 75)):
            return None
        return self.difference(look(self.case.root))

    def difference(self, after):
        for path in sorted(set(self.before) | set(after)):
            if self.before.get(path) != after.get(path):
                return "%s is not as it was" % os.fsdecode(path)
        return None

    def unsettled(self):
        """After apply a plan is empty, and apply changes nothing."""
        if (not self.command.startswith("apply") or self.compound
                or self.remark == "again"):
            return None
        self.before = look(self.case.root)
        words = ONCE.sub("", self.command.partition(" ")[2])
        for again in ("plan", "apply"):
            status, out, _ = self.case.run(again + " " + words)
            if status != 0:
                return "%s afterwards exits %s:\n%s" % (again, status,
                                                       "\n".join(out))
        return self.difference(look(self.case.root))


def play(case, step, update):
    """Runs one step; returns what is wrong with it, or None."""
    law = Law(case, step)
    status, out, err = case.run(step.command())
    wrong = law.broken(status, out + err)
    have = out + ["2> " + line for line in err]
    if status != 0:
        have.append("[%s]" % status)
    if wrong:
        return "law: " + wrong
    if matches(step.expected, have):
        return None
    if update:
        step.expected = have
        return None
    return "\n".join(["expected:"] + ["  " + l for l in step.expected]
                     + ["printed:"] + ["  " + l for l in have])


def run(directory, converge, helper, update):
    path = os.path.join(directory, "case")
    parts = parse(path)
    steps = [part for part in parts if isinstance(part, Step)]
    case = Case(directory, converge, helper)
    failed = not steps
    try:
        for step in steps:
            wrong = play(case, step, update)
            if wrong:
                failed = True
                print("%s:%d: %s\n%s" % (path, step.at, step.command(), wrong))
                if not update:
                    break
    finally:
        case.close()
    if update:
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(
                part if isinstance(part, str) else "\n".join(
                    part.source + ["  " + line for line in part.expected])
                for part in parts))
    return not failed


def needs_root(directory):
    return any("Needs root" in part
               for part in parse(os.path.join(directory, "case"))
               if isinstance(part, str))


def main():
    arguments = sys.argv[1:]
    update = arguments[:1] == ["-u"]
    converge, helper, *cases = arguments[update:]
    chosen = [case for case in cases
              if os.geteuid() == 0 or not needs_root(case)]
    with ThreadPoolExecutor(4) as pool:  # they mostly wait
        results = list(pool.map(
            lambda case: run(os.path.abspath(case), os.path.abspath(converge),
                             os.path.abspath(helper), update), chosen))
    print("%d cases, %d left out" % (len(chosen), len(cases) - len(chosen)))
    if cases and not chosen:
        sys.exit(77)
    if not cases or not all(results):
        sys.exit(1)


main()
