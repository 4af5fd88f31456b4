#!/usr/bin/env bash
# Each public header alone, and twice, in every C++ standard that it promises to work in, with the
# warnings that a user of it may have as errors. Exit code 77 when there is no such compiler.
# usage: header_purity.sh <compiler> <include folder>
set -euo pipefail
compiler=$1
include=$2
command -v "$compiler" >/dev/null || { echo "skipped: there is no $compiler"; exit 77; }

warnings=(-Wall -Wextra -pedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Werror)
failed=0
cd "$include"
for header in lmbench/*.hpp lmbench/ext/*.hpp; do
  case $header in
    lmbench/plugin.hpp | lmbench/config_reader.hpp) standards=(17 20 2b) ;;  # the SDK
    *) standards=(11 14 17 20 2b) ;;
  esac
  for standard in "${standards[@]}"; do
    if ! printf '#include <%s>\n#include <%s>\nint main() {}\n' "$header" "$header" |
        "$compiler" "-std=c++$standard" "${warnings[@]}" -I. -fsyntax-only -x c++ -; then
      echo "FAILED: $header in C++$standard with $compiler"
      failed=1
    fi
  done
done
exit $failed
