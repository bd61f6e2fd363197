#!/bin/sh
# A snapshot of the host, whose tree lies in a folder of its name.
"$CONVERGE" snapshot site --rev main --host "$1" --root "$PWD/$1" --state-dir "$PWD/$1/state" --out "snapshots/$1.json.zst" 2>/dev/null
