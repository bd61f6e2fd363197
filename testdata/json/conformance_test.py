#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every kind of JSON and of what is none: converge's reader against Python's.

usage: conformance_test.py VERDICT

Texts are made systematically, mostly all of a kind up to a length. Of each,
both readers say the same: that it is wrong, or the same value. What is refused
is refused once, at a place in the text; a text that was cut, at its end.
"""
import itertools
import json
import os
import sys
import unittest

import judge

VERDICT = ""

WHOLE = (b'{"version": 1,\n "vars": {"a": [true, false, null, -0.5e+1, 12],\n'
         b'  "\\u00e9\xc3\xa9\\n\\ud83d\\ude00": {"": [], "b": {}}},\r\n'
         b'\t"resources": {"file:/etc/motd": {"content": "x\\"\\\\y"}}}')


def all_of(alphabet, most):
    for n in range(most + 1):
        for chosen in itertools.product(alphabet, repeat=n):
            yield b"".join(chosen)


def in_string(texts):
    return [b'"' + text + b'"' for text in texts]


def byte(i):
    return bytes((i,))


class Conformance(unittest.TestCase):
    def agree(self, texts, accepted):
        """Both say the same; of how many, and how many are right."""
        texts = list(dict.fromkeys(texts))
        have = judge.values(VERDICT, texts)
        right = 0
        for text, value in zip(texts, have):
            try:
                want = [judge.strict(text, 2)]
                right += 1
            except judge.Refused:
                want = None
            self.assertEqual(want, value, text[:200])
            if want:    # true is not 1, 1 is not 1.0
                self.assertEqual(json.dumps(want).replace("-0.0", "0.0"),
                                 json.dumps(value).replace("-0.0", "0.0"))
        self.assertEqual(accepted, right)
        self.places(texts)

    def places(self, texts):
        """Each that is refused is so once, at a place that is there."""
        for text, said in zip(texts, judge.converge(VERDICT, texts)):
            if not said.startswith(b"!"):
                self.assertIsInstance(judge.strict(text), dict)
                continue
            line, column = map(int, said.split(b" ", 2)[1].split(b":"))
            lines = text.split(b"\n")
            self.assertIn(line, range(1, len(lines) + 1), text[:200])
            self.assertIn(column, range(1, len(lines[line - 1]) + 2),
                          text[:200])

    def test_structure(self):
        self.agree(all_of((b"[", b"]", b"{", b"}", b",", b":", b'"a"', b"1"),
                          5), 22)

    def test_space(self):
        spaces = [byte(i) for i in range(256)]
        spaces += [text.encode() for text in
                   "\ufeff \u00a0 \u0085 \u2028 \u2003 \u200b".split(" ")]
        self.agree([text.replace(b"_", space) for space in spaces for text in
                    (b"_1", b"1_", b"[_]", b"[1_,2]", b'{_"a":1}',
                     b'{"a"_:1}', b'{"a":_1}', b'{"a":1_}', b"_")],
                   100)

    def test_numbers(self):
        self.agree(all_of((b"-", b"+", b".", b"e", b"E", b"0", b"1"), 6),
                   1008)

    def test_numbers_at_the_edge(self):
        texts = [b"%d" % (sign * 2 ** bits + more) for sign in (-1, 1)
                 for bits in (31, 32, 52, 53, 62, 63, 64)
                 for more in (-1, 0, 1)]
        texts += [b"%s%s" % (digits, exponent) for digits in
                  (b"1", b"-1", b"1.7976931348623157", b"1.7976931348623159",
                   b"4.9", b"0", b"0.0", b"1" + b"0" * 400, b"0." + b"0" * 400
                   + b"1") for exponent in
                  (b"", b"e308", b"e309", b"e-308", b"e-324", b"e-400",
                   b"e99999999999", b"e-99999999999", b"E+00000000001")]
        self.agree(texts, 96)

    def test_words(self):
        texts = []
        for word in (b"true", b"false", b"null"):
            texts += [word[:i] for i in range(len(word) + 1)]
            texts += [word[:i] + other + word[i + 1:]
                      for i in range(len(word))
                      for other in (b"", b"x", word[i:i + 1].upper(), b" ")]
            texts += [word + more for more in
                      (b"x", b"1", b'"', b"e", b" ", b"\0", b"[")]
        texts += [b"NaN", b"nan", b"Infinity", b"-Infinity", b"undefined",
                  b"None", b"0x1", b"0o1", b"0b1", b"1_000", b"'a'", b"`a`",
                  b"//", b"/**/1", b"#", b"1;", b"TRUE", b"yes"]
        self.agree(texts, 6)

    def test_bytes_of_a_string(self):
        self.agree(in_string(all_of([byte(i) for i in range(256)], 2)), 10859)

    def test_bytes_of_longer_characters(self):
        edges = [byte(i) for i in (0x22, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
                                   0xa0, 0xbf, 0xc0, 0xc2, 0xff)]
        self.agree(in_string(
            byte(first) + rest for first in range(0xdf, 0xf9)
            for rest in all_of(edges, 3)), 2562)

    def test_escapes(self):
        some = [byte(i) for i in range(256)]
        self.agree(in_string(
            [b"\\" + c for c in some] + [b"\\\\" + c for c in some] +
            [b"\\u" + digits for digits in all_of(
                (b"0", b"9", b"a", b"F", b"g", b" "), 5)] +
            [b"\\u00" + c + b"1" for c in some] +
            [b"\\U0041", b"\\x41", b"\\u{41}", b"\\u+041", b"\\u-041",
             b"\\u0x41", b"\\"]), 1909)

    def test_surrogates(self):
        halves = (b"\\ud7ff", b"\\ud800", b"\\uD834", b"\\udbff", b"\\udc00",
                  b"\\uDD1e", b"\\udfff", b"\\ue000", b"a", b"\\n")
        self.agree(in_string(all_of(halves, 4)), 935)

    def test_keys(self):
        keys = (b"a", b"\\u0061", b"A", b"", b"\\n", b"\\u0000", b"\xc3\xa9",
                b"e\xcc\x81", b"\\u00e9", b"a ", b"//", b"__proto__")
        self.agree([b'{"%s":1,"%s":1}' % pair
                    for pair in itertools.product(keys, repeat=2)] +
                   [b'{"a":{"a":[{"a":1}]}}', b'[{"a":1},{"a":1}]',
                    b'{"b":{"a":1},"a":1}', b'{"b":{"a":1,"a":2}}',
                    b'{1:1}', b'{null:1}', b'{[]:1}', b'{a:1}', b"{'a':1}"],
                   109)

    def test_what_follows(self):
        self.agree([value + more for value in (b"{}", b"[]", b"1", b'"a"',
                                               b"null")
                    for more in [byte(i) for i in range(256)] +
                    [b" {}", b",", b" 1", b"\n\n]", b"\0\0", b"//", b"\xef"]],
                   30)

    def test_depth(self):
        texts = []
        for n in (1, 60, 61, 62, 63, 64, 65, 500, 100000):
            texts += [b"[" * n + b"]" * n, b"[" * n, b"]" * n,
                      b'{"a":' * n + b"1" + b"}" * n, b'{"a":' * n,
                      b'[{"a":' * n + b"1" + b"}]" * n,
                      b"[" * n + b"]" * (n - 1), b"[" * n + b"]" * (n + 1)]
        self.agree(texts, 9)

    def test_changed_by_a_byte(self):
        others = [byte(i) for i in b'\0\t\n "\\,:[]{}01-.eEtnu/x\x7f\x80\xff']
        texts = [WHOLE]
        for i in range(len(WHOLE)):
            texts.append(WHOLE[:i] + WHOLE[i + 1:])
            texts.append(WHOLE[:i] + WHOLE[i:i + 2][::-1] + WHOLE[i + 2:])
            texts += [WHOLE[:i] + other + WHOLE[i + 1:] for other in others]
            texts += [WHOLE[:i] + other + WHOLE[i:] for other in others]
        self.agree(texts, 2549)

    def test_cut_anywhere(self):
        cut = [WHOLE[:i] for i in range(1, len(WHOLE))]
        for text, said in zip(cut, judge.converge(VERDICT, cut)):
            lines = text.split(b"\n")
            end = b"! %d:%d " % (len(lines), len(lines[-1]) + 1)
            self.assertTrue(said.startswith(end), (text, said))

    def test_encodings(self):
        text = WHOLE.decode()
        texts = [text.encode(name) for name in
                 ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le",
                  "utf-32-be", "utf-7", "utf-8-sig")]
        self.agree(texts, 0)
        self.agree(["\u00e4".join('""').encode(name) for name in
                    ("latin-1", "cp437", "utf-16", "utf-8", "utf-8-sig")], 1)
        for said in judge.converge(VERDICT, texts[:3]):
            self.assertIn(b"not UTF-16", said)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    VERDICT = os.path.abspath(sys.argv.pop(1))
    unittest.main()
