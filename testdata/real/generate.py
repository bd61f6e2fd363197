# SPDX-License-Identifier: MIT
"""Random manifests, each with a tree to begin with and the tree that it must
come to.

Resources are made up in an order in which they could be applied; the manifest
has them in any order, with no more said of it than a user would have to say.
"""
import os
import random

import model
from describe import literal
from model import FIFO, FILE, FOLDER, LINK, Node

BASE = "/base"
TOUCH, THERE = "/bin/touch", "/bin/there"
NAMES = ["a", "b", "c", "d", "etc", "x y", "ü", "${host}", ".h", "-f", "a.b",
         "A", "conf.d", "*"]
FILE_MODES = ["0644", "0600", "640", "0755", "0444", "4755", "2711", "u+x",
              "go-rwx", "u=rw,go=r", "a+r", "u=rwX,g=u,o=", "ug+s"]
FOLDER_MODES = ["0755", "0700", "750", "0711", "1755", "2755", "u=rwx,go=rx",
                "go-w", "g+s", "o-rwx", "u+t", "u=rwx,g=rX,o="]
CONTENTS = ["", "x", "a\n", "two\nlines\n", "${host} $${x} {{y}}\n", "ü\t\n",
            "b" * 300, "line\n" * 3000]


class Place:
    """A directory to put things in, by one of the paths that lead there."""

    def __init__(self, path, real, id_=None, user=0, quiet=False, open_=False):
        self.path = path
        self.real = real
        self.id = id_       # what makes it, or makes it so; or None
        self.user = user    # whose folder it is
        self.quiet = quiet  # no command may leave anything there
        self.open = open_   # the way leads by a folder that all may write to


class Case:
    def __init__(self, seed, number):
        self.random = random.Random(f"{seed}/{number}")
        self.resources = {}  # by id, in an order that works
        self.initial = model.Tree()
        self.initial.nodes[BASE] = Node(FOLDER, 0o755)
        self.places = [Place(BASE, BASE)]
        self.steps = []      # (id, what it makes of a tree), in order
        self.managed = {BASE}
        self.promised = set()
        self.recursing = set()
        self.taken = set()   # real paths
        self.loud = set()    # ids that always have something to do
        self.causes = {}     # of commands: ids that notify them
        self.commands = {}   # how they run, and their guards
        self.used = set()    # names of what this case has
        self.populated = self.chance(0.5)
        self.add_all()

    # --- dice ---

    def chance(self, p):
        return self.random.random() < p

    def pick(self, list_):
        return self.random.choice(list_)

    def note(self, *features):
        self.used.update(features)

    # --- places and names ---

    def spot(self, place):
        """A free name in a place, as (path, real path)."""
        for _ in range(50):
            name = self.pick(NAMES)
            if self.chance(0.3):
                name += str(self.random.randrange(10))
            real = f"{place.real}/{name}"
            if real not in self.taken:
                self.taken.add(real)
                return f"{place.path}/{name}", real
        raise AssertionError("no free name")

    def roots_place(self):
        return self.pick([p for p in self.places if not p.user])

    def loud_place(self):
        """Where commands may leave something."""
        return self.pick([p for p in self.places if not p.user
                          and not p.quiet])

    # --- what is there at first ---

    def can_be_there(self, real):
        return self.populated and self.initial.is_folder(model.parent(real))

    def put(self, real, node):
        above = self.initial.get(model.parent(real))
        if above.uid:
            node.uid, node.gid = above.uid, above.gid
        self.initial.nodes[real] = node

    def some_folder(self, real):
        """A folder in the way, and something in it."""
        self.put(real, Node(FOLDER, self.pick([0o755, 0o700])))
        if self.chance(0.6):
            self.put(real + "/in", Node(FOLDER, 0o755))
            self.put(real + "/in/file", Node(FILE, 0o600, data=b"in\n"))
            self.put(real + "/link", Node(LINK, 0o777, data="/"))

    def some_link(self, real):
        folders = [p for p, n in self.initial.nodes.items()
                   if n.kind == FOLDER and n.uid == 0]
        target = self.pick([*folders, "nowhere", "/", "..", "."])
        self.put(real, Node(LINK, 0o777, data=target))

    def some_node(self, real):
        """Anything at all. Whether only force replaces it by a file."""
        kind = self.pick([FILE, FILE, FOLDER, LINK, FIFO])
        if kind == FILE:
            self.put(real, Node(FILE, self.pick([0o644, 0o600, 0o4755]),
                                data=self.pick(CONTENTS).encode()))
        elif kind == FOLDER:
            self.some_folder(real)
        elif kind == LINK:
            self.some_link(real)
        else:
            self.put(real, Node(FIFO, 0o600))
        return kind

    def add_strays(self, place):
        """What no resource knows of."""
        if not self.initial.is_folder(place.real):
            return
        for _ in range(self.random.randrange(3)):
            _, real = self.spot(place)
            self.note(f"stray {self.some_node(real)}")

    # --- resources ---

    def add(self, id_, attributes, step):
        assert id_ not in self.resources
        self.resources[id_] = attributes
        self.steps.append((id_, step))
        self.requires(id_)
        return id_

    def requires(self, id_):
        """Now and then an order that would have done as well."""
        earlier = [i for i in self.resources if i != id_]
        if earlier and self.chance(0.1):
            self.require(id_, self.pick(earlier))
        if earlier and self.chance(0.05):
            other = self.pick(earlier)
            self.resources[other].setdefault("before", []).append(id_)

    def require(self, id_, other):
        if other:
            self.resources[id_].setdefault("require", []).append(other)

    def mode(self, list_, user):
        """A user cannot give away what has a group that is not his."""
        if user:
            list_ = [m for m in list_ if m[-4:-3] != "2" and "s" not in m]
        return self.pick(list_)

    def owners(self, place):
        """Numbers, none of which has a name."""
        if place.user:
            return {"owner": str(place.user)}
        attributes = {}
        if self.chance(0.2):
            attributes["owner"] = self.pick(["0", "1234", "54321"])
        if self.chance(0.2):
            attributes["group"] = self.pick(["0", "1234", "54321"])
        return attributes

    def add_folder(self, place):
        path, real = self.spot(place)
        user = place.user
        attributes = {}
        if not user and not place.quiet and self.chance(0.1):
            user = 1234
            self.note("user's folder")
        if self.chance(0.5):
            attributes["mode"] = self.mode(FOLDER_MODES, user)
        if user:
            attributes["owner"] = str(user)
        elif self.chance(0.1):
            attributes["group"] = self.pick(["50", "54321"])
        if not place.open:
            self.add_below(attributes, real)
        is_open = self.begin_folder(real, attributes, user, place)
        id_ = "directory:" + path
        place = Place(path, real, id_, user, place.quiet or
                      bool(attributes.get("purge") or
                           attributes.get("recurse")), place.open or is_open)
        self.managed.add(real)

        def step(tree):
            changed = model.make_folder(tree, real, attributes)
            below = model.Below(tree, self.managed, self.promised,
                                self.recursing)
            return below.walk(real, attributes) or changed
        self.add(id_, attributes, step)
        self.places.append(place)
        if self.populated:
            self.add_strays(place)
        return place

    def begin_folder(self, real, attributes, user, place):
        """Whether it is open to all."""
        if not self.can_be_there(real) or self.chance(0.35):
            return False
        if user or self.chance(0.75):
            modes = [0o755, 0o700, 0o2755, 0o1755]
            self.put(real, Node(FOLDER, self.pick(modes), user, user))
            self.note("folder is there")
            if self.is_closing(attributes, place) and self.chance(0.3):
                self.initial.get(real).mode = 0o777
                self.note("open folder is closed")
                return True
            return False
        kind = self.pick([FILE, LINK, FIFO])
        if kind == LINK:
            self.some_link(real)
        else:
            self.put(real, Node(kind, 0o600, data=b"in the way"))
        attributes["force"] = True
        self.note(f"{kind} in a folder's place")
        return False

    def is_closing(self, attributes, place):
        """What is in a folder that all may write to is not believed before
        it is closed: only the next run can see all that is further down."""
        mode = attributes.get("mode", "+")
        return not place.quiet and not attributes.get("recurse") and \
            mode[0] in "01234567" and mode[-1] not in "2367"

    def add_below(self, attributes, real):
        if self.chance(0.2):
            attributes["purge"] = True
            self.note("purge")
        if self.chance(0.15):
            attributes["recurse"] = True
            self.recursing.add(real)
            self.note("recurse")
            if self.chance(0.5):
                attributes["file_mode"] = self.pick(["0640", "u=rw,go=", "a+r"])

    def add_file(self, place):
        path, real = self.spot(place)
        text = self.pick([None, *CONTENTS])
        attributes = self.owners(place)
        if text is not None:
            attributes["content"] = literal(text)
        if self.chance(0.5):
            attributes["mode"] = self.mode(FILE_MODES, place.user)
        if self.chance(0.1):
            attributes["replace"] = False
        if self.chance(0.2):
            attributes["backup"] = False
        data = None if text is None else text.encode()
        self.begin_file(real, attributes, data)
        self.keep_set_id(real, attributes)
        self.managed.add(real)
        return self.add("file:" + path, attributes,
                        lambda tree: model.make_file(tree, real, attributes,
                                                     data))

    def keep_set_id(self, real, attributes):
        """Set-id bits do not go to another owner without being asked for."""
        have = self.initial.get(real)
        if have and have.kind == FILE and have.mode & 0o6000 and \
                ("owner" in attributes or "group" in attributes) and \
                attributes.get("mode", "+")[0] not in "01234567":
            attributes["mode"] = "0755"

    def begin_file(self, real, attributes, data):
        if not self.can_be_there(real) or self.chance(0.3):
            return
        if self.chance(0.3):
            mode = model.chmod(attributes.get("mode", "0644"), 0o644, False)
            self.put(real, Node(FILE, mode, data=data or b""))
            self.note("file is there already")
            return
        kind = self.some_node(real)
        if kind in (FOLDER, FIFO):
            attributes["force"] = True
        self.note(f"{kind} in a file's place")

    def add_link(self, place):
        """To a directory, by which more is put there; or to whatever."""
        path, real = self.spot(place)
        to = self.roots_place() if self.chance(0.6) else None
        need = None
        if to and self.chance(0.5):
            target = os.path.relpath(to.real, place.real)
            # of what is only known by another path nobody can tell
            if to.path != to.real or place.path != place.real:
                need = to.id
            self.note("relative link")
        elif to:
            target = to.path
            self.note("absolute link")
        else:
            target = self.pick(["nowhere", "/no/where", "..", BASE, "/",
                                "${host}", "a b"])
        attributes = {"target": literal(target)}
        self.begin_link(real, attributes, target)
        self.managed.add(real)
        id_ = self.add("link:" + path, attributes,
                       lambda tree: model.make_link(tree, real, target))
        self.require(id_, need)
        if to and not place.user:
            self.places.append(Place(path, to.real, id_, to.user, to.quiet,
                                     place.open or to.open))
            self.note("link as a folder")

    def begin_link(self, real, attributes, target):
        if not self.can_be_there(real) or self.chance(0.4):
            return
        if self.chance(0.3):
            self.put(real, Node(LINK, 0o777, data=target))
            self.note("link is there already")
            return
        kind = self.some_node(real)
        if kind != LINK:
            attributes["force"] = True
        self.note(f"{kind} in a link's place")

    def add_absent(self, place):
        path, real = self.spot(place)
        type_ = self.pick([FILE, FOLDER, LINK])
        attributes = {"ensure": "absent"}
        if self.can_be_there(real) and self.chance(0.8):
            kind = self.some_node(real)
            needs_force = {FILE: kind == FOLDER, LINK: kind != LINK,
                           FOLDER: True}
            attributes["force"] = needs_force[type_]
            self.note(f"absent {type_}, a {kind}")
        self.managed.add(real)
        self.add(f"{type_}:{path}", attributes,
                 lambda tree: model.make_absent(tree, real))

    # --- commands ---

    def command_id(self):
        return f"exec:{len(self.resources)}"

    def add_exec(self):
        self.pick([self.add_creates, self.add_creates, self.add_maker,
                   self.add_guarded, self.add_guarded, self.add_refreshed,
                   self.add_refreshed, self.add_loud])()

    def add_command(self, id_, attributes, run, needed=None, agrees=None):
        """needed: whether it has work to do. agrees: what its guards say,
        which holds for a refresh too."""
        def step(tree):
            if not (needed or always)(tree) or not (agrees or always)(tree):
                return False
            run(tree)
            return True
        self.commands[id_] = (run, agrees or always)
        self.add(id_, attributes, step)

    def refresh(self, tree, id_, run, agrees):
        """What ran itself has seen all that changed before, but not what is
        refreshed after."""
        causes = self.causes.get(id_, [])
        again = any(cause in self.refreshed for cause in causes)
        first = any(self.changed[cause] for cause in causes)
        if (again or (first and not self.changed[id_])) and agrees(tree):
            run(tree)
            self.refreshed.add(id_)

    def touches(self, tree, real, mode=0o644):
        have = tree.get(real)
        if have is None:
            uid, gid = tree.command_ids(real)
            tree.put(real, Node(FILE, mode, uid, gid, b"x"))
        else:
            have.data += b"x"

    def add_creates(self):
        """A command that makes a file; then, maybe, the file's mode."""
        place = self.roots_place()
        path, real = self.spot(place)
        attributes = {"command": [TOUCH, path], "creates": path}
        self.managed.add(real)
        self.promised.add(real)
        mode = 0o644
        if self.chance(0.2):
            attributes["umask"], mode = "077", 0o600
        if self.chance(0.2):
            attributes["cwd"] = place.path
            attributes["command"][1] = "./" + path.rpartition("/")[2]
        if self.can_be_there(real) and self.chance(0.4):
            self.put(real, Node(FILE, data=b"made before"))
        if self.chance(0.2):
            self.use_own_program(attributes)
        id_ = self.command_id()
        self.add_causes(id_, attributes)
        self.note("creates")

        def run(tree):
            self.touches(tree, real, mode)
        self.add_command(id_, attributes, run,
                         needed=lambda tree: real not in tree.nodes)
        if self.chance(0.3):
            self.add_mode(path, real, id_)

    def use_own_program(self, attributes):
        """A program that a resource puts there first."""
        path, real = self.spot(self.roots_place())
        program = {"source": "touch", "mode": "0755"}
        self.managed.add(real)
        self.add("file:" + path, program, lambda tree: model.make_file(
            tree, real, program, self.program))
        attributes["command"][0] = path
        self.note("own program")

    def add_mode(self, path, real, exec_id):
        attributes = {"mode": self.pick(FILE_MODES), "require": [exec_id]}
        self.managed.add(real)
        self.add("file:" + path, attributes, lambda tree: model.make_file(
            tree, real, attributes, None))
        self.note("mode of what a command makes")

    def add_maker(self):
        """A command that makes a directory, and what is put there."""
        place = self.roots_place()
        path, real = self.spot(place)
        attributes = {"command": [TOUCH, "-d", path], "creates": path}
        self.managed.add(real)
        self.promised.add(real)
        id_ = self.command_id()
        if self.can_be_there(real) and self.chance(0.4):
            self.put(real, Node(FOLDER, 0o755))

        def run(tree):
            uid, gid = tree.command_ids(real)
            above = tree.get(model.parent(real))
            tree.put(real, Node(FOLDER, 0o755 | (above.mode & 0o2000), uid,
                                gid))
        self.add_command(id_, attributes, run,
                         needed=lambda tree: real not in tree.nodes)
        self.note("folder made by a command")
        inside = Place(path, real, id_, 0, True)
        for _ in range(self.random.randrange(1, 3)):
            file = self.add_file(inside)
            self.require(file, id_)

    def add_guarded(self):
        place = self.loud_place()
        path, real = self.spot(place)
        attributes = {"command": [TOUCH, path], "unless": [THERE, path]}
        if self.can_be_there(real) and self.chance(0.4):
            self.put(real, Node(FILE, data=b"made before"))
        only, only_real = self.guard(attributes)
        id_ = self.command_id()
        self.add_causes(id_, attributes)
        self.note("guards")

        def agrees(tree):
            return real not in tree.nodes and \
                (not only or only_real in tree.nodes)
        self.add_command(id_, attributes,
                         lambda tree: self.touches(tree, real), agrees=agrees)
        self.require(id_, place.id)

    def guard(self, attributes):
        """onlyif: something managed is there, or something that is not."""
        if self.chance(0.5):
            return None, None
        files = self.real_files()
        if files and self.chance(0.6):
            id_ = self.pick(sorted(files))
            path, real = id_[len("file:"):], files[id_]
            attributes.setdefault("require", []).append(id_)
            self.note("guard on a managed file")
        else:
            path, real = self.spot(Place(BASE, BASE))
            if self.populated and self.chance(0.5):
                self.put(real, Node(FILE, data=b"guard"))
        attributes["onlyif"] = [[THERE, path]]
        return path, real

    def add_causes(self, id_, attributes):
        """Resources that notify this one."""
        self.causes[id_] = []
        ids = [i for i in self.resources if i not in self.loud]
        if not ids or self.chance(0.6):
            return
        chosen = self.random.sample(ids, min(len(ids),
                                             self.random.randrange(1, 4)))
        for cause in chosen:
            if self.chance(0.5):
                attributes.setdefault("subscribe", []).append(cause)
            else:
                self.resources[cause].setdefault("notify", []).append(id_)
        self.causes[id_] = chosen
        self.note("notified command")

    def add_refreshed(self):
        place = self.loud_place()
        path, real = self.spot(place)
        attributes = {"command": [TOUCH, path], "refreshonly": True}
        id_ = self.command_id()
        self.add_causes(id_, attributes)
        self.note("refreshonly")
        agrees = always
        if self.chance(0.2):
            attributes["unless"] = [THERE, path]
            self.note("guarded refresh")

            def agrees(tree):
                return real not in tree.nodes
        if self.can_be_there(real) and self.chance(0.4):
            self.put(real, Node(FILE, data=b"made before"))
        self.add_command(id_, attributes,
                         lambda tree: self.touches(tree, real),
                         needed=lambda tree: False, agrees=agrees)
        self.require(id_, place.id)

    def add_loud(self):
        """Without guards it runs every time."""
        if not self.chance(0.3):
            self.add_creates()
            return
        place = self.loud_place()
        path, real = self.spot(place)
        id_ = self.command_id()
        self.note("no guards")
        self.add_command(id_, {"command": [TOUCH, path]},
                         lambda tree: self.touches(tree, real))
        self.require(id_, place.id)
        self.loud.add(id_)

    # --- all of it ---

    def real_files(self):
        """Real paths of files, by id."""
        places = {p.path: p.real for p in self.places}
        found = {}
        for id_ in self.resources:
            kind, _, path = id_.partition(":")
            above, _, name = path.rpartition("/")
            if kind == "file" and above in places:
                found[id_] = f"{places[above]}/{name}"
        return found

    def add_all(self):
        count = self.random.randrange(4, 24)
        if self.populated:
            self.add_strays(self.places[0])
        self.add_folder(self.places[0])
        while len(self.resources) < count:
            roll = self.random.random()
            if roll < 0.3:
                self.add_folder(self.pick(self.places))
            elif roll < 0.58:
                self.add_file(self.pick(self.places))
            elif roll < 0.73:
                self.add_link(self.pick(self.places))
            elif roll < 0.8:
                self.add_absent(self.pick(self.places))
            else:
                self.add_exec()

    def manifest(self):
        """In any order; paths that look like references are none."""
        ids = list(self.resources)
        self.random.shuffle(ids)
        resources = {literal(i): plain(self.resources[i]) for i in ids}
        return {"version": 1, "resources": resources}

    def expected(self, program):
        """The tree that an apply must leave."""
        tree = self.initial.copy()
        self.program = program
        self.changed = {}
        self.refreshed = set()
        for id_, step in self.steps:
            self.changed[id_] = step(tree)
        for id_, (run, agrees) in self.commands.items():
            self.refresh(tree, id_, run, agrees)
        return tree


def always(_):
    return True


IDS = {"require", "before", "notify", "subscribe", "command", "creates",
       "onlyif", "unless", "cwd"}


def plain(attributes):
    """Attributes whose strings stand for themselves; content and targets
    have been made so before."""
    return {key: literals(value) if key in IDS else value
            for key, value in attributes.items()}


def literals(value):
    if isinstance(value, list):
        return [literals(item) for item in value]
    return literal(value)
