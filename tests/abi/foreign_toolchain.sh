#!/usr/bin/env bash
# Our plugins, built by a compiler, in a language standard and with a standard library that lmbench
# was not, keep every promise with this lmbench. Exit code 77 when there is no such toolchain.
# usage: foreign_toolchain.sh <lmbench> <source root> <plugins, as in null,sim> <compiler> [<flag>...]
set -euo pipefail
lmbench=$(realpath "$1")
root=$(realpath "$2")
IFS=, read -ra plugins <<<"$3"
compiler=$4
flags=("${@:5}")
command -v "$compiler" >/dev/null || { echo "skipped: there is no $compiler"; exit 77; }
if ! echo '#include <string>' | "$compiler" "${flags[@]}" -x c++ -fsyntax-only - 2>/dev/null; then
  echo "skipped: $compiler cannot compile with ${flags[*]} here"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for plugin in "${plugins[@]}"; do
  echo "== $plugin by $compiler ${flags[*]}"
  "$compiler" "${flags[@]}" -O1 -shared -fPIC -fvisibility=hidden -fvisibility-inlines-hidden \
    -I"$root/include" -I"$root/plugins" -Wl,--version-script="$root/cmake/plugin.version" \
    -Wl,--build-id=sha1 "$root/plugins/$plugin/"*.cpp -o "$work/$plugin.so"
  "$root/tests/abi/plugin_exports.sh" "$work/$plugin.so"
  "$lmbench" inspect "$work/$plugin.so" | grep '^toolchain'
  "$lmbench" check "$work/$plugin.so"
done
