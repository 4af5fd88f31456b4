#!/usr/bin/env bash
# clang-tidy, with the short list of .clang-tidy. It reads the compile commands of the clang preset,
# as it does not know all flags of g++.
# usage: tidy.sh [files]     default: every source of core/ and plugins/
set -euo pipefail
cd "$(dirname "$0")/.."

cmake --preset clang >/dev/null
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(git ls-files -- 'core/*.cpp' 'plugins/*.cpp')
fi
printf '%s\0' "${files[@]}" |
  xargs -0 -n 4 -P "$(nproc)" clang-tidy -p build/clang --quiet --warnings-as-errors='*'
