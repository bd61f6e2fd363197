# SPDX-License-Identifier: MIT
"""What the end-to-end tests share: running converge, and judging what it did.

None of it looks into converge: a tree is judged by lstat(2) or treesum, a
quiet run by strace(1).
"""
import json
import os
import re
import stat
import subprocess

UNCHANGED, CANNOT_RUN, DRIFT, FAILED = 0, 1, 2, 4


class Failure(Exception):
    """A test that did not hold, in words."""


def check(holds, *words):
    if not holds:
        raise Failure(" ".join(str(word) for word in words))


def need(program):
    check(os.access(program, os.X_OK), f"there is no '{program}'")
    return os.path.abspath(program)


class Run:
    """One run of converge: its exit status, and what it said."""

    def __init__(self, arguments, status, output, errors):
        self.arguments = arguments
        self.status = status
        self.output = output
        self.errors = errors

    def __str__(self):
        command = self.arguments[self.arguments.index("--root") - 2:]
        return (f"converge {' '.join(command)}: exit {self.status}\n"
                f"{self.errors[-2000:] or self.output[-2000:]}")

    def plan(self):
        try:
            plan = json.loads(self.output)
        except ValueError:
            plan = None
        check(isinstance(plan, dict), "no plan was printed by", self)
        return plan

    def events(self, kind):
        events = [json.loads(line) for line in self.output.splitlines()]
        return [event for event in events if event["event"] == kind]


class Converge:
    """converge on one manifest, with a root and a state directory."""

    def __init__(self, binary, manifest, root, state):
        self.binary = binary
        self.manifest = manifest
        self.root = root
        self.state = state

    def arguments(self, command, options):
        return [self.binary, command, self.manifest, "--root", self.root,
                "--state-dir", self.state, *options]

    def run(self, command, *options, expect=None, before=()):
        arguments = [*before, *self.arguments(command, options)]
        done = subprocess.run(arguments, capture_output=True, check=False,
                              stdin=subprocess.DEVNULL)
        run = Run(arguments, done.returncode,
                  done.stdout.decode("utf-8", "replace"),
                  done.stderr.decode("utf-8", "replace"))
        check(expect is None or run.status == expect,
              f"expected exit {expect}, not of", run)
        return run


# --- a quiet run ---

# System calls that change a file system, or wait for it: all of them must
# stay within the state directory when there is nothing to do.
WRITES = """
    write pwrite64 writev pwritev pwritev2 sendfile splice copy_file_range
    truncate ftruncate fallocate fsync fdatasync sync syncfs sync_file_range
    rename renameat renameat2 unlink unlinkat rmdir mkdir mkdirat symlink
    symlinkat link linkat mknod mknodat chmod fchmod fchmodat fchmodat2 chown
    fchown lchown fchownat utime utimes utimensat futimesat setxattr lsetxattr
    fsetxattr removexattr lremovexattr fremovexattr mount umount2 pivot_root
    chroot execve execveat
""".split()
OPENS = "open openat openat2 creat".split()
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")
# write(1</tmp/out>, ...), fsync(7</tmp/state/store>) as strace -y shows them
DESCRIPTOR = re.compile(r"^(\d+)<([^>]*)>")
# pipes and the like hold nothing
TRANSIENT = re.compile(r"^(pipe|socket|UNIX|anon_inode|/memfd)|^/dev/null$")
CHANGING_FLAGS = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|TMPFILE|APPEND)")


def is_write(name, arguments, state):
    """Whether a call may have changed something outside of state."""
    if name in OPENS:
        return (name == "creat" or CHANGING_FLAGS.search(arguments)) and \
            f'"{state}' not in arguments and f"<{state}" not in arguments
    if name.startswith("link") and '"/proc/self/fd/' in arguments:
        # a file that was made without a name, which its descriptor stands for
        return f"<{state}" not in arguments
    if name.startswith(("rename", "link")):
        return len(re.findall(f'["<]{re.escape(state)}', arguments)) < 2
    descriptor = DESCRIPTOR.match(arguments)
    if descriptor:
        number, path = descriptor.groups()
        if path.startswith(state) or TRANSIENT.match(path):
            return False
        return not (name.startswith("write") and number in ("1", "2"))
    return f'"{state}' not in arguments


def strace(log):
    calls = ",".join("?" + name for name in WRITES + OPENS)
    return ["strace", "-f", "--seccomp-bpf", "-y", "-o", log,
            "-e", f"trace={calls}"]


def writes(log, state):
    """The lines of a strace -f -y log that change things outside of state."""
    found = []
    started = False
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            call = CALL.match(line)
            if not call:
                continue
            if call[1] == "execve" and not started:
                started = True  # converge itself
            elif is_write(call[1], call[2], state):
                found.append(line.rstrip())
    check(started, f"strace saw no program start in {log}")
    return found


# --- trees ---


def treesum(tool, folder):
    done = subprocess.run([tool, folder], capture_output=True, check=False,
                          text=True, errors="surrogateescape")
    check(done.returncode == 0, done.stderr)
    return done.stdout.splitlines()


def check_same(want, have, *words):
    if want == have:
        return
    want, have = set(want), set(have)
    lines = [f"-{line}" for line in sorted(want - have)[:20]]
    lines += [f"+{line}" for line in sorted(have - want)[:20]]
    raise Failure("\n".join([" ".join(words), *lines]))


def stamps(folder):
    """All that a write would leave a trace in, ctime above all."""
    found = {}
    for at, folders, files in os.walk(folder):
        for name in [".", *folders, *files]:
            path = os.path.join(at, name)
            node = os.lstat(path)
            found[path] = (node.st_ino, node.st_mode, node.st_uid,
                           node.st_gid, node.st_size, node.st_mtime_ns,
                           node.st_ctime_ns)
    return found


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)
