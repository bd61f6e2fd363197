#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A world of many hosts as a git repository, for benchmarks.

usage: fleet.py OUT [HOSTS [RESOURCES]]

OUT becomes a bare repository with HOSTS hosts (10000) of about RESOURCES
resources each (200). They share as hosts of a fleet do: a common role has half
of the resources, one of 50 primary roles with two secondary ones the rest, and
a tag rule adds a few for the site; a host's manifest has tags and some vars.
Branch main has four commits, so that each can be compared with the one before:

    main~3  the world
    main~2  a var of the common role: every host changes
    main~1  a template of one primary role: a fiftieth of the hosts
    main    one host's own var

The same arguments make the same commits.
"""
import json
import subprocess
import sys

PRIMARY = 50
SECONDARY = 20
SITES = ("ams", "fra", "iad", "sin")
DATE = "1767225600 +0000"


def text(value):
    return json.dumps(value, indent=2) + "\n"


def share(total, *parts):
    """How many resources each part of a role's gets, at least one."""
    return [max(1, int(total * part)) for part in parts]


def services(name, number):
    """A package with its user, folder, files and service: six resources."""
    made = {}
    for i in range(number):
        one = f"{name}-{i}"
        made |= {
            f"package:{one}": {},
            f"user:{one}": {"system": True, "home": f"/var/lib/{one}",
                            "shell": "/usr/sbin/nologin"},
            f"directory:/etc/{one}": {"mode": "0750", "group": one},
            f"file:/etc/{one}/{one}.conf": {
                "template": f"templates/{name}", "group": one, "mode": "0640",
                "require": f"package:{one}", "notify": f"service:{one}"},
            f"file:/etc/{one}/limits.conf": {
                "content": f"# {one}\nworkers = ${{vars.workers}}\n"
                           "site = ${vars.site}\nhost = ${host}\n",
                "notify": f"service:{one}"},
            f"service:{one}": {"ensure": "running", "enable": True,
                               "require": f"package:{one}"},
        }
    return made


def common(total):
    packages, accounts, settings, files = share(total, .3, .1, .1, .25)
    made = {f"package:tool-{i}": {} for i in range(packages)}
    made |= {f"user:person{i}": {"uid": 2000 + i, "comment": f"Person {i}",
                                 "manage_home": True, "shell": "/bin/bash"}
             for i in range(accounts)}
    made |= {f"sysctl:net.ipv4.conf.eth{i}.rp_filter": {"value": 1}
             for i in range(settings)}
    made["directory:/etc/fleet"] = {}
    made |= {f"file:/etc/fleet/{i}.conf": {
        "content": f"# {i}\nhost = ${{host}}\ncontact = ${{vars.contact}}\n"
                   "release = ${vars.release}\n"} for i in range(files)}
    left = total - len(made)
    return made | services("base", max(1, left // 6))


def template(name):
    return (f"# {name} on {{{{host}}}}\nworkers = {{{{vars.workers}}}}\n"
            "contact = {{vars.contact}}\n{{#tags}}tag = {{.}}\n{{/tags}}"
            + "".join(f"option-{i} = {i * 17 % 101}\n" for i in range(30)))


def world(hosts, resources):
    """The paths of the world's files, each with its text."""
    yield "converge.json", text({
        "version": 1, "policy": {"max_disruption": "restart"},
        "vars": {"contact": "ops@example.net", "release": "1", "workers": 2}})
    in_common, in_primary, in_secondary, in_site = share(
        resources, .5, .25, .11, .03)
    yield "roles/common.json", text({
        "description": "What every host has.",
        "resources": common(in_common),
        "rules": [{"when": {"tags": site}, "include": [f"site/{site}"]}
                  for site in SITES]})
    yield "templates/base", template("base")
    for site in SITES:
        made = {f"host_entry:service{i}.{site}.example.net":
                {"ip": f"10.0.{i // 250}.{i % 250 + 1}"}
                for i in range(in_site)}
        yield f"roles/site/{site}.json", text({
            "description": f"The site {site}.", "vars": {"site": site},
            "resources": made})
    for i in range(SECONDARY):
        yield f"roles/part/{i}.json", text({
            "description": f"A part of some services, {i}.",
            "resources": services(f"part{i}", max(1, in_secondary // 6))})
        yield f"templates/part{i}", template(f"part{i}")
    for i in range(PRIMARY):
        yield f"roles/service/{i}.json", text({
            "description": f"The service {i}.",
            "include": [f"part/{i % SECONDARY}", f"part/{(i + 7) % SECONDARY}"],
            "vars": {"workers": 2 + i % 7},
            "defaults": {"file": {"owner": "root"}},
            "resources": services(f"service{i}", max(1, in_primary // 6)),
            "rules": [{"when": {"tags": "canary"}, "vars": {"release": "2"}}]})
        yield f"templates/service{i}", template(f"service{i}")
    for i in range(hosts):
        yield f"hosts/{host_name(i)}.json", host(i)


def host_name(i):
    return f"{SITES[i % len(SITES)]}-{i:05}"


def host(i, **more):
    tags = [SITES[i % len(SITES)], "production"]
    if i % 20 == 0:
        tags.append("canary")
    return text({
        "version": 1, "host": host_name(i),
        "roles": ["common", f"service/{i * 7919 % PRIMARY}"], "tags": tags,
        "vars": {"address": f"10.{i // 62500}.{i // 250 % 250}.{i % 250 + 1}",
                 "rack": f"r{i % 40}", **more}})


def commit(out, subject, files):
    """One commit for git-fast-import(1), on top of the one before."""
    def put(words):
        out.write(words.encode())

    def data(value):
        size = len(value.encode())
        put(f"data {size}\n{value}\n")

    put(f"commit refs/heads/main\ncommitter Bench <bench@example.net> {DATE}\n")
    data(subject + "\n")
    for path, value in files:
        put(f"M 100644 inline {path}\n")
        data(value)


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    repository = sys.argv[1]
    hosts, resources = (int(word) for word in
                        (sys.argv[2:] + ["10000", "200"][len(sys.argv) - 2:]))
    first = dict(world(hosts, resources))
    changed = json.loads(first["roles/common.json"])
    changed["vars"] = {"contact": "noc@example.net"}
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", repository],
                   check=True)
    with subprocess.Popen(["git", "--git-dir", repository, "fast-import",
                           "--quiet"], stdin=subprocess.PIPE) as importer:
        out = importer.stdin
        commit(out, "all: begin", first.items())
        commit(out, "common: change whom to ask",
               [("roles/common.json", text(changed))])
        commit(out, "service/0: raise an option",
               [("templates/service0", first["templates/service0"].replace(
                   "option-1 = 17", "option-1 = 18"))])
        commit(out, f"{host_name(1)}: give it more workers",
               [(f"hosts/{host_name(1)}.json", host(1, workers=16))])
        out.close()
    sys.exit(importer.returncode)


if __name__ == "__main__":
    main()
