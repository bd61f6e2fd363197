#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: MIT
"""describe.py ROOT TOP FOLDER: writes FOLDER/manifest.json, which says of the
tree at TOP below ROOT all that a manifest can say: every file, directory and
link, with content, owner, group, mode and target.

Content that JSON cannot hold, or that is large, lies beside the manifest in
FOLDER/files. What no manifest can name (names that are not UTF-8 or have
control characters, devices, sockets) is told on standard error and left out.
"""
import json
import os
import stat
import sys

LARGE = 1024 * 1024


def literal(text):
    """Text that stands for itself: no reference is seen in it."""
    return text.replace("${", "$${")


def accounts(root, name):
    found = {}
    with open(os.path.join(root, "etc", name), encoding="utf-8") as lines:
        for line in lines:
            fields = line.split(":")
            found.setdefault(int(fields[2]), fields[0])
    return found


def is_nameable(path):
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return not any(ord(c) < 0x20 or 0x7f <= ord(c) <= 0x9f for c in path)


class Description:
    def __init__(self, root, folder):
        self.root = root
        self.folder = folder
        self.users = accounts(root, "passwd")
        self.groups = accounts(root, "group")
        self.resources = {}
        self.left_out = []
        self.sources = 0

    def perms(self, node):
        return {
            "owner": self.users.get(node.st_uid, str(node.st_uid)),
            "group": self.groups.get(node.st_gid, str(node.st_gid)),
            "mode": f"{stat.S_IMODE(node.st_mode):04o}",
            "force": True,
        }

    def content(self, path):
        with open(path, "rb") as file:
            data = file.read()
        try:
            text = data.decode("utf-8")
            if len(data) <= LARGE and "\0" not in text:
                return {"content": literal(text)}
        except UnicodeDecodeError:
            pass
        name = f"files/{self.sources}"
        self.sources += 1
        os.makedirs(os.path.join(self.folder, "files"), exist_ok=True)
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data)
        return {"source": name}

    def add(self, path):
        real = self.root + path
        node = os.lstat(real)
        if not is_nameable(path):
            self.left_out.append(path)
        elif stat.S_ISLNK(node.st_mode):
            self.resources["link:" + literal(path)] = {
                "target": literal(os.readlink(real)), "force": True}
        elif stat.S_ISREG(node.st_mode):
            self.resources["file:" + literal(path)] = {
                **self.content(real), **self.perms(node)}
        elif stat.S_ISDIR(node.st_mode):
            # /etc itself is never purged
            purge = {"purge": True} if path.count("/") > 1 else {}
            self.resources["directory:" + literal(path)] = {
                **self.perms(node), **purge}
        else:
            self.left_out.append(path)

    def add_tree(self, top):
        self.add(top)
        for at, folders, files in os.walk(self.root + top):
            for name in sorted(folders + files):
                self.add(os.path.join(at, name)[len(self.root):])

    def write(self):
        path = os.path.join(self.folder, "manifest.json")
        manifest = {"version": 1, "resources": self.resources}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=1, ensure_ascii=False)
        return path


def describe(root, top, folder):
    description = Description(root, folder)
    description.add_tree(top)
    return description, description.write()


if __name__ == "__main__":
    for left_out in describe(*sys.argv[1:4])[0].left_out:
        print(f"describe: left out {left_out!a}", file=sys.stderr)
