# SPDX-License-Identifier: MIT
"""A file system in a few lines, and what resources make of it: told apart from
how converge does it, so that the two can be compared.

Paths here are real ones: no component is a link. What the manifest calls them
is the generator's business.
"""
import os
import stat

FILE, FOLDER, LINK, FIFO = "file", "directory", "link", "fifo"
NO_GROUP = 65534


class Node:
    def __init__(self, kind, mode=0o644, uid=0, gid=0, data=None):
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.data = data  # a file's bytes, a link's target

    def copy(self):
        return Node(self.kind, self.mode, self.uid, self.gid, self.data)

    def __repr__(self):
        data = self.data
        if data is not None and len(data) > 60:
            data = f"{len(data)} bytes, {hash(data)}"
        mode = None if self.kind == LINK else f"{self.mode:04o}"
        return f"{self.kind} {mode} {self.uid}:{self.gid} {data!r}"


def parent(path):
    return path.rpartition("/")[0] or "/"


class Tree:
    """Nodes by path."""

    def __init__(self):
        self.nodes = {}

    def copy(self):
        tree = Tree()
        tree.nodes = {path: n.copy() for path, n in self.nodes.items()}
        return tree

    def get(self, path):
        return self.nodes.get(path)

    def is_folder(self, path):
        return path in self.nodes and self.nodes[path].kind == FOLDER

    def below(self, path):
        return [p for p in self.nodes if p.startswith(path + "/")]

    def children(self, path):
        return [p for p in self.below(path) if parent(p) == path]

    def remove(self, path):
        for gone in [path, *self.below(path)]:
            self.nodes.pop(gone, None)

    def put(self, path, node):
        assert self.is_folder(parent(path)) or parent(path) == "/", path
        self.remove(path)
        self.nodes[path] = node

    def new_ids(self, path):
        """Whose it is, what is made at path: see SAFETY on user's folders."""
        above = self.nodes.get(parent(path))
        if above is None:
            return 0, 0
        if above.uid == 0:
            return 0, 0
        if above.mode & 0o2000:
            return above.uid, above.gid
        return above.uid, above.gid or NO_GROUP

    def command_ids(self, path):
        """The same of what a command makes, as inode(7) has it."""
        above = self.nodes.get(parent(path))
        if above and above.uid == 0 and above.mode & 0o2000:
            return 0, above.gid
        return self.new_ids(path)

    def write(self, top):
        """Makes it real, below the folder top."""
        for path in sorted(self.nodes):
            node, real = self.nodes[path], top + path
            if node.kind == FOLDER:
                os.mkdir(real)
            elif node.kind == LINK:
                os.symlink(node.data, real)
            elif node.kind == FIFO:
                os.mkfifo(real)
            else:
                with open(real, "wb") as file:
                    file.write(node.data)
            os.chown(real, node.uid, node.gid, follow_symlinks=False)
            if node.kind != LINK:
                os.chmod(real, node.mode)

    @staticmethod
    def read(top, folder):
        """What there is below top, of folder."""
        tree = Tree()
        todo = [folder]
        while todo:
            path = todo.pop()
            tree.nodes[path] = node = node_at(top + path)
            if node.kind == FOLDER:
                todo += [f"{path}/{name}" for name in os.listdir(top + path)]
        return tree


def node_at(real):
    have = os.lstat(real)
    kinds = {stat.S_IFREG: FILE, stat.S_IFDIR: FOLDER, stat.S_IFLNK: LINK,
             stat.S_IFIFO: FIFO}
    node = Node(kinds[stat.S_IFMT(have.st_mode)], stat.S_IMODE(have.st_mode),
                have.st_uid, have.st_gid)
    if node.kind == FILE:
        with open(real, "rb") as file:
            node.data = file.read()
    elif node.kind == LINK:
        node.data = os.readlink(real)
    return node


def differences(want, have):
    """What have is otherwise than want, in lines."""
    lines = []
    for path in sorted(want.nodes.keys() | have.nodes.keys()):
        w, h = repr(want.get(path)), repr(have.get(path))
        if w != h:
            lines.append(f"{path}: expected {w}, is {h}")
    return lines


# --- modes, as chmod(1) says ---

WHO = {"u": 0o4700, "g": 0o2070, "o": 0o1007, "a": 0o7777}
WHAT = {"r": 0o444, "w": 0o222, "x": 0o111, "s": 0o6000, "t": 0o1000}


def clause_bits(letters, mode, is_folder):
    if letters and letters in "ugo":
        return (mode >> {"u": 6, "g": 3, "o": 0}[letters] & 7) * 0o111
    bits = 0
    for letter in letters:
        if letter == "X":
            bits |= 0o111 if is_folder or mode & 0o111 else 0
        else:
            bits |= WHAT[letter]
    return bits


def chmod(text, mode, is_folder):
    """The mode that text makes of mode."""
    if text[0] in "01234567":
        return int(text, 8)
    for clause in text.split(","):
        at = next(i for i, c in enumerate(clause) if c in "+-=")
        who, letters = 0, clause[at + 1:]
        for letter in clause[:at] or "a":
            who |= WHO[letter]
        bits = clause_bits(letters, mode, is_folder) & who
        if clause[at] == "+":
            mode |= bits
        elif clause[at] == "-":
            mode &= ~bits
        else:
            # a directory keeps its set-id bits unless they are named
            kept = 0o6000 if is_folder else 0
            mode = (mode & (~who | kept)) | bits
    return mode


# --- what a resource makes of a tree: whether it changed anything ---


def moves(node, attributes):
    return int(attributes.get("owner", node.uid)) != node.uid or \
        int(attributes.get("group", node.gid)) != node.gid


def set_perms(node, attributes, mode):
    before = (node.mode, node.uid, node.gid)
    if mode:
        node.mode = chmod(mode, node.mode, node.kind == FOLDER)
    if "owner" in attributes:
        node.uid = int(attributes["owner"])
    if "group" in attributes:
        node.gid = int(attributes["group"])
    return before != (node.mode, node.uid, node.gid)


def make_absent(tree, path):
    changed = path in tree.nodes
    tree.remove(path)
    return changed


def make_file(tree, path, attributes, data):
    """data: None leaves content alone."""
    have = tree.get(path)
    if have is None or have.kind != FILE:
        node = Node(FILE, 0o644, *tree.new_ids(path), data or b"")
        set_perms(node, attributes, attributes.get("mode"))
        tree.put(path, node)
        return True
    changed = data is not None and have.data != data and \
        attributes.get("replace", True)
    if changed:
        have.data = data
    return set_perms(have, attributes, attributes.get("mode")) or changed


def make_folder(tree, path, attributes):
    have = tree.get(path)
    changed = have is None or have.kind != FOLDER
    if changed:
        tree.put(path, Node(FOLDER, 0o755, *tree.new_ids(path)))
    return set_perms(tree.get(path), attributes, attributes.get("mode")) or \
        changed


def make_link(tree, path, target):
    have = tree.get(path)
    if have is not None and have.kind == LINK and have.data == target:
        return False
    tree.put(path, Node(LINK, 0o777, *tree.new_ids(path), target))
    return True


def is_at_or_above(path, paths):
    return path in paths or any(p.startswith(path + "/") for p in paths)


class Below:
    """purge and recurse of a directory. managed: real paths that resources
    manage; promised: those of them that commands make; recursing: those of
    directories that recurse themselves."""

    def __init__(self, tree, managed, promised, recursing):
        self.tree = tree
        self.managed = managed
        self.promised = promised
        self.recursing = recursing
        self.changed = False

    def perms(self, path, attributes):
        """With another owner or group a file has no set-id bits."""
        node = self.tree.get(path)
        mode = attributes.get("mode")
        if node.kind == FILE:
            octal = mode and mode[0] in "01234567"
            mode = attributes.get("file_mode", None if octal else mode)
        if node.kind == FILE and node.mode & 0o6000 and \
                moves(node, attributes):
            node.mode &= ~0o6000
            self.changed = True
        if node.kind in (FILE, FOLDER):
            self.changed |= set_perms(node, attributes, mode)

    def walk(self, folder, attributes, own=True):
        """own: the perms of what is here are those of attributes, and not of
        a directory further down."""
        for path in self.tree.children(folder):
            if attributes.get("purge") and \
                    not is_at_or_above(path, self.managed):
                self.tree.remove(path)
                self.changed = True
                continue
            if not attributes.get("recurse"):
                continue
            if own and path not in self.managed and \
                    not is_at_or_above(path, self.promised):
                self.perms(path, attributes)
            if self.tree.is_folder(path):
                self.walk(path, attributes, own and path not in self.recursing)
        return self.changed
