#!/bin/sh
# tools/deb.sh [DIR]   makes DIR/bereg_VERSION_ARCH.deb (DIR: build) of the release program that has no demonstration: a staged tree and dpkg-deb,
# no debhelper.
#   BUILD=DIR   where it is built already (else ./run --build-only)
# The same sources give the same bytes (SOURCE_DATE_EPOCH: of the last commit, unless it is set).
set -eu
cd "$(dirname "$0")/.."
out=${1:-build}
for tool in dpkg-deb dpkg-shlibdeps strip gzip node; do
    command -v $tool >/dev/null 2>&1 || { echo "deb.sh: $tool is missing (Debian: dpkg-dev, binutils)" >&2; exit 1; }
done
if [ -z "${BUILD:-}" ]; then
    ./run --build-only >&2
    BUILD=build
fi
umask 022
version=$(sed -n "s/^project('bereg'.* version: '\([^']*\)'.*/\1/p" meson.build)
arch=$(dpkg --print-architecture)
[ -n "${SOURCE_DATE_EPOCH:-}" ] || SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
doc=$root/usr/share/doc/bereg

mkdir -p "$root/usr/bin" "$root/usr/share/bereg" "$doc" "$root/usr/share/man/man1" "$root/usr/lib/sysusers.d" \
    "$root/etc/bereg" "$root/var/lib/bereg" "$root/DEBIAN" "$work/debian"
install -m 755 "$BUILD/bereg-installed" "$root/usr/bin/bereg"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/bereg"
cp -r packs "$root/usr/share/bereg/packs"
install -m 644 deploy/systemd/bereg.sysusers "$root/usr/lib/sysusers.d/bereg.conf"
# unit files and nginx's, where the tree has them
if [ -d deploy/systemd ]; then
    mkdir -p "$root/usr/lib/systemd/system"
    find deploy/systemd -maxdepth 1 -type f \( -name '*.service' -o -name '*.socket' -o -name '*.timer' -o -name '*.target' -o -name '*.slice' \) \
        -exec install -m 644 {} "$root/usr/lib/systemd/system/" \;
fi
if [ -d deploy/nginx ]; then
    mkdir -p "$doc/examples"
    cp -r deploy/nginx "$doc/examples/nginx"
fi
for f in docs/operations.md docs/security.md docs/asvs.md docs/fstec.md docs/malformed.md docs/guide.ru.md README.md; do
    gzip -9nc $f >"$doc/$(basename $f).gz"
done
node tools/sbom.mjs "$root/usr/bin/bereg" --out "$doc/bereg.cdx.json"
gzip -9nc debian/bereg.1 >"$root/usr/share/man/man1/bereg.1.gz"
sed -e 's/^$/./; s/^/ /' LICENSE >"$work/license"
sed -e "/@LICENSE@/{r $work/license
d}" debian/copyright >"$doc/copyright"
printf 'bereg (%s) unstable; urgency=medium\n\n  * See the log of the repository.\n\n -- Bereg maintainers <maintainers@bereg.example>  %s\n' \
    "$version" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.gz"
find "$root" -type d -exec chmod 755 {} +
find "$root/usr/share" -type f -exec chmod 644 {} +

# the libraries by which the program was linked
printf 'Source: bereg\n\nPackage: bereg\nArchitecture: any\n' >"$work/debian/control"
shlibs=$(cd "$work" && dpkg-shlibdeps -O root/usr/bin/bereg 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
sed -e "s|@VERSION@|$version|; s|@ARCH@|$arch|; s|@SIZE@|$(du -sk "$root" | cut -f1)|; s#@SHLIBS@#$shlibs#" debian/control.in >"$root/DEBIAN/control"
install -m 755 debian/postinst debian/postrm "$root/DEBIAN/"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"
dpkg-deb --root-owner-group --build "$root" "$out/bereg_${version}_$arch.deb" >&2
echo "$out/bereg_${version}_$arch.deb"
