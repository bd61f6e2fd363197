#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The recipes for CI systems and hooks of git, as far as they run here.

usage: recipes_test.py CONVERGE [--schemas]

What a system would run is taken out of its file and run as it stands, in a
repository with a good world and with bad ones. What asks for a command or a
format that this converge does not have is named as left out. With --schemas
the files are held against the schemas that others publish, and Jenkins' against
Groovy's compiler, where .ci/install got what judges them; 77: nothing is here.
"""
import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml
except ImportError:
    sys.exit("recipes_test.py: yaml is missing: install python3-yaml")

HERE = pathlib.Path(__file__).resolve().parent
CONVERGE = ""
LEFT_OUT = set()
GOOD = '{\n  "version": 1\n}\n'
HOST = """{
  "version": 1,
  "host": "web-1",
  "roles": ["web"]
}
"""
ROLE = """{
  "description": "serves pages",
  "resources": {
    "file:/etc/motd": { "content": "hello\\n", "mode": "0644" }
  }
}
"""
WRONG = ROLE.replace('"mode"', '"mod"')
UGLY = ROLE.replace('    "file', '  "file')


def github():
    """(job, step, script) of each step that runs something."""
    jobs = yaml.safe_load((HERE / "github/converge.yml").read_text())["jobs"]
    return [(job, step.get("name", ""), step["run"], step.get("env", {}))
            for job, what in jobs.items() for step in what["steps"]
            if "run" in step]


def gitlab():
    jobs = yaml.safe_load((HERE / "gitlab/gitlab-ci.yml").read_text())
    return [(job, line.split("\n")[0], line, {})
            for job, what in jobs.items() if "script" in what
            for line in what["script"]]


def jenkins():
    text = (HERE / "gerrit/Jenkinsfile").read_text()
    found = []
    for stage in re.finditer(r"stage\('(\w+)'\) \{(.*?)\n    \}\n", text, re.S):
        for step in re.finditer(r"\bsh (?:'''(.*?)'''|'(.*?)')",
                                stage.group(2), re.S):
            script = step.group(1) or step.group(2)
            found.append((stage.group(1), stage.group(1), script, {}))
    return found


SYSTEMS = {"github": github, "gitlab": gitlab, "jenkins": jenkins}


def has(script):
    """Whether this converge has all that a script asks of it: each command
    with its options is understood, before --help."""
    for words in re.findall(r"\bconverge ((?:[a-z]+)(?: --?[a-z-]+(?:=\S+)?)*)",
                            script):
        done = subprocess.run([CONVERGE, *words.split(), "--help"],
                              capture_output=True, check=False)
        if done.returncode != 0:
            LEFT_OUT.add("converge " + words)
            return False
    return True


class Test(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="recipes."))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        self.bin = self.scratch / "bin"
        self.bin.mkdir()
        (self.bin / "converge").symlink_to(CONVERGE)
        self.environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(self.scratch), "TMPDIR": str(self.scratch / "tmp"),
            "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        (self.scratch / "tmp").mkdir()

    def tearDown(self):
        self.assertEqual(list((self.scratch / "tmp").iterdir()), [])

    def run_in(self, folder, *command, status=0, **environment):
        done = subprocess.run(
            [str(word) for word in command], cwd=folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=120, check=False,
            encoding="utf-8", errors="backslashreplace",
            env={**self.environment, **environment})
        if status is not None:
            self.assertEqual(done.returncode, status,
                             f"{command}:\n{done.stdout}")
        return done

    def git(self, *words, status=0, folder=None):
        return self.run_in(folder or self.world, "git", *words,
                           status=status).stdout

    def write(self, **files):
        """hosts__web="...": the file hosts/web.json of the world."""
        for name, text in files.items():
            path = self.world / (name.replace("__", "/") + ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def make_world(self, name="world"):
        self.world = self.scratch / name
        self.world.mkdir()
        self.git("init", "-q", "-b", "main")
        self.write(converge=GOOD, **{"hosts__web-1": HOST}, roles__web=ROLE)
        self.git("add", "-A")
        self.git("commit", "-qm", "the world")

    def change(self, role):
        self.write(roles__web=role)
        self.git("commit", "-qam", "change")


class Systems(Test):
    """What the files of CI systems say, and what they run."""

    def variables(self):
        base = self.git("rev-parse", "HEAD~1").strip()
        return {"WORLD": ".", "RUNNER_TEMP": str(self.world),
                "GITHUB_STEP_SUMMARY": str(self.world / "summary.md"),
                "BASE": base, "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
                "CI_PROJECT_DIR": str(self.world),
                "WORKSPACE": str(self.world)}

    def play(self, system, job):
        """Runs the steps of a job until one fails; None: it has some that are
        left out, and none that failed before."""
        whole = True
        for name, step, script, _ in SYSTEMS[system]():
            if name != job or re.search(r"install|gerrit review|gh pr|curl",
                                        script):
                continue
            if not has(script):
                whole = False
                continue
            # as the systems do: GitHub and Jenkins with -e, GitLab a line each
            done = self.run_in(self.world, "bash", "-e", "-c", script,
                               status=None, **self.variables())
            if done.returncode != 0:
                return f"{step}: {done.stdout}"
        return "" if whole else None

    def jobs(self, *names):
        for system, steps in SYSTEMS.items():
            jobs = {job for job, *_ in steps()}
            for job in jobs.intersection(names):
                yield system, job

    def test_a_good_change_passes(self):
        self.make_world()
        self.change(ROLE.replace("hello", "good day"))
        done = {job: self.play(*job) for job in
                self.jobs("layout", "check", "test", "diff")}
        self.assertEqual({job: found for job, found in done.items() if found},
                         {})
        self.assertEqual(done["gitlab", "layout"], "")
        self.assertEqual(done["jenkins", "layout"], "")

    def test_a_bad_layout_fails(self):
        self.make_world()
        self.change(UGLY)
        for system, job in self.jobs("layout"):
            self.assertIn("roles/web.json", self.play(system, job))
        self.assertIn("layout", self.play("github", "check"))

    def test_a_wrong_attribute_fails(self):
        self.make_world()
        self.change(WRONG)
        for system, job in self.jobs("check"):
            found = self.play(system, job)
            if found is not None:
                self.assertIn("mod", found)

    def test_scripts_are_good_shell(self):
        if not shutil.which("shellcheck"):
            self.fail("shellcheck is missing: install it")
        for system, steps in SYSTEMS.items():
            for job, _, script, _ in steps():
                path = self.scratch / "script"
                path.write_text("#!/bin/bash\nset -e\n" + script + "\n")
                self.run_in(self.scratch, "shellcheck", path)
                self.assertNotIn("${{", script, (system, job))

    def test_what_a_change_says_is_in_no_script(self):
        """It comes by the environment, so that it cannot be a command."""
        workflow = yaml.safe_load((HERE / "github/converge.yml").read_text())
        self.assertEqual(workflow["permissions"], {"contents": "read"})
        self.assertNotIn("pull_request_target", workflow[True])
        self.assertNotIn("write", workflow["jobs"]["test"].get("permissions",
                                                               {}).values())
        for job, _, _, env in github():
            for value in env.values():
                self.assertRegex(value, r"^\$\{\{ github\.(token|event\."
                                 r"pull_request\.(number|base\.sha)) \}\}$")

    def test_hooks_and_scripts_are_good_shell(self):
        for name in ("git/pre-commit", "git/pre-receive",
                     "phabricator/arc-lint", "phabricator/harbormaster"):
            self.run_in(HERE, "shellcheck", name)
            self.run_in(HERE, "dash", "-n", name)

    def test_every_system_has_all_four(self):
        for system, steps in SYSTEMS.items():
            text = "\n".join(script for _, _, script, _ in steps())
            for command in ("check --format=", "fmt --check", "test",
                            "diff --format=markdown --max-bytes="):
                self.assertIn("converge " + command, text, system)


class Phabricator(Test):
    def test_arc_lint(self):
        """arc runs the script for each file, and reads it by the regex."""
        rules = json.loads((HERE / "phabricator/arclint").read_text())
        linter = rules["linters"]["converge"]
        regex = re.compile(linter["script-and-regex.regex"][1:-2], re.M)
        self.make_world()
        (self.world / ".arcanist").mkdir()
        shutil.copy(HERE / "phabricator/arc-lint", self.world / ".arcanist")
        self.write(roles__other=WRONG)

        def lint(path):
            out = self.run_in(self.world, "sh", "-c",
                              linter["script-and-regex.script"] + ' "$0"',
                              path).stdout
            return [(m["file"], m["line"], m["warning"], m["message"])
                    for m in regex.finditer(out)]

        self.assertEqual(lint(self.world / "roles/web.json"), [])
        self.write(roles__web=UGLY.replace('"mode"', '"mod"'))
        found = lint(self.world / "roles/web.json")
        self.assertEqual({f[:3] for f in found},
                         {("roles/web.json", "1", "warning"),
                          ("roles/web.json", "4", None)})
        self.assertIn("unknown attribute", found[1][3])
        self.assertTrue(re.search(linter["include"][1:-1], "roles/web.json"))

    def test_harbormaster(self):
        """arc is given what its call takes; the stand-in keeps it."""
        self.make_world()
        arc = self.bin / "arc"
        arc.write_text("#!/bin/sh\n[ \"$*\" = 'call-conduit "
                       "harbormaster.sendmessage --' ] && cat >message\n")
        arc.chmod(0o755)
        script = HERE / "phabricator/harbormaster"
        self.run_in(self.world, "sh", script, "PHID-HMBT-x")
        message = json.loads((self.world / "message").read_text())
        self.assertEqual(message, {"buildTargetPHID": "PHID-HMBT-x",
                                   "type": "pass", "lint": []})
        self.write(roles__web=WRONG)
        self.run_in(self.world, "sh", script, "PHID-HMBT-x", status=1)
        message = json.loads((self.world / "message").read_text())
        self.assertEqual(message["type"], "fail")
        self.assertEqual({(f["path"], f["line"], f["severity"])
                          for f in message["lint"]},
                         {("roles/web.json", 4, "error")})


class PreCommit(Test):
    def setUp(self):
        super().setUp()
        self.make_world()
        shutil.copy(HERE / "git/pre-commit", self.world / ".git/hooks")

    def commit(self, status=0, folder=None):
        return self.git("commit", "-m", "x", status=status, folder=folder)

    def test_a_good_commit_is_made(self):
        self.write(roles__web=ROLE.replace("hello", "hi"))
        self.git("add", "-A")
        self.assertIn("0 errors", self.commit())

    def test_what_is_staged_counts_alone(self):
        self.write(roles__web=UGLY)
        self.git("add", "-A")
        self.write(roles__web=ROLE)
        self.assertIn("not in their layout", self.commit(status=1))
        self.write(roles__web=ROLE.replace("hello", "hi"))
        self.git("add", "-A")
        self.write(roles__web=UGLY, roles__new="{")
        self.commit()

    def test_errors_are_told(self):
        self.write(roles__web=WRONG)
        self.git("add", "-A")
        self.assertIn('roles/web.json:4:47: file:/etc/motd: unknown attribute '
                      '"mod"; did you mean "mode"?', self.commit(status=1))
        self.write(roles__web="{")
        self.git("add", "-A")
        self.assertIn("roles/web.json:1:2", self.commit(status=1))
        self.git("commit", "-q", "--no-verify", "-m", "x")

    def test_only_what_the_commit_touches_must_be_laid_out(self):
        self.write(roles__old=UGLY)
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "-m", "x")
        self.write(roles__web=ROLE.replace("hello", "hi"))
        self.git("add", "-A")
        self.commit()
        (self.world / "roles/old.json").unlink()
        self.git("add", "-A")
        self.commit()

    def test_of_some_files_and_with_odd_names(self):
        self.write(**{"roles__-x y\n\"ä": UGLY})
        self.git("add", "-A")
        self.assertIn("not in their layout", self.commit(status=1))
        self.git("rm", "-qf", "--", "roles/-x y\n\"ä.json")
        self.write(roles__web=ROLE.replace("hello", "hi"), roles__a=UGLY)
        self.git("add", "-A")
        # git gives the hook an index of its own then
        self.git("commit", "-qm", "x", "roles/web.json")
        self.commit(status=1)

    def test_a_world_in_a_folder(self):
        other = self.scratch / "mono"
        other.mkdir()
        self.git("init", "-q", folder=other)
        shutil.copytree(self.world, other / "infra/world",
                        ignore=lambda *_: [".git"])
        shutil.copy(HERE / "git/pre-commit", other / ".git/hooks")
        self.git("config", "converge.world", "infra/world", folder=other)
        self.git("add", "-A", folder=other)
        self.commit(folder=other)
        (other / "infra/world/roles/web.json").write_text(WRONG)
        self.git("add", "-A", folder=other)
        # from a folder below, as people do
        self.commit(status=1, folder=other / "infra")
        self.git("reset", "-q", "--hard", folder=other)
        (other / "README").write_text("no matter of the world")
        self.git("add", "-A", folder=other)
        self.assertNotIn("check:", self.commit(folder=other))


class PreReceive(Test):
    def setUp(self):
        super().setUp()
        self.make_world()
        self.server = self.scratch / "server.git"
        self.git("clone", "-q", "--bare", self.world, self.server)
        shutil.copy(HERE / "git/pre-receive", self.server / "hooks")
        self.git("remote", "add", "origin", self.server)

    def push(self, *words, taken=True):
        before = self.head()
        out = self.git("push", *(words or ["origin", "HEAD:main"]),
                       status=0 if taken else 1)
        if not taken:
            self.assertEqual(self.head(), before)
        return out

    def head(self):
        return self.git("rev-parse", "main", folder=self.server)

    def test_a_good_push_is_taken(self):
        self.change(ROLE.replace("hello", "hi"))
        self.assertIn("0 errors", self.push())
        self.assertEqual(self.head(), self.git("rev-parse", "HEAD"))

    def test_a_bad_one_is_refused_with_what_is_wrong(self):
        self.change(WRONG)
        out = self.push(taken=False)
        self.assertRegex(out, r"remote: [0-9a-f]{7}:roles/web.json:4:47: "
                         r"file:/etc/motd: unknown attribute \"mod\"")
        self.assertIn("pre-receive: refs/heads/main stays at", out)
        # also when the commit after it is good, it is that which counts
        self.change(ROLE.replace("hello", "hi"))
        self.push()

    def test_other_branches_and_tags_are_not_its_matter(self):
        self.change(WRONG)
        self.push("origin", "HEAD:try")
        self.git("tag", "v1")
        self.push("origin", "v1")
        self.push("origin", "HEAD:main", "HEAD:again", taken=False)
        self.push("origin", ":try")
        self.git("config", "converge.branch", "try", folder=self.server)
        self.push("origin", "HEAD:try", taken=False)
        self.push("origin", "HEAD:main")

    def test_a_new_branch_and_a_forced_push(self):
        self.git("checkout", "-q", "--orphan", "fresh")
        self.change(WRONG)
        self.push("-f", "origin", "HEAD:main", taken=False)
        self.change(ROLE)
        self.push("-f", "origin", "HEAD:main")

    def test_a_world_in_a_folder(self):
        self.git("config", "converge.world", "infra", folder=self.server)
        (self.world / "infra").mkdir()
        for name in ("converge.json", "hosts", "roles"):
            self.git("mv", name, "infra/" + name)
        self.git("commit", "-qm", "move")
        self.push()
        (self.world / "infra/roles/web.json").write_text(WRONG)
        self.git("commit", "-qam", "break")
        self.assertIn("roles/web.json:4:47", self.push(taken=False))

    def hostile(self, name, text, mode=0o644):
        path = self.world / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def test_nothing_of_it_is_run(self):
        """Each would leave a file in the folder of the markers."""
        marks = self.scratch / "marks"
        marks.mkdir()
        mark = f"touch {marks}/$$\n"
        program = "#!/bin/sh\n" + mark
        self.hostile(".gitattributes", "* filter=x diff=x merge=x ident\n")
        self.hostile(".gitmodules", '[submodule "x"]\n\tpath = x\n'
                     f"\turl = ext::sh -c {mark}")
        self.hostile("config", f'[filter "x"]\n\tsmudge = {mark}'
                     f"[core]\n\tfsmonitor = {mark}\thooksPath = hooks\n")
        for name in ("post-checkout", "reference-transaction", "pre-receive"):
            self.hostile("hooks/" + name, program, 0o755)
        self.hostile("modules.d/own", program, 0o755)
        self.hostile("modules.d/own.json", '{"name": "own"}')
        self.hostile("facts.d/f", program, 0o755)
        self.write(roles__web=json.dumps({"resources": {
            "exec:x": {"command": ["sh", "-c", mark], "unless":
                       ["sh", "-c", mark]},
            "file:/etc/x": {"content": "x", "validate": ["sh", "-c", mark]},
            "own:x": {}}}))
        self.git("add", "-A")
        self.git("-c", "filter.x.clean=cat", "commit", "-qm", "hostile")
        # whether it is taken is no matter
        self.git("push", "origin", "HEAD:main", status=None)
        self.assertEqual(list(marks.iterdir()), [])
        # the control: they would
        self.run_in(self.world, "modules.d/own")
        (self.world / "converge.json").unlink()
        self.git("-c", "filter.x.smudge=" + mark.strip(), "checkout-index",
                 "-f", "converge.json")
        self.assertEqual(len(list(marks.iterdir())), 2)

    def test_attributes_hide_nothing(self):
        """git archive would leave it out, and put words into it."""
        self.hostile(".gitattributes", "roles export-ignore\n"
                     "*.json export-subst\n")
        self.git("add", "-A")
        self.change(WRONG)
        self.assertIn("unknown attribute", self.push(taken=False))
        # the control: it would
        self.git("archive", "-o", self.scratch / "a.tar", "HEAD")
        out = self.run_in(self.scratch, "tar", "tf", "a.tar").stdout
        self.assertIn("hosts/web-1.json", out)
        self.assertNotIn("roles", out)

    def test_links_lead_nowhere(self):
        outside = self.scratch / "outside.json"
        outside.write_text(ROLE)
        (self.world / "roles/web.json").unlink()
        (self.world / "roles/web.json").symlink_to(outside)
        self.git("commit", "-qam", "link")
        out = self.push(taken=False)
        self.assertNotIn("hello", out)

    def test_the_pusher_sees_no_control_characters(self):
        self.change(WRONG.replace('"mod"', '"\\u001b[2J\\u202e"'))
        out = self.push(taken=False)
        self.assertIn("\\x1b[2J", out)
        self.assertNotRegex(out, "\x1b\\[2J|\u202e")


class Schemas(unittest.TestCase):
    """Whether others take the files: by the schemas that they publish, and by
    the compiler of their language, which runs nothing of them."""

    def judge(self, command, path):
        return subprocess.run([*command, path], capture_output=True, text=True,
                              check=False)

    def test_published(self):
        for name, command, was, now in VALIDATORS:
            with self.subTest(name, by=command[0]):
                done = self.judge(command, HERE / name)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                # the control: it tells what is wrong
                text = (HERE / name).read_text()
                self.assertIn(was, text)
                with tempfile.NamedTemporaryFile("w", suffix=".yml") as f:
                    f.write(text.replace(was, now))
                    f.flush()
                    self.assertNotEqual(self.judge(command, f.name).returncode,
                                        0)


WORKFLOW = """
const found = require(process.argv[1]).validateWorkflow(
  require('fs').readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify(found.errors));
process.exit(found.errors.length ? 1 : 0);
"""
BY_SCHEMA = """
import json, sys, yaml
from jsonschema import Draft7Validator
judge = Draft7Validator(json.load(open(sys.argv[1], encoding="utf-8")))
found = yaml.safe_load(open(sys.argv[2], encoding="utf-8"))
sys.exit("\\n".join(e.message for e in judge.iter_errors(found)) or 0)
"""


def validators():
    """Those that are here: a file, what judges it, and how to break it."""
    build = HERE.parent.parent / "build"
    core = build / "action-validator"
    schema = build / "gitlab-ci-local/src/schema/schema.json"
    groovy = pathlib.Path("/usr/share/java/groovy-all.jar")
    github = ("run: ", "runn: ")
    gitlab = ("script:", "script: 7\n  scripts:")
    if core.is_dir() and shutil.which("node"):
        yield "github/converge.yml", ["node", "-e", WORKFLOW, core], *github
    if schema.exists():
        yield ("gitlab/gitlab-ci.yml",
               [sys.executable, "-c", BY_SCHEMA, schema], *gitlab)
    if groovy.exists() and shutil.which("java"):
        out = tempfile.mkdtemp(prefix="converge-recipes-")
        atexit.register(shutil.rmtree, out)
        yield ("gerrit/Jenkinsfile",
               ["java", "-cp", groovy,
                "org.codehaus.groovy.tools.FileSystemCompiler", "-d", out],
               "always {", "always {{ (")
    if shutil.which("check-jsonschema"):
        for name, form, change in (
                ("github/converge.yml", "vendor.github-workflows", github),
                ("gitlab/gitlab-ci.yml", "vendor.gitlab-ci", gitlab)):
            yield name, ["check-jsonschema", "--builtin-schema", form], *change


if __name__ == "__main__":
    CONVERGE = os.path.abspath(sys.argv[1])
    if sys.argv[2:] == ["--schemas"]:
        VALIDATORS = list(validators())
        if not VALIDATORS:
            print("nothing that judges them is here: .ci/install test")
            sys.exit(77)
        for name in ("github/converge.yml", "gitlab/gitlab-ci.yml",
                     "gerrit/Jenkinsfile"):
            if name not in [judged for judged, *_ in VALIDATORS]:
                print(f"left out: nothing here judges {name}")
        sys.argv[1:] = ["Schemas"]
    else:
        del sys.argv[1], Schemas
    done = unittest.main(exit=False)
    for line in sorted(LEFT_OUT):
        print(f"left out: this converge has no '{line}'", file=sys.stderr)
    sys.exit(not done.result.wasSuccessful())
