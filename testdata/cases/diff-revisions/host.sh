#!/bin/sh
# The host's file, with two contents, committed.
printf '{"version": 1, "host": "h", "resources": {"file:/etc/a": {"content": "%s"}, "file:/etc/b": {"content": "%s"}}}' "$1" "$2" >site/hosts/h.json
sh commit.sh "$3"
