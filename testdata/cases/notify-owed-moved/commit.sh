#!/bin/sh
# Commits all that is in site, as the message says, always by the same name and
# time.
cd site || exit
export GIT_AUTHOR_DATE="1000000000 +0000" GIT_COMMITTER_DATE="1000000000 +0000"
git add -A .
git -c user.name=Ada -c user.email=ada@example.org -c commit.gpgsign=false commit -qm "$1"
chmod -R go-w .
