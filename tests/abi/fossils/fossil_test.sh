#!/usr/bin/env bash
# Each fossil's plugin, and one built from its headers today, keep every promise with this lmbench.
# usage: fossil_test.sh <lmbench> <compiler>
set -euo pipefail
lmbench=$(realpath "$1")
compiler=$2
command -v "$compiler" >/dev/null || { echo "skipped: there is no $compiler"; exit 77; }
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for fossil in [0-9]*.[0-9]*; do
  echo "== $fossil, as it was built"
  "$lmbench" check "$fossil/echo.so"
  echo "== $fossil, built from its headers today"
  "$compiler" -std=c++17 -O1 -shared -fPIC -fvisibility=hidden -fvisibility-inlines-hidden \
    -I"$fossil/include" -Wl,--version-script="$PWD/../../../cmake/plugin.version" \
    -Wl,--build-id=sha1 "$fossil/echo_engine.cpp" -o "$work/echo.so"
  "$lmbench" check "$work/echo.so"
done
