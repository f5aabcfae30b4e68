#!/bin/sh
# Templates that must be refused, and one page whose output is known byte by byte.
#
#     tests/templates.sh TPLCOMP POCOMP        compiles with $CC (cc)
set -u
tplcomp=$1 pocomp=$2
cc=${CC:-cc}
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

good() {
    passed=$((passed + 1))
    echo "ok - templates and catalogues $passed"
}
bad() {
    failed=$((failed + 1))
    echo "not ok - $*"
    [ -s "$tmp/said" ] && head -5 "$tmp/said"
}

flags="-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-missing-field-initializers -Isrc -Itests/templates -I$tmp"
parts="tests/templates/layout.html tests/templates/tag.html"
compile() { "$tplcomp" --room fixture --header "$tmp/fixture_tpl.h" --source "$tmp/fixture_tpl.c" "$@" >"$tmp/said" 2>&1; }

for f in tests/mustfail/templates/*.html; do
    words=$(sed -n '1s/^{# expect\(-c\)\{0,1\}: \(.*\) #}$/\2/p' "$f")
    [ -n "$words" ] || { bad "$f: says not what to expect"; continue; }
    if head -1 "$f" | grep -q '^{# expect-c:'; then
        if ! compile $parts "$f"; then
            bad "$f: refused by tplcomp instead of the C compiler"
        elif $cc $flags -fsyntax-only "$tmp/fixture_tpl.c" >"$tmp/said" 2>&1; then
            bad "$f: compiled"
        elif grep -qF "$words" "$tmp/said" && grep -q "$f:[0-9]" "$tmp/said"; then
            good
        else
            bad "$f: another message than \"$words\" at a line of the template"
        fi
    elif compile "$f"; then
        bad "$f: compiled"
    elif [ "$(wc -l <"$tmp/said")" = 1 ] && grep -qF "$words" "$tmp/said" && grep -q "^$f:" "$tmp/said"; then
        good
    else
        bad "$f: another message than \"$words\""
    fi
done

# The page: what it prints in each language, in JSON, and with nothing in it.
base=$(ls src/base/*.c | grep -v _test)
if compile $parts tests/templates/card.html &&
    "$pocomp" --out "$tmp/catalogue.c" --po tests/templates/po/ru tests/templates/*.html >"$tmp/said" 2>&1 &&
    $cc $flags -g -fsanitize=address,undefined tests/templates/fixture.c "$tmp/fixture_tpl.c" "$tmp/catalogue.c" \
        src/web/tpl.c src/web/tpl_form.c src/web/tpl_json.c src/web/tr.c $base -lutf8proc \
        -o "$tmp/fixture" >"$tmp/said" 2>&1; then
    for what in html.ru html.en json.ru json.en empty.ru; do
        "$tmp/fixture" "${what%.*}" "${what#*.}" >"$tmp/out" 2>"$tmp/said"
        # The key of a form is random.
        sed -i 's/name="key" value="[0-9a-f]\{32\}"/name="key" value="KEY"/' "$tmp/out"
        [ "${UPDATE:-}" ] && cp "$tmp/out" "tests/templates/expected.$what"
        if cmp "$tmp/out" "tests/templates/expected.$what" >>"$tmp/said" 2>&1 && [ ! -s "$tmp/said" ]; then
            good
        else
            bad "output $what"
            diff "$tmp/out" "tests/templates/expected.$what" | head -5
        fi
    done
else
    bad "tests/templates/card.html does not compile"
fi

# Catalogues: what is missing, doubtful, double or holds unknown names is told.
po_fails() { # WORDS, then the catalogue on standard input
    mkdir -p "$tmp/po/ru"
    cat >"$tmp/po/ru/a.po"
    if "$pocomp" --strict --out "$tmp/a.c" --po "$tmp/po/ru" "$tmp/a.html" >"$tmp/said" 2>&1; then
        bad "catalogue: expected \"$1\""
    elif grep -qF "$1" "$tmp/said"; then
        good
    else
        bad "catalogue: another message than \"$1\""
    fi
}
printf '{%% _ "One {a}" a=b %%}{%% n_ "{n} day" "{n} days" n=c %%}\n' >"$tmp/a.html"
day='msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} день"
msgstr[1] "{n} дня"
msgstr[2] "{n} дней"
'
po_fails 'no ru words for "One {a}"' <<END
$day
END
po_fails 'no ru words for "{n} day"' <<END
msgid "One {a}"
msgstr "Один {a}"
END
po_fails 'no ru words for "{n} day"' <<END
msgid "One {a}"
msgstr "Один {a}"

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} день"
msgstr[1] "{n} дня"
msgstr[2] ""
END
po_fails '{b} stands in the translation' <<END
msgid "One {a}"
msgstr "Один {b}"
END
po_fails 'no ru words for "One {a}"' <<END
$day
#, fuzzy
msgid "One {a}"
msgstr "Один {a}"
END
po_fails 'stands here and in line 1' <<END
msgid "One {a}"
msgstr "Один {a}"

msgid "One {a}"
msgstr "Одна {a}"
END
cat >"$tmp/po/ru/b.po" <<END
msgid "One {a}"
msgstr "Одна {a}"
END
po_fails 'is translated otherwise' <<END
msgid "One {a}"
msgstr "Один {a}"
END
rm "$tmp/po/ru/b.po"

[ "$failed" = 0 ]
