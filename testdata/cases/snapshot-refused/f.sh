# shellcheck shell=sh disable=SC2086
against() { $CONVERGE plan m.json --against "$1"; }
