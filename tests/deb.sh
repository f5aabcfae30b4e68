#!/bin/bash
# The package: made by one command, twice the same, installed into a bare root, and worked with from there. TAP.
#   BEREG   the release program
set -u
cd "$(dirname "$0")/.."
unset BEREG_PACKS BEREG_NOW BEREG_KEYS
tmp=$(mktemp -d)
server=""
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
failed=0
ok() { # STATUS NAME [FILE of what was said]
    if [ "$1" -eq 0 ]; then echo "ok - $2"; else
        echo "not ok - $2"
        [ -n "${3:-}" ] && sed 's/^/# /' "$3" | head -30
        failed=1
    fi
}
if ! command -v dpkg-deb >/dev/null || ! command -v dpkg-shlibdeps >/dev/null; then
    echo "ok - the package # SKIP no dpkg-dev here"
    exit 0
fi
export BUILD=${BEREG%/*}
deb=$(tools/deb.sh "$tmp/a" 2>"$tmp/said"); ok $? "one command makes the package" "$tmp/said"
again=$(tools/deb.sh "$tmp/b" 2>"$tmp/said")
cmp "$deb" "$again" >"$tmp/said" 2>&1; ok $? "twice, and it is the same to the byte" "$tmp/said"
dpkg-deb --contents "$deb" >"$tmp/list"
! grep -Ei '\.keys|\.key$|\.db$|\.make$|private|secret' "$tmp/list" >"$tmp/said"; ok $? "nothing secret is in it" "$tmp/said"
! awk '{print $2}' "$tmp/list" | grep -v '^root/root$' >"$tmp/said"; ok $? "all belongs to root" "$tmp/said"
dpkg-deb --field "$deb" Depends | grep -q 'libmicrohttpd.*libsodium\|libsodium.*libmicrohttpd\|libpq5'; ok $? "it names the libraries that it needs"
if [ -d deploy/systemd ]; then
    for timer in backup doctor head; do grep -q "usr/lib/systemd/system/bereg-$timer.timer" "$tmp/list"; ok $? "the timer of $timer is in it"; done
    grep -q 'usr/lib/systemd/system/.*\.service' "$tmp/list"; ok $? "the units are in it"
fi
if command -v lintian >/dev/null; then
    ! lintian --fail-on none "$deb" 2>/dev/null | grep "^[EW]:" >"$tmp/said"; ok $? "lintian finds neither error nor warning" "$tmp/said"
else
    echo "ok - lintian finds neither error nor warning # SKIP no lintian here"
fi

root=$tmp/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/etc"
: >"$root/var/lib/dpkg/status"
if [ "$(id -u)" = 0 ]; then
    dpkg --root="$root" --log=/dev/null --force-depends --force-script-chrootless -i "$deb" >"$tmp/said" 2>&1; ok $? "it is installed into a bare root" "$tmp/said"
    if command -v systemd-sysusers >/dev/null; then
        grep -q '^bereg:.*bereg-jobs' "$root/etc/group"; ok $? "with the group of its users"
        for user in $(sed -n 's/^User=//p' "$root"/usr/lib/systemd/system/bereg-*.service | sort -u); do
            grep -q "^$user:" "$root/etc/passwd"; ok $? "the user $user of its units is there"
        done
    fi
else
    dpkg-deb -x "$deb" "$root"; ok $? "it is unpacked into a bare root"
fi
[ -z "$(ls -A "$root/etc/bereg" "$root/var/lib/bereg" | grep -v ':$' | grep .)" ]; ok $? "its folders are empty: no key, no register"
bereg=$root/usr/bin/bereg

node tests/lib/sbom_check.mjs "$root/usr/share/doc/bereg/bereg.cdx.json" "$bereg" >"$tmp/said" 2>&1; ok $? "its inventory of libraries is whole: valid, of this very file, with every library and package of npm" "$tmp/said"

# How the program was built, as the file that is delivered tells it.
readelf -W -h -l -d -n "$bereg" >"$tmp/elf" 2>&1
readelf -W --dyn-syms "$bereg" >"$tmp/symbols" 2>&1
grep -q 'Type: *DYN' "$tmp/elf" && grep -q 'FLAGS_1.*PIE' "$tmp/elf"; ok $? "the program stands at another address each time (PIE)" "$tmp/elf"
grep -q 'GNU_RELRO' "$tmp/elf" && grep -q 'FLAGS_1.*NOW' "$tmp/elf"; ok $? "what the loader fills in is read-only afterwards (full RELRO)" "$tmp/elf"
grep -q 'GNU_STACK.* RW ' "$tmp/elf"; ok $? "no code runs on the stack" "$tmp/elf"
! grep 'LOAD .* RWE' "$tmp/elf" >"$tmp/said"; ok $? "no memory of it is both written and run" "$tmp/said"
grep -q '__stack_chk_fail@' "$tmp/symbols"; ok $? "an overflow on the stack ends the program" "$tmp/symbols"
grep -q '__memcpy_chk@' "$tmp/symbols" && grep -q '__snprintf_chk@' "$tmp/symbols"; ok $? "calls of the C library know the size of what they write to (_FORTIFY_SOURCE)" "$tmp/symbols"
if [ "$(uname -m)" = x86_64 ]; then
    # (that the processor looks at them too needs a mark on Debian's own start files, which Debian 12 does not have)
    [ "$(LC_ALL=C grep -aoP '\xf3\x0f\x1e\xfa' "$bereg" | wc -l)" -gt 1000 ]; ok $? "places that may be jumped to are marked (-fcf-protection)"
fi

export BEREG_KEYS=$root/etc/bereg/bereg.keys BEREG_PACKS=$root/usr/share/bereg/packs/demo
cd "$tmp"
"$bereg" --help >"$tmp/said" 2>&1 && grep -q 'bereg backup' "$tmp/said"; ok $? "bereg --help" "$tmp/said"
db=sqlite:$root/var/lib/bereg/bereg.db
! grep -q 'bereg demo' "$tmp/said"; ok $? "which has no demonstration" "$tmp/said"
for asked in "demo --db $db" "serve --db $db --demo"; do
    ! "$bereg" $asked >"$tmp/said" 2>&1 && [ ! -e "$root/var/lib/bereg/bereg.db" ]; ok $? "bereg $asked is refused" "$tmp/said"
done
! grep -aq 'bereg: the demonstration\|Прибрежн' "$bereg"; ok $? "and nothing of the fictional region stands in the program"
"$bereg" init --db "$db" >"$tmp/said" 2>&1; ok $? "bereg init" "$tmp/said"
"$bereg" account --db "$db" --login first --name 'Первый Администратор' --body 'Центр цифрового развития' >"$tmp/said" 2>&1 && grep -q '^First password: ' "$tmp/said"; ok $? "its first administrator, by the packs of the package" "$tmp/said"
"$bereg" check --db "$db" >"$tmp/said" 2>&1; ok $? "bereg check" "$tmp/said"
"$bereg" serve --db "$db" --listen 127.0.0.1:0 >"$tmp/out" 2>"$tmp/said" &
server=$!
for _ in $(seq 100); do grep -q 'is ready' "$tmp/out" && break; sleep 0.1; done
url=$(sed -n 's/^Bereg is ready: //p' "$tmp/out")
node -e 'fetch(process.argv[1] + "/health").then(async (a) => { const t = await a.text(); console.log(t); process.exit(a.status === 200 && /"ok"/.test(t) ? 0 : 1); }, (e) => { console.log(e); process.exit(1); })' "$url" >"$tmp/answer" 2>&1
ok $? "bereg serve answers" "$tmp/answer"
kill "$server"; wait "$server"; ok $? "and ends"
server=""
if [ "$(id -u)" = 0 ]; then
    dpkg --root="$root" --log=/dev/null --force-script-chrootless --purge bereg >"$tmp/said" 2>&1
    [ ! -e "$bereg" ] && [ -s "$root/var/lib/bereg/bereg.db" ] && [ -s "$root/etc/bereg/bereg.keys" ]; ok $? "purged, it leaves register and keys" "$tmp/said"
fi
exit $failed
