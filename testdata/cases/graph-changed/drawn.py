#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an SVG says, read as XML: the texts of each cluster and of what is in
none, and which shape and colours each resource has.

usage: drawn.py FILE
"""
import sys
import xml.etree.ElementTree as xml

SVG = "{http://www.w3.org/2000/svg}"


def shape(group):
    for kind in ("polygon", "path", "ellipse"):
        found = group.find(f".//{SVG}{kind}")
        if found is not None:
            sides = len(set(found.get("points", "").split()))
            return (f"{sides or kind} {found.get('stroke')} on "
                    f"{found.get('fill')}"
                    f"{', dashed' if found.get('stroke-dasharray') else ''}")
    return "no shape"


root = xml.parse(sys.argv[1]).getroot()
assert root.tag == SVG + "svg", root.tag
for group in root.iter(SVG + "g"):
    texts = [text.text for text in group.findall(f".//{SVG}text")]
    if group.get("class") == "cluster":
        print("cluster:", *texts, sep="\n  ")
    elif group.get("class") == "node":
        print(" | ".join(texts), "as", shape(group))
    elif group.get("class") == "edge":
        print(group.find(SVG + "title").text, "by", *texts)
# nothing in it can run, or be fetched
for element in root.iter():
    assert element.tag.startswith(SVG), element.tag
    assert element.tag != SVG + "script", element.tag
    assert not [name for name in element.attrib
                if name.endswith("href") or name.startswith("on")], element.attrib
