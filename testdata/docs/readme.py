#!/usr/bin/env python3
"""The tour of README.md is really printed: runs each console block and
compares what it shows. --update writes what was printed into the file.

usage: readme.py CONVERGE [--update]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SCRATCH = "/tmp/web-1"


def run(command, environment, scratch, folder):
    """What a shell prints for a command, with the scratch folder named as in
    the tour, and only the last status that is not 0 told."""
    done = subprocess.run(
        ["bash", "-c", command.replace(SCRATCH, scratch)],
        cwd=folder, env=environment, text=True, timeout=60,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.replace(scratch, SCRATCH).rstrip("\n")


def tour(text, environment, scratch, folder):
    """The text with every console block as it is really printed."""
    def block(match):
        lines = []
        for line in match.group(1).splitlines():
            if not line.startswith("$ "):
                continue
            lines.append(line)
            printed = run(line[2:], environment, scratch, folder)
            if printed:
                lines.append(printed)
        return "```console\n" + "\n".join(lines) + "\n```"
    return re.sub(r"```console\n(.*?)```", block, text, flags=re.S)


def main():
    converge = os.path.abspath(sys.argv[1])
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    readme = os.path.join(folder, "README.md")
    place = tempfile.mkdtemp()
    scratch = os.path.join(place, "web-1")
    environment = {"PATH": os.path.dirname(converge) + ":/usr/bin:/bin",
                   "LC_ALL": "C.UTF-8", "HOME": "/"}
    try:
        with open(readme, encoding="utf-8") as f:
            text = f.read()
        printed = tour(text, environment, scratch, folder)
    finally:
        shutil.rmtree(place)
    if "--update" in sys.argv:
        with open(readme, "w", encoding="utf-8") as f:
            f.write(printed)
        return 0
    if printed == text:
        return 0
    with tempfile.NamedTemporaryFile("w", suffix=".md") as f:
        f.write(printed)
        f.flush()
        subprocess.run(["diff", "-u", readme, f.name], check=False)
    print("README.md shows something else than converge prints; "
          "run testdata/docs/readme.py CONVERGE --update")
    return 1


sys.exit(main())
