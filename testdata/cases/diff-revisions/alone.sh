#!/bin/sh
# A commit that comes from no other.
cd site || exit
git -c user.name=Ada -c user.email=ada@example.org commit-tree -m alone "main^{tree}" </dev/null
