#!/bin/sh
# Names of files for meson.build: sources.sh FOLDER (its *.c but tests), --glob PATTERN…, --rooms (main/room_list.h).
cd "$(dirname "$0")/.." || exit 1
case "$1" in
--rooms) sed -n 's/^ *X(\([a-z]*\)).*/\1/p' src/main/room_list.h ;;
--glob)
    shift
    for f in $*; do [ -e "$f" ] && echo "$f"; done
    exit 0 ;;
*)
    for f in "$1"/*.c; do
        case "$f" in *_test.c | *faultvfs.c | *'*'*) ;; *) echo "$f" ;; esac
    done ;;
esac
