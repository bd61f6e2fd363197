#!/bin/sh
# The role's file, with that content as JSON has it, committed.
printf '{"resources": {"file:/etc/a`b": {"content": "%s"}}}' "$1" >site/roles/r.json
sh commit.sh "$2"
