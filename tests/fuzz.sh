#!/bin/bash
# Strange bytes for the readers of strange bytes: builds the targets of tests/fuzz with clang's libFuzzer and runs them.
#
#   tests/fuzz.sh SECONDS [TARGET...]    in all; each target gets its share. A night: tests/fuzz.sh 28800
#
# It begins with tests/fuzz/corpus/TARGET (what was found to be of use in long runs, made small by -set_cover_merge=1, and each input that
# ever broke a reader). What is found is kept in build-asan/fuzz/TARGET (BEREG_FUZZ_DIR: elsewhere), where the next run goes on;
# an input that breaks a target is left in build-asan/fuzz/TARGET-broken.
set -u
cd "$(dirname "$0")/.."

total=${1:-20}
case $total in '' | *[!0-9]*) echo "usage: $0 SECONDS [TARGET...]" >&2 && exit 2 ;; esac
shift || true
dir=${BEREG_FUZZ_DIR:-build-asan/fuzz}
mkdir -p "$dir/obj"
failed=0
clang=${CLANG:-clang}
flags=(-std=gnu11 -D_GNU_SOURCE -g -O1 -fno-strict-aliasing -fno-omit-frame-pointer -Isrc
    -fno-sanitize-recover=undefined)
base=(src/base/{arena,buf,date,err,json,log,text,value}.c)

ok() { echo "ok - fuzz: $1"; }
not_ok() {
    echo "not ok - fuzz: $1"
    failed=1
}

# Sources beside the target's own, and libraries.
parts_of() {
    libs=(-lutf8proc)
    case $1 in
    fuzz_sheet)
        sources=(src/formats/{csv,job_child,lock,sheet,sheet_child,xlsx,xlsx_book,xlsx_parts}.c)
        libs+=(-lzip -lexpat -lseccomp -lm)
        ;;
    fuzz_input)
        sources=(src/web/parse.c)
        libs+=(-ljansson)
        ;;
    fuzz_sign_in)
        sources=(src/formats/{job_child,lock,oidc_child,passkey,passkey_child}.c)
        libs+=(-lfido2 -lcbor -lcjose -lcrypto -ljansson -lseccomp)
        ;;
    fuzz_proof)
        sources=(src/formats/{changed,proof}.c src/guard/merkle.c)
        libs+=(-ljansson -lsodium)
        ;;
    fuzz_pack) sources=(src/rooms/packs/pack_file.c) ;;
    *) return 1 ;;
    esac
}

compile() { # SOURCE: its object, made again when the source or any header is newer
    local o
    o=$dir/obj/$(echo "$1" | tr / _).o
    if [ ! -e "$o" ] || [ "$1" -nt "$o" ] || [ -n "$(find src -name '*.h' -newer "$o" -print -quit)" ]; then
        "$clang" "${flags[@]}" -fsanitize=fuzzer-no-link,address,undefined -c "$1" -o "$o" || return 1
    fi
    objects+=("$o")
}

build() {
    local s
    objects=()
    parts_of "$1" || {
        echo "# tests/fuzz.sh has no line for $1"
        return 1
    }
    for s in "tests/fuzz/$1.c" "${sources[@]}" "${base[@]}"; do
        compile "$s" || return 1
    done
    "$clang" -fsanitize=fuzzer,address,undefined "${objects[@]}" "${libs[@]}" -o "$dir/$1.bin"
}

# Something of each kind to begin with.
seed() {
    local c=$dir/$1
    mkdir -p "$c"
    case $1 in
    fuzz_sheet)
        printf '\0Фамилия;Имя;Дата рождения\r\n"Иванов";Пётр;01.02.1980\r\n' >"$c/s-csv"
        printf '\0sep=,\na,"b ""c""\n d",=1+1\n' >"$c/s-quotes"
        printf '\0\xd4\xe0\xec\xe8\xeb\xe8\xff\t\xc8\xec\xff\n\xc8\xe2\xe0\xed\xee\xe2\t\xcf\xb8\xf2\xf0\n' >"$c/s-1251"
        printf '\0\xff\xfea\0;\0b\0\n\0c\0;\0d\0\n\0' >"$c/s-utf16"
        printf '\1<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="s"><v>0</v></c></row><row r="3"><c r="C3" s="0"><f>A1</f><v>45458.5</v></c></row></sheetData></worksheet>' >"$c/s-sheet"
        printf '\2<sst><si><t xml:space="preserve"> a</t></si><si><r><t>b</t></r><rPh><t>c</t></rPh></si></sst>' >"$c/s-strings"
        printf '\3<styleSheet><numFmts><numFmt numFmtId="170" formatCode="[h]:mm;@"/></numFmts><cellXfs><xf numFmtId="170"/></cellXfs></styleSheet>' >"$c/s-styles"
        printf '\4<workbook><workbookPr date1904="1"/><sheets><sheet state="hidden" r:id="rId1"/></sheets></workbook>' >"$c/s-book"
        ;;
    fuzz_input)
        printf '\0a=%%D0%%B0&b=1+2&b=3' >"$c/s-query"
        printf '\1{"a":"\\u0430","b":[1,2],"c":null,"d":true}' >"$c/s-json"
        printf '\2--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na;b\r\n--x--\r\n' >"$c/s-multipart"
        printf '\3multipart/form-data; boundary="x y"' >"$c/s-boundary"
        printf '\4bereg=abc; other="1"' >"$c/s-cookie"
        printf '\5/persons/1?a=b' >"$c/s-path"
        ;;
    fuzz_sign_in)
        printf '\1\x45\0\0\0\1%016d\0\4abcd\xa5\1\2\3\x26\x20\1\x21\x58\x20%032d\x22\x58\x20%032d' 0 0 0 >"$c/s-made"
        printf '\2\xa3cfmtdnonegattStmt\xa0hauthDataXAabc' >"$c/s-cbor"
        printf '\3\5\0\0\0\1' >"$c/s-answer"
        printf '\4{"type":"webauthn.get","challenge":"AAAA","origin":"https://a.example","crossOrigin":false}' >"$c/s-client"
        printf '\5{"issuer":"https://a.example","authorization_endpoint":"https://a.example/a","token_endpoint":"https://a.example/t","jwks_uri":"https://a.example/k"}' >"$c/s-places"
        printf '\6{"id_token":"eyJhbGciOiJSUzI1NiJ9.e30.AAAA"}' >"$c/s-token"
        printf '\7{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}' >"$c/s-keys"
        ;;
    fuzz_proof)
        printf '\0{"leaf_index":1,"tree_size":2,"leaf_hash":"%064d","path":["%064d"],"root":"%064d"}' 0 1 2 >"$c/s-inclusion"
        printf '\0[{"size1":"3","size2":7,"root1":"%064d","root2":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","proof":["%064d"],"head":{"statement":"a"}}]' 0 1 >"$c/s-consistency"
        printf '\1{"statement":"bereg log heads 1\\n","key":"00","signature":"00"}' >"$c/s-head"
        printf '\2{"table":"person","id":1,"family_name":"а","district_id":null},{"table":"person","id":2}' >"$c/s-history"
        ;;
    fuzz_pack)
        cp packs/ru/calendar.pack packs/demo/roles.pack packs/ru/classes.pack "$c/" 2>/dev/null
        printf '[code a b]\nlabel.ru = а\nalso = б;\n    в\n' >"$c/s-code"
        ;;
    esac
}

targets=()
for f in tests/fuzz/*.c; do
    name=$(basename "$f" .c)
    [ $# -eq 0 ] && targets+=("$name")
    for wanted in "$@"; do
        [ "$wanted" = "$name" ] && targets+=("$name")
    done
done
if [ ${#targets[@]} -eq 0 ]; then
    not_ok "there are targets"
    exit 1
fi
if ! echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n); int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n == 77; }' |
    "$clang" -x c - -fsanitize=fuzzer,address,undefined -o "$dir/probe.bin" >"$dir/probe.log" 2>&1; then
    not_ok "clang has its sanitizers (Debian: libclang-rt-14-dev)"
    sed 's/^/# /' "$dir/probe.log" | head -5
    exit 1
fi
share=$((total / ${#targets[@]}))
[ "$share" -ge 1 ] || share=1

for t in "${targets[@]}"; do
    if ! build "$t" >"$dir/$t.log" 2>&1; then
        not_ok "$t is built"
        sed 's/^/# /' "$dir/$t.log" | head -20
        continue
    fi
    seed "$t"
    mkdir -p "$dir/$t-broken"
    # -close_fd_mask: what the program logs of bad bytes is not of interest here
    if "$dir/$t.bin" -max_total_time="$share" -timeout=20 -rss_limit_mb=3000 -max_len=65536 -print_final_stats=1 \
        -close_fd_mask=1 -artifact_prefix="$dir/$t-broken/" "$dir/$t" "tests/fuzz/corpus/$t" >"$dir/$t.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$t.log")
        ok "$t, ${runs:-?} inputs in $share s"
    else
        not_ok "$t"
        grep -v '^#[0-9]' "$dir/$t.log" | tail -40 | sed 's/^/# /'
        echo "# the input is in $dir/$t-broken"
    fi
done
exit $failed
