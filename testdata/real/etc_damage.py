# SPDX-License-Identifier: MIT
"""Kinds of damage to a tree, and what a plan must say of each.

A kind is a function that is given the tree and an entry of it. It damages the
entry and returns what the plan must list, as {id: (action, attributes)}:
attributes are the names of all that differ, or with "+" only some of them;
None leaves them open.
"""
import os
import shutil
import socket
import stat
import time

UNKNOWN_ID = 54321
DAMAGES = []


class Entry:
    """What stood at a path before the damage."""

    def __init__(self, root, path):
        self.path = path
        self.real = root + path
        self.node = os.lstat(self.real)
        self.mode = stat.S_IMODE(self.node.st_mode)
        self.folder = os.path.dirname(path)
        self.is_link = stat.S_ISLNK(self.node.st_mode)
        self.is_file = stat.S_ISREG(self.node.st_mode)
        self.is_folder = stat.S_ISDIR(self.node.st_mode)
        self.size = self.node.st_size if self.is_file else 0
        self.target = os.readlink(self.real) if self.is_link else None

    @property
    def id(self):
        kind = "link" if self.is_link else "file" if self.is_file \
            else "directory"
        return f"{kind}:{self.path}"

    def is_roots(self):
        return self.node.st_uid == 0 and self.node.st_gid == 0

    def read(self):
        with open(self.real, "rb") as file:
            return file.read()

    def write(self, data):
        with open(self.real, "r+b") as file:
            file.truncate()
            file.write(data)

    def remove(self):
        if self.is_folder:
            shutil.rmtree(self.real)
        else:
            os.unlink(self.real)


class Tree:
    """A tree as it should be, by path, and a place beside it."""

    def __init__(self, root, top):
        self.root = root
        self.entries = {top: Entry(root, top)}
        for at, folders, files in os.walk(root + top):
            for name in folders + files:
                path = os.path.join(at, name)[len(root):]
                self.entries[path] = Entry(root, path)
        self.used = set()  # paths of what is damaged
        self.aside = os.path.join(root, "aside")
        self.clear_aside()

    def clear_aside(self):
        shutil.rmtree(self.aside, ignore_errors=True)
        os.mkdir(self.aside)

    def below(self, entry):
        start = entry.path + "/"
        return [e for e in self.entries.values() if e.path.startswith(start)]

    def other(self, entry, holds=lambda other: True):
        """A file that has other content, and no damage of its own."""
        for other in self.entries.values():
            if a_file(self, other) and other.size != entry.size and \
                    other.path not in self.used and holds(other):
                self.used.add(other.path)
                return other
        raise AssertionError("there is no other file")


def kind(name, pick, whole=False):
    """A kind of damage to entries for which pick holds. whole: nothing else
    may be damaged below the entry."""
    def register(function):
        DAMAGES.append((name, pick, whole, function))
        return function
    return register


# --- which entries ---

# without these no owner has a name, or the run another host's name
NEEDED = {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/hostname"}


def a_file(tree, e):
    return e.is_file and e.path not in NEEDED and e.size > 200 and \
        e.is_roots() and "/odd" not in e.path


def a_file_below(tree, e):
    return a_file(tree, e) and e.folder != "/etc"


def a_text(tree, e):
    return a_file(tree, e) and e.size < 10000 and e.read().count(b"\n") > 3 \
        and e.read().endswith(b"\n")


def a_link(tree, e):
    return e.is_link and "/odd" not in e.path


def a_folder(tree, e):
    return e.is_folder and e.is_roots() and e.path != "/etc" and \
        "/odd" not in e.path


def an_empty_folder(tree, e):
    return a_folder(tree, e) and not tree.below(e)


def a_folder_of_files(tree, e):
    return a_folder(tree, e) and 0 < len(tree.below(e)) < 40 and \
        all(not below.is_folder for below in tree.below(e))


def a_full_folder(tree, e):
    return a_folder(tree, e) and len(tree.below(e)) > 3 and \
        any(below.is_folder for below in tree.below(e))


def named(path):
    return lambda tree, e: e.path == path


# --- what the plan says ---

def update(entry, *attributes):
    return {entry.id: ("update", set(attributes))}


def replaced(entry):
    return update(entry, "+", "type")


def created(*entries):
    return {entry.id: ("create", None) for entry in entries}


def stray(type_, path):
    return {f"{type_}:{path}": ("remove", None)}


# --- files: content ---

@kind("content changed, of the same size", a_file)
def _(tree, e):
    data = e.read()
    e.write(bytes([data[0] ^ 1]) + data[1:])
    return update(e, "content")


@kind("last bit changed, size and times kept", a_file)
def _(tree, e):
    data = e.read()
    e.write(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(e.real, ns=(e.node.st_atime_ns, e.node.st_mtime_ns))
    return update(e, "content")


@kind("truncated", a_file)
def _(tree, e):
    os.truncate(e.real, e.size // 2)
    return update(e, "content")


@kind("emptied", a_file)
def _(tree, e):
    os.truncate(e.real, 0)
    return update(e, "content")


@kind("appended to", a_file)
def _(tree, e):
    e.write(e.read() + b"# by hand\n")
    return update(e, "content")


@kind("grown by a hole of 4 MiB", a_file)
def _(tree, e):
    os.truncate(e.real, 4 * 1024 * 1024)
    return update(e, "content")


@kind("all bytes NUL", a_file)
def _(tree, e):
    e.write(bytes(e.size))
    return update(e, "content")


@kind("no newline at the end", a_text)
def _(tree, e):
    os.truncate(e.real, e.size - 1)
    return update(e, "content")


@kind("CRLF", a_text)
def _(tree, e):
    e.write(e.read().replace(b"\n", b"\r\n"))
    return update(e, "content")


@kind("byte order mark", a_text)
def _(tree, e):
    e.write(b"\xef\xbb\xbf" + e.read())
    return update(e, "content")


@kind("not UTF-8 any more", a_text)
def _(tree, e):
    e.write(e.read().replace(b"e", b"\xe9"))
    return update(e, "content")


@kind("lines in another order", a_text)
def _(tree, e):
    data = e.read()
    e.write(b"".join(reversed(data.splitlines(keepends=True))))
    return {} if e.read() == data else update(e, "content")


@kind("content of another file", a_file)
def _(tree, e):
    e.write(tree.other(e).read())
    return update(e, "content")


@kind("an empty file filled", named("/etc/odd/empty"))
def _(tree, e):
    e.write(b"x")
    return update(e, "content")


@kind("a byte of a large file", named("/etc/odd/large"))
def _(tree, e):
    with open(e.real, "r+b") as file:
        file.seek(e.size // 2)
        file.write(b"\xff")
    return update(e, "content")


@kind("content of a set-id file", named("/etc/odd/set-id"))
def _(tree, e):
    e.write(b"#!/bin/sh\nexec evil\n")
    # what writes to a set-id file clears the bits, root alone excepted
    os.chmod(e.real, e.mode)
    return update(e, "content")


@kind("content that looks like a reference", named("/etc/odd/reference"))
def _(tree, e):
    e.write(b"vm $${x} {{host}}\n")
    return update(e, "content")


@kind("content in a user's folder", named("/etc/odd/users/file"))
def _(tree, e):
    e.write(b"changed\n")
    return update(e, "content")


# --- files: owner and mode ---

def chmod(mode):
    def change(tree, e):
        os.chmod(e.real, mode(e.mode))
        return update(e, "mode")
    return change


kind("mode 0666", a_file)(chmod(lambda mode: 0o666))
kind("mode 0000", a_file)(chmod(lambda mode: 0))
kind("made executable", a_file)(chmod(lambda mode: mode ^ 0o111))
kind("set-user-id set", a_file)(chmod(lambda mode: mode | 0o4000))
kind("set-group-id set", a_file)(chmod(lambda mode: mode | 0o2000))
kind("sticky file", a_file)(chmod(lambda mode: mode | 0o1000))
kind("all bits set", a_file)(chmod(lambda mode: 0o7777))
kind("set-id taken", named("/etc/odd/set-id-user"))(
    chmod(lambda mode: mode & 0o777))


@kind("owner", a_file)
def _(tree, e):
    os.chown(e.real, 1, -1)
    return update(e, "owner")


@kind("group", a_file)
def _(tree, e):
    os.chown(e.real, -1, 1)
    return update(e, "group")


@kind("owner and group", a_file)
def _(tree, e):
    os.chown(e.real, 1, 1)
    return update(e, "owner", "group")


@kind("owner and group without a name", a_file)
def _(tree, e):
    os.chown(e.real, UNKNOWN_ID, UNKNOWN_ID)
    return update(e, "owner", "group")


@kind("named owner for a number", named("/etc/odd/nobodys"))
def _(tree, e):
    os.chown(e.real, 0, 0)
    os.chmod(e.real, e.mode)
    return update(e, "owner", "group")


@kind("owner of a set-id file, which loses its bits", named("/etc/odd/set-ids"))
def _(tree, e):
    os.chown(e.real, 0, 0)
    return update(e, "owner", "group", "mode")


@kind("mode of a file of two names", named("/etc/odd/twin-1"))
def _(tree, e):
    os.chmod(e.real, 0o666)
    # the other is right again when this one is
    return update(e, "mode")


@kind("owner and group of a file of two names", named("/etc/odd/twin-3"))
def _(tree, e):
    os.chown(e.real, 1, 1)
    return update(e, "owner", "group")


@kind("content, owner, group and mode", a_file)
def _(tree, e):
    e.write(b"all new\n")
    os.chown(e.real, 1, 1)
    os.chmod(e.real, 0o4711)
    return update(e, "content", "owner", "group", "mode")


# --- files: gone, or something else ---

@kind("removed", a_file)
def _(tree, e):
    e.remove()
    return created(e)


@kind("removed, with owner and mode of its own", named("/etc/odd/set-ids-2"))
def _(tree, e):
    e.remove()
    return created(e)


@kind("renamed", a_file_below)
def _(tree, e):
    os.rename(e.real, e.real + ".dpkg-old")
    return {**created(e), **stray("file", e.path + ".dpkg-old")}


@kind("case of its name", a_file_below)
def _(tree, e):
    name = e.path.rpartition("/")[2].swapcase()
    os.rename(e.real, f"{tree.root}{e.folder}/{name}")
    return {**created(e), **stray("file", f"{e.folder}/{name}")}


@kind("a link to a copy of it", a_file)
def _(tree, e):
    copy = os.path.join(tree.aside, "copy")
    shutil.copy2(e.real, copy)
    e.remove()
    os.symlink("/aside/copy", e.real)
    return replaced(e)


@kind("a dangling link in its place", a_file)
def _(tree, e):
    e.remove()
    os.symlink("nowhere", e.real)
    return replaced(e)


@kind("a link to itself in its place", a_file)
def _(tree, e):
    e.remove()
    os.symlink(os.path.basename(e.path), e.real)
    return replaced(e)


@kind("an empty directory in its place", a_file)
def _(tree, e):
    e.remove()
    os.mkdir(e.real)
    return replaced(e)


@kind("a full directory in its place", a_file)
def _(tree, e):
    e.remove()
    os.makedirs(e.real + "/a/b")
    os.symlink("/", e.real + "/a/root")
    os.mkfifo(e.real + "/a/b/fifo")
    return replaced(e)


@kind("a FIFO in its place", a_file)
def _(tree, e):
    e.remove()
    os.mkfifo(e.real)
    return replaced(e)


@kind("a socket in its place", a_file)
def _(tree, e):
    e.remove()
    there = os.getcwd()
    os.chdir(os.path.dirname(e.real))  # a socket's address is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.basename(e.real))
    os.chdir(there)
    return replaced(e)


@kind("a character device in its place", a_file)
def _(tree, e):
    e.remove()
    os.mknod(e.real, stat.S_IFCHR | 0o644, os.makedev(1, 3))
    return replaced(e)


@kind("a block device in its place", a_file)
def _(tree, e):
    e.remove()
    os.mknod(e.real, stat.S_IFBLK | 0o644, os.makedev(7, 99))
    return replaced(e)


@kind("a hard link to another file", a_file)
def _(tree, e):
    other = tree.other(e, lambda other: other.mode == e.mode)
    e.remove()
    os.link(other.real, e.real)
    return update(e, "content")


@kind("swapped with another", a_file)
def _(tree, e):
    other = tree.other(e, lambda other: other.mode == e.mode)
    os.rename(e.real, e.real + ".tmp")
    os.rename(other.real, e.real)
    os.rename(e.real + ".tmp", other.real)
    return {**update(e, "content"), **update(other, "content")}


# --- links ---

def turned(target):
    def turn(tree, e):
        e.remove()
        os.symlink(target(e), e.real)
        return update(e, "target")
    return turn


kind("link turned", a_link)(turned(lambda e: "/etc/motd"))
kind("link dangling", a_link)(turned(lambda e: e.target + ".gone"))
kind("link to itself", a_link)(turned(lambda e: os.path.basename(e.path)))
kind("link to the same, spelled otherwise", a_link)(
    turned(lambda e: "./" + e.target if e.target[0] != "/"
           else "/." + e.target))
kind("loop straightened", named("/etc/odd/loop"))(turned(lambda e: "empty"))
kind("reference in a target", named("/etc/odd/link-reference"))(
    turned(lambda e: "vm"))


@kind("link removed", a_link)
def _(tree, e):
    e.remove()
    return created(e)


@kind("dangling link removed", named("/etc/odd/dangling"))
def _(tree, e):
    e.remove()
    return created(e)


@kind("a file in a link's place", a_link)
def _(tree, e):
    e.remove()
    with open(e.real, "wb") as file:
        file.write(b"x")
    return replaced(e)


@kind("a link's own target in its place, as a file", a_link)
def _(tree, e):
    target = e.target.encode("utf-8", "surrogateescape")
    e.remove()
    with open(e.real, "wb") as file:
        file.write(target)
    return replaced(e)


@kind("a directory in a link's place", a_link)
def _(tree, e):
    e.remove()
    os.makedirs(e.real + "/below")
    return replaced(e)


@kind("a FIFO in a link's place", a_link)
def _(tree, e):
    e.remove()
    os.mkfifo(e.real)
    return replaced(e)


# --- directories ---

kind("mode of a directory", a_folder)(chmod(lambda mode: 0o700))
kind("set-group-id of a directory", a_folder)(chmod(lambda mode: mode | 0o2000))
kind("sticky directory", a_folder)(chmod(lambda mode: mode | 0o1000))
kind("a closed directory", a_folder)(chmod(lambda mode: 0))
kind("set-group-id of a directory taken", named("/etc/odd/set-group-id"))(
    chmod(lambda mode: mode & 0o777))
kind("sticky bit taken, all may write", named("/etc/odd/shared"))(
    chmod(lambda mode: 0o777))


@kind("a directory that all may write to", a_folder_of_files, whole=True)
def _(tree, e):
    os.chmod(e.real, 0o777)
    # what is in it could be anybody's: nothing can be said until it is not
    return {**update(e, "mode"),
            **{b.id: ("unknown", None) for b in tree.below(e)}}


@kind("owner and group of a directory", an_empty_folder)
def _(tree, e):
    os.chown(e.real, 1, 1)
    return update(e, "owner", "group")


@kind("owner of a directory of files", a_folder_of_files, whole=True)
def _(tree, e):
    os.chown(e.real, 1, -1)
    return update(e, "owner")


@kind("owner of a user's directory", named("/etc/odd/users"))
def _(tree, e):
    os.chown(e.real, 0, 0)
    return update(e, "owner", "group")


@kind("empty directory removed", an_empty_folder)
def _(tree, e):
    e.remove()
    return created(e)


@kind("tree removed", a_full_folder, whole=True)
def _(tree, e):
    e.remove()
    return created(e, *tree.below(e))


@kind("content of a directory removed", a_folder_of_files, whole=True)
def _(tree, e):
    e.remove()
    os.mkdir(e.real)
    os.chmod(e.real, e.mode)
    return created(*tree.below(e))


@kind("a file in a directory's place", a_folder_of_files, whole=True)
def _(tree, e):
    e.remove()
    with open(e.real, "wb"):
        pass
    return {**replaced(e), **created(*tree.below(e))}


@kind("a FIFO in a directory's place", an_empty_folder, whole=True)
def _(tree, e):
    e.remove()
    os.mkfifo(e.real)
    return replaced(e)


@kind("a link to a copy in a directory's place", a_folder_of_files,
      whole=True)
def _(tree, e):
    os.rename(e.real, os.path.join(tree.aside, "folder"))
    os.symlink("/aside/folder", e.real)
    return {**replaced(e), **created(*tree.below(e))}


@kind("a dangling link in a directory's place", a_folder_of_files, whole=True)
def _(tree, e):
    e.remove()
    os.symlink("/aside/nothing", e.real)
    return {**replaced(e), **created(*tree.below(e))}


@kind("a link to another directory of the tree", a_folder_of_files, whole=True)
def _(tree, e):
    e.remove()
    os.symlink("/etc/odd", e.real)
    return {**replaced(e), **created(*tree.below(e))}


# --- what nobody asked for ---

@kind("a stray file", a_folder)
def _(tree, e):
    with open(e.real + "/stray file", "wb") as file:
        file.write(b"x")
    return stray("file", e.path + "/stray file")


@kind("a stray link", a_folder)
def _(tree, e):
    os.symlink("..", e.real + "/stray")
    return stray("file", e.path + "/stray")


@kind("a stray FIFO", a_folder)
def _(tree, e):
    os.mkfifo(e.real + "/stray")
    return stray("file", e.path + "/stray")


@kind("a stray name that is a reference", a_folder)
def _(tree, e):
    with open(e.real + "/${host}", "wb"):
        pass
    return stray("file", e.path + "/${host}")


@kind("a stray closed directory", a_folder)
def _(tree, e):
    os.mkdir(e.real + "/stray", 0)
    return stray("directory", e.path + "/stray")


@kind("a stray tree", a_folder)
def _(tree, e):
    os.makedirs(e.real + "/stray/deep/er")
    with open(e.real + "/stray/deep/file", "wb"):
        pass
    return {**stray("directory", e.path + "/stray"),
            **stray("directory", e.path + "/stray/deep"),
            **stray("directory", e.path + "/stray/deep/er"),
            **stray("file", e.path + "/stray/deep/file")}


# --- what is no damage ---

@kind("times alone", a_file)
def _(tree, e):
    os.utime(e.real, (1, 1))
    return {}


@kind("times to come", a_file)
def _(tree, e):
    os.utime(e.real, (time.time() + 1e6,) * 2)
    return {}


@kind("the same, as a new file", a_file)
def _(tree, e):
    shutil.copy2(e.real, e.real + ".tmp")
    os.rename(e.real + ".tmp", e.real)
    return {}


@kind("the same, written again in place", a_file)
def _(tree, e):
    e.write(e.read())
    return {}


@kind("another name for it elsewhere", a_file)
def _(tree, e):
    os.link(e.real, tree.aside + "/name")
    return {}


@kind("the same, as a new link", a_link)
def _(tree, e):
    e.remove()
    os.symlink(e.target, e.real)
    return {}


@kind("the same, as a new directory", a_full_folder, whole=True)
def _(tree, e):
    shutil.copytree(e.real, e.real + ".tmp", symlinks=True)
    for old in [e, *tree.below(e)]:
        new = e.real + ".tmp" + old.real[len(e.real):]
        os.chown(new, old.node.st_uid, old.node.st_gid, follow_symlinks=False)
        if not old.is_link:
            os.chmod(new, old.mode)
    shutil.rmtree(e.real)
    os.rename(e.real + ".tmp", e.real)
    return {}


@kind("times of a directory", a_folder)
def _(tree, e):
    os.utime(e.real, (1, 1))
    return {}


# --- the odd things that a distribution has no example of ---

def put(path, data, mode=0o644, owner=0):
    with open(path, "wb") as file:
        file.write(data)
    os.chown(path, owner, owner)
    os.chmod(path, mode)


def folder(path, mode=0o755, owner=0):
    os.mkdir(path)
    os.chown(path, owner, owner)
    os.chmod(path, mode)


ODD_NAMES = ["with space", "ünïcödé 名前", "${host}", "$${x}", "$", "-dash",
             "co:lon", "quo\"te's", "back\\slash", "{{mustache}}", "%s%n",
             ".hidden", "#", "*", "n" * 255, "trailing ", "~", "a&b<c>"]


def add_odd(root):
    """/etc/odd: names, content, owners and modes at their edges."""
    odd = root + "/etc/odd"
    folder(odd)
    folder(odd + "/names")
    for name in ODD_NAMES:
        put(f"{odd}/names/{name}", name.encode() + b"\n")
        os.symlink(name, f"{odd}/names/{name[:250]}.link")
    put(odd + "/empty", b"")
    put(odd + "/no-newline", b"x")
    put(odd + "/reference", b"${host} $${x} {{host}}\n")
    put(odd + "/nul", b"a\0b\0")
    put(odd + "/latin-1", "n\u00e4her\n".encode("latin-1"))
    put(odd + "/large", bytes(range(251)) * 12345)
    put(odd + "/large-text", b"all work and no play\n" * 60000)
    put(odd + "/set-id", b"#!/bin/sh\n", 0o4755)
    put(odd + "/set-id-user", b"#!/bin/sh\n", 0o6755, owner=1)
    put(odd + "/set-ids", b"#!/bin/sh\n", 0o6711, owner=1)
    put(odd + "/set-ids-2", b"#!/bin/sh\n", 0o6711, owner=UNKNOWN_ID)
    put(odd + "/sticky", b"", 0o1600)
    put(odd + "/nothing-allowed", b"x", 0)
    put(odd + "/nobodys", b"x", 0o640, owner=4242)
    put(odd + "/twin-1", b"two names\n")
    os.link(odd + "/twin-1", odd + "/twin-2")
    put(odd + "/twin-3", b"two others\n")
    os.link(odd + "/twin-3", odd + "/twin-4")
    folder(odd + "/set-group-id", 0o2750)
    folder(odd + "/shared", 0o1777)
    folder(odd + "/users", 0o700, owner=33)
    put(odd + "/users/file", b"x\n", 0o600, owner=33)
    deep = odd
    for i in range(30):
        deep += f"/{i}"
        folder(deep)
    put(deep + "/bottom", b"x")
    os.symlink("loop", odd + "/loop")
    os.symlink("no/where", odd + "/dangling")
    os.symlink("a" * 4000, odd + "/long")
    os.symlink("${host}", odd + "/link-reference")
    os.symlink("a//b/../c/ ", odd + "/crooked")
    os.symlink("..", odd + "/up")
