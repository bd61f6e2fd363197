#!/bin/sh
# Commits all that is in r, always by the same name and time.
cd r || exit
export GIT_AUTHOR_DATE="1000000000 +0000" GIT_COMMITTER_DATE="1000000000 +0000"
git add .
git -c user.name=a -c user.email=a -c commit.gpgsign=false commit -qm m
chmod -R go-w .
