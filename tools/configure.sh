#!/bin/sh
# configure.sh BUILD [OPTION…]: sets a build folder up, and again when files came or went (meson.build finds sources by name).
set -eu
cd "$(dirname "$0")/.."
build=$1
shift
list=$(find src tools tests po assets -type f \( -name '*.c' -o -name '*.sql' -o -name '*.html' -o -name '*.po' -o -name '*.scss' -o -name '*.mjs' \) |
    sort | cksum)
if [ ! -e "$build/build.ninja" ]; then
    meson setup "$build" "$@"
elif [ "$(cat "$build/.files" 2>/dev/null)" != "$list" ]; then
    meson setup --reconfigure "$build"
fi
echo "$list" >"$build/.files"
