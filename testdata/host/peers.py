#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same stack by converge, Puppet and Ansible, side by side.

usage: peers.py CONVERGE ROOT DEBS [RUNS]

Each gets a bare host of its own with its program on it (not counted), and says
the same content in its own words: stack/stack.json, peers/stack.pp,
peers/stack.yml. Printed is the wall time from bare, and with nothing to do, the
median of RUNS (3). Each end state is checked: the page and the database answer,
and the managed files are alike. DEBS also has their packages, see
CMakeLists.txt.
"""
import pathlib
import statistics
import sys
import time

import hosts

HERE = pathlib.Path(__file__).parent
NAMES = {
    "converge": (["true"], ["converge", "apply", "/srv/world/stack.json"]),
    "puppet": (["apt-get", "install", "-qq", "--no-install-recommends",
                "puppet-agent", "puppet-module-puppetlabs-host-core",
                "puppet-module-puppetlabs-sshkeys-core"],
               ["puppet", "apply", "--detailed-exitcodes",
                "/srv/peers/stack.pp"]),
    "ansible": (["apt-get", "install", "-qq", "--no-install-recommends",
                 "ansible", "acl", "python3-apt", "python3-psycopg2"],
                ["ansible-playbook", "-i", "localhost,", "-c", "local",
                 "/srv/peers/stack.yml"]),
}
FILES = ("/etc/app.conf", "/etc/nginx/sites-available/shop.test",
         "/etc/postgresql/15/main/pg_hba.conf", "/etc/sudoers.d/app",
         "/etc/ssh/sshd_config.d/hard.conf", "/usr/local/bin/app",
         "/etc/systemd/system/app.service")


def timed(host, name, fine):
    command = NAMES[name][1]
    begin = time.monotonic()
    done = host.run(*command, check=False)
    spent = time.monotonic() - begin
    assert done.returncode in fine, (
        f"{name}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return spent, done.stdout + done.stderr


def end_state(host):
    """What is there to see; it fails where that is not what was asked for."""
    page = host.run("curl", "-sS", "--fail", "--cacert",
                    "/etc/nginx/tls/cert.pem", "https://shop.test/").stdout
    assert page == "the app answers\n", page
    rows = host.run("su", "app", "-c", "psql -tAc 'select 6 * 7' app").stdout
    assert rows == "42\n", rows
    forwards = host.run("sysctl", "-n", "net.ipv4.ip_forward").stdout
    assert forwards == "1\n", forwards
    for unit in ("app", "nginx", "ssh", "cron"):
        host.run("systemctl", "is-active", "--quiet", unit)
        host.run("systemctl", "is-enabled", "--quiet", unit)
    keys = host.read("/var/lib/app/.ssh/authorized_keys")
    assert "restrict ssh-ed25519 " in keys, keys
    return host.run("sh", "-c", "stat -c '%n %a %U %G' \"$@\"; "
                    "sha256sum \"$@\"", "sh", *FILES).stdout


def measure(name, binary, root, debs, runs):
    with hosts.Host(root, f"{name}-1", debs=debs, world=HERE / "stack",
                    more={"/srv/peers": HERE / "peers"}) as host:
        host.install(binary)
        host.write("/etc/hosts", "")  # Puppet's type takes no other host
        host.run("apt-get", "-qq", "update")
        host.run(*NAMES[name][0])
        bare, _ = timed(host, name, (0, 2))
        state = end_state(host)
        again = []
        for _ in range(runs):
            spent, said = timed(host, name, (0,))
            assert name != "ansible" or "changed=0" in said, said
            again.append(spent)
        return bare, statistics.median(again), state


def main():
    hosts.apart()
    binary, root, debs = sys.argv[1:4]
    runs = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    first = None
    print(f"{'':10} {'from bare':>10} {'nothing to do':>14}", flush=True)
    for name in NAMES:
        bare, again, state = measure(name, binary, root, debs, runs)
        first = first or state
        print(f"{name:10} {bare:>8.1f} s {again:>12.3f} s", flush=True)
        assert state == first, f"{name}:\n{state}is not\n{first}"
    print("the end states are alike")


main()
