# SPDX-License-Identifier: MIT
"""What the tests of this folder share: the servers of server.py, as started by
a test; said has what they say of themselves."""

import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).parent
test = pathlib.Path(sys.argv[0]).stem.removesuffix("_test")
said = {}


def check(holds, *what):
    if not holds:
        print(f"{test}:", *what, file=sys.stderr)
        sys.exit(1)


class Servers:
    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-B", here / "server.py", folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if not line.strip():
                break
            name, value = line.split()
            said[name] = value
        check("second" in said, "the servers did not start")

    def commit(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def git(self, *words):
        subprocess.run(
            ["git", "-c", "safe.directory=*", "-c", "user.name=a", "-c", "user.email=a", "-C",
             self.folder / "world.git", *words], check=True, capture_output=True)

    def requests(self):
        """Paths of files that were asked for since the last call."""
        log = self.folder / "requests"
        lines = log.read_text().splitlines() if log.exists() else []
        log.write_text("")
        return lines

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
