# SPDX-License-Identifier: MIT
"""Three hosts of ../fleet, and what they need around them, for tests.

An edge, a member of etcd's ring and a bastion begin bare: a Debian with converge
and what that needs, and in /etc the host's own key, whose word counts and where
the trunk is. The key opens the trunk, on a real sshd, and the credentials that
are sealed to the host. Two other members of the ring run beside the hosts, so
that it has a majority.
"""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import hosts

FLEET = pathlib.Path(__file__).resolve().parent.parent / "fleet"
SERVER = "10.1.0.9"
ADDRESSES = {"edge-ams-1": "10.1.1.1", "etcd-ams-1": "10.1.4.1",
             "bastion-ams-1": "10.1.0.5"}
RING = {"etcd-ams-2": "10.1.4.2", "etcd-ams-3": "10.1.4.3"}
NEEDS = ("age", "cron", "libgit2-1.5", "netbase", "openssh-client")


def call(*command, check=True, **options):
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([str(word) for word in command], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, **options)
    if check and done.returncode == hosts.SKIPPED:
        hosts.skip(done.stdout.strip())
    assert not check or done.returncode == 0, (
        f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Trunk:
    """The repository, who commits to it, and the server that hosts know."""

    def __init__(self, folder, converge):
        self.folder = folder
        self.converge = converge
        self.sealed = folder / "sealed"
        self.work = folder / "work"
        self.repository = folder / "trunk/world.git"
        call(FLEET / "make_keys.sh", self.sealed)
        call(FLEET / "make_history.sh", folder / "trunk", self.sealed)
        call("git", "clone", "-q", self.repository, self.work)
        for name in ("stranger", "server"):
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                 folder / name)
        (folder / "authorized").write_text("".join(
            'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" '
            + (self.sealed / f"keys/{host}.pub").read_text()
            for host in ADDRESSES))
        (folder / "sshd_config").write_text(
            f"ListenAddress {SERVER}\nHostKey {folder}/server\n"
            f"AuthorizedKeysFile {folder}/authorized\nUsePAM no\n"
            "PasswordAuthentication no\nStrictModes no\nPidFile none\n")
        self.server = None
        self.start()

    def start(self):
        # it wants /run/sshd
        self.server = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /run && "
             "mkdir -m 755 /run/sshd && "
             f"exec /usr/sbin/sshd -D -e -f {self.folder}/sshd_config"],
            stdin=subprocess.DEVNULL,
            stderr=open(self.folder / "sshd.log", "a"))
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection((SERVER, 22)).close()
                return
            time.sleep(0.05)
        raise RuntimeError((self.folder / "sshd.log").read_text())

    def stop(self):
        self.server.terminate()
        self.server.wait()

    def git(self, *words, **options):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder),
                       "GIT_CONFIG_GLOBAL": "/dev/null",
                       "GIT_CONFIG_SYSTEM": "/dev/null"}
        return call("git", "-C", self.work, "-c", "gpg.format=ssh",
                    "-c", "user.name=Anna", "-c", "user.email=anna@example.net",
                    *words, env={**environment, **options}).stdout.strip()

    def tip(self):
        return self.git("rev-parse", "origin/main")

    def point(self, commit):
        self.git("push", "-q", "-f", "origin", f"{commit}:refs/heads/main")
        return self.git("rev-parse", commit)

    def commit(self, subject, edit, on="origin/main", key="trunk/keys/anna",
               age=0):
        """With the trunk then there; key None: nobody signs it."""
        self.git("checkout", "-q", "-f", "--detach", on)
        edit(self.work)
        self.git("add", "-A")
        sign = f"-S{self.folder}/{key}" if key else "--no-gpg-sign"
        date = f"{int(time.time()) - age} +0000"
        self.git("commit", "-q", sign, "-m", subject,
                 GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        return self.point("HEAD")

    def plain(self, name):
        return (self.sealed / "plain" / name).read_text()

    def secret(self, *words, want=0, **options):
        done = call(self.converge, "secret", words[0], "--world", self.work,
                    *words[1:], check=False, **options)
        assert done.returncode == want, (words, done.stdout + done.stderr)


class Edit:
    """What commits do to files of the world."""

    @staticmethod
    def json(path, change):
        def edit(work):
            value = json.loads((work / path).read_text())
            change(value)
            (work / path).write_text(json.dumps(value, indent=2) + "\n")
        return edit

    @staticmethod
    def contact(value):
        """It is in a file of all hosts, see asks."""
        return Edit.json("converge.json",
                         lambda world: world["vars"].update(contact=value))


def mirrorless(packages):
    """As ../fleet/README.md says: there is no mirror here."""
    for name in ("apt_repository:debian", "apt_repository:debian-security",
                 "file:/etc/apt/sources.list"):
        del packages["resources"][name]


def make_network():
    call("ip", "link", "set", "lo", "up")
    call("ip", "link", "add", "fleet", "type", "bridge")
    call("ip", "link", "set", "fleet", "up")
    for address in (SERVER, *RING.values()):
        call("ip", "address", "add", f"{address}/16", "dev", "fleet")


def connect(host):
    """The host, by a cable of its own."""
    call("ip", "link", "add", "cable", "type", "veth", "peer", "name", "eth0",
         "netns", host.init)
    call("ip", "link", "set", "cable", "name", host.name, "master", "fleet",
         "up")
    host.run("ip", "address", "add", f"{ADDRESSES[host.name]}/16", "dev",
             "eth0")
    host.run("ip", "link", "set", "eth0", "up")


def prepare(host, trunk):
    """What a host is installed with."""
    keys = trunk.sealed / "keys"
    host.write("/etc/ssh/ssh_host_ed25519_key",
               (keys / host.name).read_text(), 0o600)
    host.write("/etc/converge/agent.json", json.dumps(
        {"version": 1, "url": f"ssh://root@{SERVER}{trunk.repository}"}))
    host.write("/etc/converge/allowed_signers",
               (trunk.folder / "trunk/allowed_signers").read_text())
    host.write("/etc/converge/known_hosts",
               f"{SERVER} {(trunk.folder / 'server.pub').read_text()}")


def start_ring(folder, debs, token):
    """The other members; they wait for the host."""
    deb = next(pathlib.Path(debs).glob("etcd-server_*.deb"))
    call("dpkg-deb", "--extract", deb, folder / "etcd")
    role = json.loads((FLEET / "world/roles/etcd.json").read_text())
    for name, address in RING.items():
        client = f"http://{address}:2379"
        peer = f"http://{address}:2380"
        subprocess.Popen(
            [folder / "etcd/usr/bin/etcd"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"ETCD_NAME": name, "ETCD_DATA_DIR": str(folder / name),
                 "ETCD_LISTEN_PEER_URLS": peer,
                 "ETCD_INITIAL_ADVERTISE_PEER_URLS": peer,
                 "ETCD_LISTEN_CLIENT_URLS": client,
                 "ETCD_ADVERTISE_CLIENT_URLS": client,
                 "ETCD_INITIAL_CLUSTER": role["vars"]["ring"],
                 "ETCD_INITIAL_CLUSTER_TOKEN": token,
                 "ETCD_HEARTBEAT_INTERVAL": "250",
                 "ETCD_ELECTION_TIMEOUT": "2500"})


@contextlib.contextmanager
def three(binary, root, debs):
    """The trunk, and the hosts that are to follow it, by name."""
    make_network()
    with hosts.Host(root, "installed", debs=debs) as installed:
        installed.install(binary)
        installed.run("apt-get", "-qq", "update")
        installed.run("apt-get", "-qq", "--yes", "install", *NEEDS)
    folder = pathlib.Path(os.environ["CONVERGE_APART"]) / "trunk"
    folder.mkdir()
    trunk = Trunk(folder, binary)
    trunk.commit("packages: take them from where they are", Edit.json(
        "roles/common/packages.json", mirrorless))
    start_ring(folder, debs, trunk.plain("etcd-token"))
    with contextlib.ExitStack() as stack:
        fleet = {name: stack.enter_context(hosts.Host(
            root, name, debs=debs, over=installed)) for name in ADDRESSES}
        for host in fleet.values():
            connect(host)
            prepare(host, trunk)
        yield trunk, fleet


def apart():
    """As hosts.apart, with a network; the arguments of the test."""
    for program in ("age", "git", "ip", "ssh-keygen", "sshd"):
        if not shutil.which(program):
            hosts.skip(program, "is not installed")
    hosts.apart("--net")
    return map(os.path.abspath, sys.argv[1:])
