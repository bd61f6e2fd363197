# SPDX-License-Identifier: MIT
"""Hosts with a real systemd, as many as asked for, for tests.

A test calls apart() first: it goes on in namespaces of its own, in which all
that it mounts and starts is gone when it ends, however it ends. Then
Host(ROOT, NAME) boots the Debian root ROOT (make_root.sh), which is not
changed: a host writes into memory, on top of it.

    with hosts.Host(root, "web-1") as host:
        host.run("systemctl", "restart", "app")
        host.reboot()
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
BOOT_TIMEOUT = 60  # seconds; half a second is usual
GONE_TIMEOUT = 5  # seconds that a killed process may take to be gone


def skip(*words):
    print("skipped:", *words)
    sys.exit(SKIPPED)


def cgroup_bases():
    """Where systemd in a container makes groups: cgroups(7), both versions."""
    top = pathlib.Path("/sys/fs/cgroup")
    if (top / "cgroup.controllers").exists():
        return [top]
    return [base for base in (top / "systemd", top / "unified")
            if base.exists()]


def remove_groups(group):
    """Groups, the innermost first, once their last processes are gone."""
    until = time.monotonic() + GONE_TIMEOUT
    while group.exists():
        for folder, _, _ in os.walk(group, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass
        if time.monotonic() > until:
            return
        if group.exists():
            time.sleep(0.05)


def remove_old():
    """Empty groups and folders, of tests that were killed."""
    bases = [*cgroup_bases(), pathlib.Path(tempfile.gettempdir())]
    for base in bases:
        for folder in base.glob("converge-host-*"):
            if not os.path.exists(f"/proc/{folder.name.rpartition('-')[2]}"):
                remove_groups(folder)


def apart(*more):
    """Runs this program again in namespaces of its own, and ends with it. more:
    options of unshare(1), for further ones."""
    if os.environ.get("CONVERGE_APART"):
        return
    if os.geteuid() != 0:
        skip("needs root")
    for program in ("systemd-nspawn", "unshare", "nsenter"):
        if not shutil.which(program):
            skip(program, "is not installed")
    remove_old()
    name = f"converge-host-{os.getpid()}"
    groups = [base / name for base in cgroup_bases()]
    for group in groups:
        group.mkdir()
    scratch = os.path.join(tempfile.gettempdir(), name)
    os.mkdir(scratch, 0o700)
    environment = dict(os.environ, CONVERGE_APART=scratch)

    def enter():
        for group in groups:
            (group / "cgroup.procs").write_text("0")

    # what is told to end removes its groups too; a kill leaves them to the next
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    child = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid",
         "--fork", "--kill-child", "--mount-proc", *more, sys.executable,
         "-B", *sys.argv], env=environment, preexec_fn=enter)
    try:
        status = child.wait()
    except KeyboardInterrupt:
        child.kill()
        status = child.wait()
    for group in groups:
        remove_groups(group)
    os.rmdir(scratch)
    sys.exit(status if status >= 0 else 1)


class Host:
    """A booted host. Its folder, and so all that it has written, is .root.

    debs is a repository (make_debs.sh): it is /srv/debs inside, read-only, and
    all that apt there knows of. world is a folder that is /srv/world inside,
    more has others: {"/inside": "outside"}. over is a host that was shut down:
    what it wrote is there.
    """

    def __init__(self, base, name, debs=None, world=None, more=None,
                 over=None):
        self.base = os.path.abspath(base)
        if over:
            self.base = f"{over.folder}/upper:{self.base}"
        self.name = name
        self.bound = {"/srv/debs": debs, "/srv/world": world, **(more or {})}
        self.folder = pathlib.Path(os.environ["CONVERGE_APART"]) / name
        self.root = self.folder / "root"
        self.nspawn = None
        self.init = None

    def __enter__(self):
        scratch = os.environ["CONVERGE_APART"]
        if not os.path.ismount(scratch):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700",
                            "hosts", scratch], check=True)
        for part in ("root", "upper", "work"):
            (self.folder / part).mkdir(parents=True)
        subprocess.run(["mount", "-t", "overlay", "-o",
                        f"lowerdir={self.base},upperdir={self.folder}/upper,"
                        f"workdir={self.folder}/work", "host",
                        str(self.root)], check=True)
        self.write("/etc/hostname", self.name + "\n")
        if self.bound["/srv/debs"]:
            self.write("/etc/apt/sources.list",
                       "deb [trusted=yes] file:/srv/debs ./\n")
        self.boot()
        return self

    def __exit__(self, *_):
        self.kill()
        subprocess.run(["umount", "-l", str(self.root)], check=True)

    def boot(self):
        bound = [f"--bind-ro={os.path.abspath(outside)}:{inside}"
                 for inside, outside in self.bound.items() if outside]
        log = open(self.folder / "console", "ab")
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit",
             "--private-network", "--timezone=off", "--resolv-conf=off",
             "--directory", str(self.root), "--machine",
             self.name, "--hostname", self.name, "--console=pipe",
             *bound, "--boot"],
            # nspawn's filter of system calls knows nothing of Landlock
            env=dict(os.environ, SYSTEMD_SECCOMP="0"),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        until = time.monotonic() + BOOT_TIMEOUT
        while time.monotonic() < until and self.nspawn.poll() is None:
            if self.is_running():
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not boot:\n{self.console()}")

    def is_running(self):
        self.init = self.init or self.find_init()
        if not self.init:
            return False
        done = self.run("systemctl", "is-system-running", check=False)
        return done.stdout.strip() in ("running", "degraded")

    def find_init(self):
        """nspawn's child that is a systemd; there may be others for a while."""
        pid = self.nspawn.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        for child in children.read_text().split():
            try:
                comm = pathlib.Path(f"/proc/{child}/comm").read_text().strip()
            except OSError:
                continue
            if comm == "systemd":
                return int(child)
        return None

    def run(self, *command, check=True, **options):
        """A command inside, as its root would start it."""
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(
            ["nsenter", "--target", str(self.init), "--all", *command],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"},
            **options)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(command)}: exit "
                               f"{done.returncode}\n{done.stdout}"
                               f"{done.stderr}")
        return done

    def write(self, path, text, mode=0o644):
        inside = self.root / path.lstrip("/")
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.write_text(text)
        inside.chmod(mode)

    def read(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def install(self, binary):
        shutil.copy(binary, self.root / "usr/sbin/converge")

    def console(self):
        return (self.folder / "console").read_text(errors="replace")[-2000:]

    def kill(self):
        """As if its power were cut; what it wrote stays."""
        if self.nspawn and self.nspawn.poll() is None:
            if self.init:
                try:
                    os.kill(self.init, 9)
                except ProcessLookupError:
                    pass
            self.nspawn.kill()
            self.nspawn.wait()
        self.nspawn = self.init = None

    def reboot(self):
        self.kill()
        self.boot()
