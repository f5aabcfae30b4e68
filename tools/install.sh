#!/bin/sh
# Installs what is missing of Debian's packages and npm's, as root or through sudo. install.sh [test]: also what the tests need.
# Nothing is downloaded when everything is there: a check takes a tenth of a second.
set -eu
cd "$(dirname "$0")/.."
base="gcc libc6-dev meson ninja-build pkg-config nodejs ca-certificates
 libmicrohttpd-dev libsqlite3-dev libpq-dev libsodium-dev libjansson-dev libutf8proc-dev libzip-dev libexpat1-dev
 libxlsxwriter-dev libseccomp-dev zlib1g-dev libcmocka-dev libcurl4-openssl-dev libgraphviz-dev libqrencode-dev libical-dev libssl-dev libfido2-dev libcbor-dev
 libcjose-dev"
test_only="dpkg-dev lintian clang libclang-rt-14-dev postgresql-15 chromium fonts-dejavu-core sqlite3 procps
 nginx-light openssl systemd"
want=$base
[ "${1:-}" = test ] && want="$base $test_only"
# A newer Node than Debian's brings its own npm, and its package is not Debian's.
command -v node >/dev/null 2>&1 && want=$(echo "$want" | sed 's/ *nodejs//')
command -v npm >/dev/null 2>&1 || want="$want npm"

missing=""
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null | sed -n 's/ installed$//p')
for p in $want; do
    echo "$installed" | grep -qx "$p" || missing="$missing $p"
done
if [ -n "$missing" ]; then
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || {
            echo "Bereg needs these packages; run as root or install sudo:$missing" >&2
            exit 1
        }
        as_root=sudo
    fi
    echo "Installing:$missing" >&2
    # the server of the tests is started by the tests themselves
    $as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    # nor does anything else begin to serve here
    policy=/usr/sbin/policy-rc.d
    [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null && $as_root chmod 755 $policy && trap "$as_root rm -f $policy" EXIT; }
    $as_root apt-get update -q >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2
fi

# node_modules follows the lock file
stamp=node_modules/.bereg-stamp
sum=$(cksum package-lock.json)
have=$(cat $stamp 2>/dev/null || true)
need="$sum prod"
[ "${1:-}" = test ] && need="$sum test"
if [ "$have" != "$need" ] && [ "$have" != "$sum test" ]; then
    if [ "${1:-}" = test ]; then omit=""; else omit="--omit=dev"; fi
    npm ci --no-audit --no-fund --ignore-scripts $omit >&2
    echo "$need" >$stamp
fi
