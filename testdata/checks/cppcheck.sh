#!/usr/bin/env bash
# cppcheck over everything, tests too: cppcheck.sh BUILD.
set -eu
build=$1
cd "$(dirname "$0")/../.."
exec cppcheck -j "$(nproc)" --quiet --error-exitcode=1 --std=c11 \
	--enable=warning,performance,portability --inline-suppr \
	--suppressions-list=.cmake/cppcheck.suppress \
	--library=posix --library=gnu --include=testdata/checks/cppcheck.h \
	-I. "-I$build" lib cmd modules testdata/tools testdata/bench
