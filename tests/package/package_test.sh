#!/usr/bin/env bash
# What a user of an installed lmbench does: writes an engine in a project of his own, builds it with
# some compiler, and measures it. Exit code 77 when there is no such compiler.
# usage: package_test.sh <build folder> <compiler>
set -euo pipefail
build=$1
compiler=$2
consumer=$(dirname "$(realpath "$0")")/consumer
command -v "$compiler" >/dev/null || { echo "skipped: there is no $compiler"; exit 77; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$build" --prefix "$place/installed" >/dev/null
cmake -G Ninja -S "$consumer" -B "$place/build" "-DCMAKE_PREFIX_PATH=$place/installed" \
  "-DCMAKE_CXX_COMPILER=$compiler"
cmake --build "$place/build"

cd "$place"
lmbench=$place/installed/bin/lmbench
unset LMBENCH_PLUGIN_PATH
for plugin in null sim turbomind; do "$lmbench" inspect $plugin; done
"$lmbench" inspect build/echo.so
[ "$("$lmbench" generate --engine build/echo.so --prompt-tokens 5,7 --max-new-tokens 3)" = 7,7,7 ]
"$lmbench" run "$consumer/echo.toml" --out out
[ "$(grep --count ',ok,' out/results.csv)" = 2 ]
"$lmbench" run scenarios/quickstart.toml --dry-run  # the shipped configs are found
