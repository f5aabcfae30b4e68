#!/bin/sh
# Fixtures that the build's own programs must refuse, each for the reason it names; and those they must take.
# mustfail.sh BUILD
set -u
build=$1
"$build/querycomp_fixture" --mustfail tests/mustfail/queries && echo "ok - dangerous queries are refused" ||
    echo "not ok - dangerous queries are refused"
"$build/querycomp_fixture" --room guard --header "$BEREG_TMP/q.h" --source "$BEREG_TMP/q.c" tests/mustpass/queries.sql &&
    gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-missing-field-initializers -Werror -Isrc -c -o "$BEREG_TMP/q.o" \
        -include "$BEREG_TMP/q.h" -x c /dev/null && echo "ok - good queries compile" || echo "not ok - good queries compile"
tests/templates.sh "$build/tplcomp" "$build/pocomp"
# an include from below to above, a foreign library, a banned function, SQL in C
house="$BEREG_TMP/house"
mkdir -p "$house/src/main" "$house/src/base" "$house/src/store" "$house/src/rooms/people" "$house/src/rooms/desk"
cp src/main/room_list.h "$house/src/main/"
refuses() {
    printf '%s\n' "$2" >"$house/src/$1"
    if "$build/checkhouse" "$house" >/dev/null 2>&1; then echo "not ok - the house refuses: $2"; else echo "ok - the house refuses: $2"; fi
    rm "$house/src/$1"
}
"$build/checkhouse" "$house" >/dev/null && echo "ok - an empty house is in order" || echo "not ok - an empty house is in order"
refuses base/a.c '#include "store/store.h"'
refuses base/a.c '#include <sqlite3.h>'
refuses rooms/people/a.c '#include "rooms/desk/desk.h"'
refuses rooms/people/a.c '#include "desk_gen.h"'
refuses rooms/people/a.c '#include "main/main.h"'
refuses store/a.c 'int a(char *b) { return sprintf(b, "x"); }'
refuses rooms/people/a.c 'const char *a = "select id from person";'
