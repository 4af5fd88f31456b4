#!/usr/bin/env bash
# clang-tidy, with the short list of .clang-tidy, over the sources of build/release.
# usage: tidy.sh [files]     default: every source of core/ and plugins/
set -euo pipefail
cd "$(dirname "$0")/.."

files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  mapfile -t files < <(git ls-files -- 'core/*.cpp' 'plugins/*.cpp')
fi
printf '%s\0' "${files[@]}" |
  xargs -0 -n 4 -P "$(nproc)" clang-tidy -p build/release --quiet --warnings-as-errors='*'
