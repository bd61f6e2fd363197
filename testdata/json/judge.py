# SPDX-License-Identifier: MIT
"""Two judges of JSON: Python's reader made strict, and converge's."""
import json
import math
import struct
import subprocess

DEPTH = 64


class Refused(ValueError):
    pass


def refuse(text):
    raise Refused(text)


def integer(text):
    value = int(text)
    return value if -2 ** 63 <= value < 2 ** 63 else refuse("range")


def real(text):
    value = float(text)
    return value if math.isfinite(value) else refuse("range")


def members(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        refuse("duplicate key")
    return dict(pairs)


def check(value, depth):
    """No NUL, no half of a surrogate pair, and not too deep."""
    if isinstance(value, str):
        if "\0" in value:
            refuse("NUL")
        value.encode("utf-8")
    elif isinstance(value, (list, dict)):
        if depth == DEPTH:
            refuse("too deep")
        for inner in value:
            check(inner, depth + 1)
            if isinstance(value, dict):
                check(value[inner], depth + 1)


def strict(data, depth=0):
    """The value as Python reads it, depth levels down; else Refused."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=members,
                           parse_constant=refuse, parse_int=integer,
                           parse_float=real)
        check(value, depth)
    except (ValueError, RecursionError) as error:
        raise Refused(str(error)) from error
    return value


def converge(program, texts):
    """What converge's reader says of each, in the order of texts."""
    records = b"".join(struct.pack("<I", len(t)) + t for t in texts)
    done = subprocess.run([program], input=records, capture_output=True,
                          check=False)
    if done.returncode:
        raise AssertionError("exit %d\n%s" % (
            done.returncode, done.stderr.decode(errors="replace")))
    lines = done.stdout.split(b"\n")[:-1]
    if len(lines) != len(texts):
        raise AssertionError("%d answers to %d texts" % (len(lines),
                                                         len(texts)))
    return lines


# A text that is a value of a member, and one of a list, is one value: no text
# can close both ways round.
WRAPS = ((b'{"":', b"}", 1), (b'{"":[', b"]}", 2))


def values(program, texts):
    """For each text the value that converge reads, in a list, or None."""
    wrapped = converge(program, [head + text + tail for text in texts
                                 for head, tail, _ in WRAPS])
    found = []
    for i in range(len(texts)):
        one, many = wrapped[2 * i], wrapped[2 * i + 1]
        if one.startswith(b"!") or many.startswith(b"!"):
            found.append(None)
        else:
            found.append([json.loads(one)[""]])
            if json.loads(many)[""] != found[-1]:
                raise AssertionError("%r: %r, %r" % (texts[i], one, many))
    return found
