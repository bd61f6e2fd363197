#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The example for templates in converge.json(5) makes what stands there.

usage: template.py CONVERGE MAN

A literal block is a file of the name that stands before it, or the manifest;
the last one is what the run makes.
"""
import os
import re
import subprocess
import sys
import tempfile

MANIFEST = "web.json"


def blocks(page):
    """Of the section, each block's file and text."""
    section = re.search(r"^\.Sh TEMPLATES\n(.*?)^\.Sh ", page, re.S | re.M)
    found, before = [], 0
    for block in re.finditer(r"^\.Bd -literal.*?\n(.*?)^\.Ed\n",
                             section[1], re.S | re.M):
        names = re.findall(r"^\.Pa (\S+)\n\Z",
                           section[1][before:block.start()], re.M)
        found.append((names[0] if names else MANIFEST, block[1]))
        before = block.end()
    return found


def main():
    with open(os.path.join(sys.argv[2], "converge.json.5"),
              encoding="utf-8") as f:
        *files, (made, want) = blocks(f.read())
    if [name for name, _ in files][-1] != MANIFEST or len(files) < 3:
        sys.exit("the example has other files than these: %s" % files)
    with tempfile.TemporaryDirectory() as place:
        for name, text in files:
            path = os.path.join(place, "world", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        os.makedirs(os.path.join(place, "root/etc"))
        subprocess.run(
            [os.path.abspath(sys.argv[1]), "apply", "--host", "web-1",
             "--root", os.path.join(place, "root"),
             "--state-dir", os.path.join(place, "state"),
             os.path.join(place, "world", MANIFEST)],
            check=True, timeout=60, stdout=subprocess.DEVNULL)
        with open(os.path.join(place, "root") + made, encoding="utf-8") as f:
            have = f.read()
    if have != want:
        sys.exit("the page shows:\n%s\nconverge makes:\n%s" % (want, have))


main()
