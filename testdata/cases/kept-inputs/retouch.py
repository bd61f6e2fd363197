# SPDX-License-Identifier: MIT
"""Puts "taken" for "probe" into a kept catalog, and its sum right again."""
import struct
import sys

MASK = (1 << 64) - 1


def add(total, word):
    total = (total ^ word) * 0x9e3779b97f4a7c15 & MASK
    return total ^ total >> 32


def sum_of(block):
    lanes, total = [1, 2, 3, 4], len(block)
    words = struct.unpack("=%dQ" % (len(block) // 8), block)
    whole = len(words) - len(words) % 4
    for i, word in enumerate(words):
        if i < whole:
            lanes[i % 4] = add(lanes[i % 4], word)
        else:
            total = add(total, word)
    for lane in lanes:
        total = add(total, lane)
    return total


with open(sys.argv[1], "r+b") as f:
    changed = f.read()[:-8].replace(b"probe", b"taken")
    f.seek(0)
    f.write(changed + struct.pack("=Q", sum_of(changed)))
