#!/usr/bin/env bash
# What an engine author does: copies the template out of the install tree and runs the commands of its
# README and of the guide, with some compiler and all warnings as errors. Exit code 77 without one.
# usage: template_test.sh <install tree> <compiler> [<flag>...]
set -euo pipefail
tree=$1
compiler=$2
flags=("${@:3}")
exports=$(dirname "$(realpath "$0")")/../abi/plugin_exports.sh
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() { echo "$*" >&2; exit 1; }

command -v "$compiler" >/dev/null || { echo "skipped: there is no $compiler"; exit 77; }
if ! echo '#include <string>' | "$compiler" "${flags[@]}" -x c++ -fsyntax-only - 2>/dev/null; then
  echo "skipped: $compiler cannot compile with ${flags[*]} here"
  exit 77
fi

cp -r "$tree/share/lmbench/examples/engine_template" "$place/my_engine"
cd "$place/my_engine"
unset LMBENCH_PLUGIN_PATH CMAKE_PREFIX_PATH
export PATH=$tree/bin:$PATH CMAKE_GENERATOR=Ninja CXX=$compiler XDG_CACHE_HOME=$tree.cache
export CXXFLAGS="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor \
-Woverloaded-virtual -Werror ${flags[*]}"
for page in README.md "$tree/share/doc/lmbench/write_an_engine.md"; do
  awk '/^```$/ { inside = 0 } inside { print } /^```sh$/ { inside = 1 }' "$page" >../commands.sh
  [ -s ../commands.sh ] || fail "$page has no commands"
  rm -rf results
  bash -euxo pipefail ../commands.sh
done

"$exports" build/echo.so
lmbench inspect build/echo.so | tee ../inspect.txt
case ${flags[*]} in
  *libc++) grep --quiet 'toolchain .*libc++ [0-9]' ../inspect.txt ;;
  *) grep --quiet 'toolchain .*libstdc++ [0-9]' ../inspect.txt ;;
esac

lmbench check build/echo.so --config echo.toml --only '^(lifecycle|events)/'

results=$(echo results/echo-*)
[ "$(grep --count ',ok,' "$results/results.csv")" = 2 ] || fail 'not all cases are ok'
grep 'echo: tokens in an event: 1' "$results/log.txt"

echoed=$(lmbench generate --engine build/echo.so --prompt-tokens 5,7 --max-new-tokens 3)
[ "$echoed" = 5,7,5 ] || fail "5,7 was answered by $echoed"

if lmbench run echo.toml --set engine.options.event_tokens=65 --out ../wrong; then
  fail 'a config value out of range was taken'
fi
grep --only-matching "'event_tokens' is 65, not between 1 and 64" ../wrong/results.csv
