# shellcheck shell=sh disable=SC2086
against() { $CONVERGE plan . --against "$1" -q; }
knows() { echo '{"version": 1, "hosts": {"h": "'"$(cat "$1")"'"}}' >secrets/recipients.json; }
