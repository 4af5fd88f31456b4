#!/usr/bin/env bash
# The ABI is that of the baseline: abidiff finds no difference in any of its types. And the gate
# itself is tested: each way to break the ABI, done to a copy of the headers, is found. (Not another
# parameter of a pure virtual function, which abidiff does not see: layout_test.cpp.) Exit code 77
# without abidiff. After a reviewed change: abidiff_gate.sh <include folder> --write-baseline
# usage: abidiff_gate.sh <include folder> [--write-baseline]
set -euo pipefail
include=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
baseline=$here/abi_1.0.xml
for tool in abidiff abidw g++; do
  command -v $tool >/dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

probe() {  # include folder, library to make; where the tree lies is no part of the baseline
  g++ -std=c++17 -shared -fPIC -g -femit-class-debug-always -ffile-prefix-map="$here"=. -I"$1" \
    "$here/abi_probe.cpp" -o "$2"
}

probe "$include" "$work/now.so"
if [ "${2:-}" = --write-baseline ]; then
  abidw --no-corpus-path --no-comp-dir-path --no-show-locs --out-file "$baseline" "$work/now.so"
  exit
fi
abidiff "$baseline" "$work/now.so" || { echo 'the ABI has changed: see above'; exit 1; }
echo 'ok     the headers as they are'

status=0
# One change to a copy of the headers, whose own assertions are taken out, must be found.
finds() {  # what, header, sed script
  rm -rf "$work/include"
  cp -r "$include" "$work/include"
  sed -i '/static_assert/d' "$work/include/lmbench/"*.hpp "$work/include/lmbench/ext/"*.hpp
  cp "$work/include/lmbench/$2" "$work/before"
  sed -i "$3" "$work/include/lmbench/$2"
  cmp --silent "$work/before" "$work/include/lmbench/$2" && { echo "WRONG  $1: nothing was changed"; status=1; return; }
  probe "$work/include" "$work/changed.so"
  if abidiff "$baseline" "$work/changed.so" >"$work/report"; then
    echo "WRONG  $1: not found"
    status=1
  else
    echo "found  $1"
  fi
}

finds 'a slot inserted into IHost' engine_abi.hpp \
  's/^  virtual void log(LogLevel/  virtual void inserted() noexcept = 0;\n&/'
finds 'a slot appended to IGenerationEngine' engine_abi.hpp \
  's/^  virtual void destroy() noexcept = 0;/&\n  virtual void appended() noexcept = 0;/'
finds 'two slots of IGenerationEngine swapped' engine_abi.hpp \
  's/virtual void cancel(std::uint64_t request)/virtual void SWAP/; s/virtual void destroy()/virtual void cancel(std::uint64_t request)/; s/virtual void SWAP/virtual void destroy()/'
finds 'two fields of Event swapped' engine_abi.hpp \
  's/^  std::uint64_t request;/  std::uint64_t engine_ns;/; s/^  std::uint64_t engine_ns;   .*/  std::uint64_t request;/'
finds 'StrView grown' engine_abi.hpp '/^struct StrView/,/^};/ s/^};/  std::uint64_t grown;\n};/'
finds 'Event grown' engine_abi.hpp '/^struct Event /,/^};/ s/^};/  std::uint64_t grown;\n};/'
finds 'a value of Code changed' engine_abi.hpp 's/overloaded = 5/overloaded = 55/'
finds 'a slot appended to IModel' ext/model.hpp \
  's/^ protected:/  virtual void appended() noexcept = 0;\n&/'
finds 'ModelInfo grown' ext/model.hpp '/^struct ModelInfo/,/^};/ s/^};/  std::uint64_t grown;\n};/'
exit $status
