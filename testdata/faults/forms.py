#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looks for a secret in files, in twelve forms.

forms.py SECRET-FILE FILE...: prints "FORM FILE" for each that is found, in
files and in all below folders; exit status 1 if there is any.
"""
import base64
import json
import os
import sys
import urllib.parse


def inner(secret, before):
    """What of base64 depends on the secret alone."""
    text = base64.b64encode(b"\0" * before + secret)
    end = (before + len(secret)) // 3 * 4
    return text[-(-before * 8 // 6):end]


def forms(secret):
    url = urllib.parse.quote(secret, safe="").encode()
    found = {
        "raw": secret,
        "reversed": secret[::-1],
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "URL": url,
        "url": b"".join(b"%" + part[:2].lower() + part[2:] if i else part
                        for i, part in enumerate(url.split(b"%"))),
        "json": json.dumps(secret.decode())[1:-1].encode(),
        "utf-16": secret.decode().encode("utf-16-le"),
        "base64url": base64.urlsafe_b64encode(secret).rstrip(b"=")[:-1],
    }
    for before in range(3):
        found["base64/%d" % before] = inner(secret, before)
    assert len(found) == 12 and all(len(f) > 8 for f in found.values())
    return found


def files(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
        for folder, _, names in os.walk(path):
            yield from (os.path.join(folder, name) for name in names)


def main():
    with open(sys.argv[1], "rb") as f:
        looked_for = forms(f.read())
    hits = 0
    for path in files(sys.argv[2:]):
        if not os.path.isfile(path) or os.path.islink(path):
            continue
        with open(path, "rb") as f:
            text = f.read()
        for name, form in looked_for.items():
            if form in text:
                print(name, path)
                hits += 1
    sys.exit(hits > 0)


main()
