#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Services on a host with a real systemd.

usage: service_test.py CONVERGE ROOT
"""
import json
import sys

import hosts

SERVICE = """[Unit]
Description=app
[Service]
ExecStart=/bin/sh -c 'echo x >>/var/log/{0}; exec sleep infinity'
ExecReload=/bin/sh -c 'echo r >>/var/log/{0}'
[Install]
WantedBy=multi-user.target
"""


class Test:
    def __init__(self, host):
        self.host = host

    def converge(self, command, want, resources, *options):
        self.host.write("/root/m.json", json.dumps(
            {"version": 1, "resources": resources}))
        done = self.host.run("converge", command, "/root/m.json", *options,
                             check=False)
        said = done.stdout + done.stderr
        assert done.returncode == want, (
            f"{command}: exit {done.returncode}, not {want}\n{said}")
        return said

    def run(self):
        self.host.write("/etc/systemd/system/app.service",
                        SERVICE.format("app"))
        r = {"service:app": {"ensure": "running", "enable": True}}
        print(self.converge("plan", 2, r))
        print(self.converge("apply", 0, r))
        print(self.converge("apply", 0, r))
        r["file:/etc/app.conf"] = {"content": "1", "notify": "service:app"}
        print(self.converge("plan", 2, r))
        print(self.converge("apply", 0, r))
        print(self.converge("plan", 0, r))
        print(self.host.read("/var/log/app"))
        r = {"service:app": {"ensure": "stopped", "enable": "masked"}}
        print(self.converge("plan", 2, r))
        print(self.converge("apply", 4, r))
        print(self.host.run("systemctl", "status", "app", check=False).stdout)


def main():
    hosts.apart()
    binary, root = sys.argv[1:]
    with hosts.Host(root, "app-1") as host:
        host.install(binary)
        Test(host).run()


main()
