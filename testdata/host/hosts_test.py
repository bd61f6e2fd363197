#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A test that ends, however it ends, leaves nothing of its hosts behind.

usage: hosts_test.py ROOT

It starts itself as a test of two hosts, and lets that end, kills it, and
interrupts it. Then there is no process, mount, namespace or group of it, and
after the next one no folder either.
"""
import glob
import os
import pathlib
import signal
import subprocess
import sys
import time

import hosts

PATIENCE = 60  # seconds
NAMES = ("/tmp/converge-host-*", "/sys/fs/cgroup/converge-host-*",
         "/sys/fs/cgroup/systemd/converge-host-*",
         "/sys/fs/cgroup/unified/converge-host-*")


def inner(root):
    hosts.apart()
    with hosts.Host(root, "left-1"), hosts.Host(root, "left-2"):
        print("booted", flush=True)
        sys.stdin.readline()


def folders(pid):
    return [path for name in NAMES
            for path in glob.glob(name.replace("*", str(pid)))]


def processes(namespaces):
    """Those that are in a namespace of a test."""
    found = []
    for link in glob.glob("/proc/[0-9]*/ns/mnt"):
        try:
            if os.readlink(link) in namespaces:
                found.append(link)
        except OSError:
            pass
    return found


def below(pid):
    """A process and all that it has started."""
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        for path in glob.glob(f"/proc/{found[-1]}/task/*/children"):
            try:
                todo += [int(one) for one in
                         pathlib.Path(path).read_text().split()]
            except OSError:
                pass
    return found


def namespaces_of(pids):
    own = os.readlink("/proc/self/ns/mnt")
    found = set()
    for pid in pids:
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/mnt"))
        except OSError:
            pass
    return found - {own}


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def ends(root, how):
    child = subprocess.Popen([sys.executable, "-B", __file__, root, "inner"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True)
    assert child.stdout.readline() == "booted\n", "it does not boot"
    namespaces = namespaces_of(below(child.pid))
    assert len(namespaces) >= 3, f"{len(namespaces)} namespaces"
    assert folders(child.pid)
    if how is None:
        child.stdin.write("\n")
        child.stdin.close()
    else:
        child.send_signal(how)
    status = child.wait(PATIENCE)
    assert how is None or status != 0
    until(lambda: not processes(namespaces),
          f"left: {processes(namespaces)}")
    mounts = pathlib.Path("/proc/self/mountinfo").read_text()
    assert "converge-host-" not in mounts, mounts
    if how == signal.SIGKILL:
        hosts.remove_old()
    assert not folders(child.pid), folders(child.pid)
    print("ended" if how is None else signal.Signals(how).name,
          "leaves nothing", flush=True)


def main():
    if sys.argv[2:]:
        inner(sys.argv[1])
        return
    if os.geteuid() != 0:
        hosts.skip("needs root")
    for how in (None, signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        ends(sys.argv[1], how)


main()
