#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a review says a change does to the fleet is what the hosts then do.

usage: review_test.py CONVERGE ROOT DEBS SIMULATED

Of the 40 hosts of ../fleet three are real (see fleet.py), and leave a snapshot
as they converge; the other 37 are simulated, and so are their snapshots. Then
one line of a role is changed. Of all hosts of each group that diff makes of
that against the 40 snapshots, the plan is the group's, line by line, and so is
what an apply does.
"""
import concurrent.futures
import json
import shutil
import time

from fleet import apart, call, three

# what a plan, a review and an apply say of a change
SAID = ("id", "action", "attributes", "disruption", "undoable", "change",
        "because", "causes", "withheld", "failed", "skipped", "owed")
# a review's: what is managed otherwise changes nothing on a host
NOTHING = ("manage", "release")
SNAPSHOT = "/root/snapshot"
CHANGED = 2
NONE = {"changes": []}  # the group of hosts that nothing changes
TEXTFILES = ("roles/node_exporter.json", "/var/lib/prometheus/node-exporter", "/etc/textfiles")
JOURNAL = ("roles/common/logging.json", '"1G"', '"2G"')


def line(change):
    return {key: change[key] for key in SAID if key in change}


def lines(changes):
    return [line(change) for change in changes
            if change["action"] not in NOTHING]


def alike(changes, host):
    """What hosts of a group have in common: neither their names nor digests of
    contents, in which those may be, nor what is made of these."""
    told = json.loads(json.dumps(changes).replace(host, "HOST"))
    for change in told:
        if change["attributes"].pop("content", None):
            change["attributes"]["content"] = "another"
            change.pop("change", None)
    return told


def of_hosts(review):
    return {name: group for group in review["groups"]
            for name in group["hosts"]}


class Test:
    def __init__(self, binary, simulated, trunk, fleet):
        self.binary = binary
        self.simulated = simulated
        self.trunk = trunk
        self.real = fleet
        self.folder = trunk.folder / "review"
        self.snapshots = self.folder / "snapshots"
        self.snapshots.mkdir(parents=True)
        self.names = sorted(
            path.stem for path in (trunk.work / "hosts").glob("*.json"))
        assert len(self.names) == 40, self.names

    # --- hosts and their snapshots ---

    def snapshot(self, name):
        return self.snapshots / (
            f"{name}.json.zst" if name in self.real else f"{name}.json")

    def each_real(self, work):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            return dict(zip(self.real, pool.map(work, self.real.values())))

    def apply(self, host):
        """What it does, and a snapshot of what it is then."""
        said = host.run("/usr/sbin/converge", "apply", "--json", "--contents",
                        "--snapshot", SNAPSHOT, check=False)
        assert said.returncode == 0, (host.name, said.stdout, said.stderr)
        shutil.copy(host.root / SNAPSHOT[1:], self.snapshot(host.name))
        events = [json.loads(event) for event in said.stdout.splitlines()]
        return [event for event in events if event["event"] == "change"]

    def simulate(self, name, *snapshot):
        """The same of one that is simulated, at what is in the work tree."""
        made = json.loads(call(self.simulated, self.trunk.work, name,
                               *snapshot, cwd=self.snapshots).stdout)
        self.snapshot(name).write_text(json.dumps(made["snapshot"]))
        return made["done"]

    # --- what is said of them ---

    def against(self, name, commit):
        done = call(self.binary, "plan", self.trunk.work, "--rev", commit,
                    "--against", self.snapshot(name), "--json", check=False)
        assert done.returncode in (0, CHANGED), (name, done.stderr)
        return lines(json.loads(done.stdout)["changes"])

    def review(self, old, new, snapshots):
        done = call(self.binary, "diff", old, new, "--world", self.trunk.work,
                    "--snapshots", snapshots, "--json", check=False)
        assert done.returncode == CHANGED, done.stdout + done.stderr
        return json.loads(done.stdout)

    def review_alone(self, old, new, path, name):
        """The group of a host of which alone there is a snapshot."""
        folder = self.folder / "alone"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(path, folder / path.name)
        groups = [group for group in self.review(old, new, folder)["groups"]
                  if group.get("planned")]
        assert len(groups) <= 1, groups
        assert not groups or groups[0]["hosts"] == [name], groups
        return groups[0] if groups else NONE

    # --- the tests ---

    def hosts_leave_snapshots(self):
        self.each_real(self.apply)
        tip = self.trunk.tip()
        again = self.each_real(self.apply)
        assert not any(again.values()), again
        self.trunk.git("checkout", "-q", "-f", "--detach", tip)
        for name in self.names:
            if name not in self.real:
                assert len(self.simulate(name)) > 50, name

    def change(self, path, now, then, count):
        def edit(work):
            text = (work / path).read_text()
            assert text.count(now) == 1, (path, now)
            (work / path).write_text(text.replace(now, then))
        old = self.trunk.tip()
        new = self.trunk.commit(f"{path}: one line", edit)
        stat = self.trunk.git("diff", "--numstat", old, new)
        assert stat == f"1\t1\t{path}", stat
        review = self.review(old, new, self.snapshots)
        summary = review["summary"]
        assert review["snapshots"]["planned"] == 40, review["snapshots"]
        assert not review["snapshots"]["without"], review["snapshots"]
        unsigned = 40 - len(self.real)
        assert review["snapshots"]["unsigned"] == unsigned, review["snapshots"]
        grouped = [name for group in review["groups"]
                   for name in group["hosts"]]
        assert len(grouped) + summary["unchanged"] == 40, summary
        assert len(set(grouped)) == len(grouped) == summary["changed"], grouped
        assert len(review["groups"]) == summary["groups"] == count, [
            group["hosts"] for group in review["groups"]]
        return old, new, review

    def tampered(self, old, new, group):
        """A review of two snapshots that are not the hosts', and whose they
        are: one says otherwise what is in a file, and of one that is signed a
        byte is another."""
        name, signed = group["hosts"][-1], next(iter(self.real))
        folder = self.folder / "tampered"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.snapshots, folder)
        snapshot = json.loads((folder / f"{name}.json").read_text())
        path = next(change["id"].partition(":")[2]
                    for change in group["changes"]
                    if change["id"].startswith("file:"))
        file = snapshot["files"][path]
        file["content"] = file["content"].replace("=", "=0", 1)
        if "size" in file:
            file["size"] += 1
        (folder / f"{name}.json").write_text(json.dumps(snapshot))
        whole = bytearray(self.snapshot(signed).read_bytes())
        whole[-40] ^= 1
        (folder / f"{signed}.json.zst").write_bytes(whole)
        review = self.review(old, new, folder)
        assert review["snapshots"]["planned"] == 39, review["snapshots"]
        without, = review["snapshots"]["without"]
        assert without["host"] == signed, without
        assert "sign" in without["because"], without
        return review, name

    def foretold(self, old, new, groups):
        """By name: what hosts would do at both, and what the change adds to it,
        which all say alike: a plan against the snapshot, a review of it alone,
        and a real host itself."""
        dues, plans = {}, {}
        for name in self.names:
            due, plan = self.against(name, old), self.against(name, new)
            dues[name] = [change for change in plan if change in due]
            plans[name] = [change for change in plan if change not in due]
            alone = self.review_alone(old, new, self.snapshot(name), name)
            assert lines(alone["changes"]) == plans[name], (
                name, alone, plans[name])
            for group in (alone, groups.get(name)):
                if group and group.get("shown") == name:
                    assert group["due"] == len(dues[name]), (name, group)

        def plan_of(host):
            said = host.run("/usr/sbin/converge", "plan", "--json",
                            check=False)
            assert said.returncode in (0, CHANGED), (host.name, said.stderr)
            plan = json.loads(said.stdout)
            assert plan["revision"] == new, (host.name, plan["revision"])
            return lines(plan["changes"])
        for name, own in self.each_real(plan_of).items():
            assert not dues[name], (name, dues[name])
            assert own == plans[name], (name, own, plans[name])
        return dues, plans

    def done(self, dues, new):
        """By name: what they did, but for what was due anyway."""
        def apply(host):
            changes = self.apply(host)
            assert all(change["result"] == "done" for change in changes), (
                host.name, changes)
            return lines(changes)
        done = self.each_real(apply)
        self.trunk.git("checkout", "-q", "-f", "--detach", new)
        for name in self.names:
            if name not in self.real:
                did = self.simulate(name, self.snapshot(name).name)
                done[name] = [change for change in lines(did)
                              if change not in dues[name]]
        return done

    @staticmethod
    def wrong_with(group, name, plan, done):
        """Of a host: why its group, its plan and what it did are not the same;
        or None."""
        told = lines(group["changes"])
        if group.get("shown") == name and told != plan:
            return "its group", told, plan
        if alike(told, group.get("shown", name)) != alike(plan, name):
            return "its group, but for names", told, plan
        if plan != done:
            return "what it did", plan, done
        return None

    def came_true(self, old, new, review):
        """Before: the hosts are at old. After: at new."""
        groups = of_hosts(review)
        tampered, liar = self.tampered(old, new, review["groups"][0])
        dues, plans = self.foretold(old, new, groups)
        done = self.done(dues, new)
        for name in self.names:
            wrong = self.wrong_with(groups.get(name, NONE), name, plans[name],
                                    done[name])
            assert not wrong, (name, wrong)
            left = [change for change in self.against(name, new)
                    if change["action"] != "unknown"]
            assert not left, (name, left)
        found = [name for name in self.names if self.wrong_with(
            of_hosts(tampered).get(name, NONE), name, plans[name],
            done[name])]
        assert liar in found and set(found) <= {liar, *self.real}, found
        for group in review["groups"]:
            print(f"    {len(group['hosts'])} as {group['shown']}: "
                  + ", ".join(f"{change['action']} {change['id']}"
                              for change in lines(group["changes"])))
        print(f"    of snapshots that are not theirs: {', '.join(found)}")

    def run(self):
        begin = time.monotonic()
        self.hosts_leave_snapshots()
        print(f"40 snapshots: {time.monotonic() - begin:.1f} s", flush=True)
        for change, groups in ((TEXTFILES, 4), (JOURNAL, 1)):
            begin = time.monotonic()
            self.came_true(*self.change(*change, groups))
            print(f"{change[0]}: {time.monotonic() - begin:.1f} s", flush=True)


def main():
    binary, root, debs, simulated = apart()
    with three(binary, root, debs) as (trunk, fleet):
        Test(binary, simulated, trunk, fleet).run()


main()
