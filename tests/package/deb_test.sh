#!/usr/bin/env bash
# The Debian package: what it says of itself, that it depends on all that its binaries need and on
# nothing else, and that what it would install runs the quickstart scenario from an empty root.
# usage: deb_test.sh <build folder> <version>
set -euo pipefail
build=$1
version=$2
fail() { echo "$*" >&2; exit 1; }
for tool in cpack dpkg-deb dpkg-shlibdeps file readelf; do
  command -v $tool >/dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cpack --config "$build/CPackConfig.cmake" -B "$place"
deb=$place/lmbench_${version}_$(dpkg --print-architecture).deb
dpkg-deb --info "$deb"
[ "$(dpkg-deb --field "$deb" Package Version)" = "Package: lmbench
Version: $version" ] || fail 'another name or version'
for field in Maintainer Description Section Depends; do
  [ -n "$(dpkg-deb --field "$deb" $field)" ] || fail "no $field"
done

root=$place/root
dpkg-deb --extract "$deb" "$root"
outside=$(find "$root" -type f -not -path "$root/usr/*")
[ -z "$outside" ] || fail "not under /usr: $outside"
for file in bin/lmbench lib/lmbench/plugins/turbomind.so include/lmbench/engine_abi.hpp \
    share/lmbench/configs/scenarios/quickstart.toml share/doc/lmbench/copyright \
    share/lmbench/examples/engine_template/CMakeLists.txt; do
  [ -s "$root/usr/$file" ] || fail "no /usr/$file"
done

# Every library that a binary needs is of a package that is named, and every name has its library.
depends=$(dpkg-deb --field "$deb" Depends | sed 's/ ([^)]*)//g; s/, /\n/g' | sort)
needed=$(readelf --dynamic "$root"/usr/bin/* "$root"/usr/lib/lmbench/plugins/*.so |
  sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep --invert-match '^ld-linux' | sort --unique |
  while read -r library; do dpkg --search "*/$library" | cut -d : -f 1 | sort --unique |
    grep --line-regexp --fixed-strings "$depends" || fail "no package named for $library"; done |
  sort --unique)
[ "$needed" = "$depends" ] || fail "depends on: $depends; needs: $needed"

cd "$place"
env --ignore-environment PATH=/usr/bin:/bin HOME="$place" "$root/usr/bin/lmbench" run \
  scenarios/quickstart.toml --out results --set 'matrix.concurrency=[4]' \
  --set measure.warmup_rounds=0 --set measure.test_rounds=1
[ "$(grep --count ',ok,' results/results.csv)" = 2 ] || fail 'not all cases are ok'
grep --quiet "$root/usr/lib/lmbench/plugins/turbomind.so" results/manifest.json
