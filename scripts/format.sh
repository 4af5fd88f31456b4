#!/usr/bin/env bash
# Formats every C++ file of the tree; with --check only names those that are not formatted.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(-i)
[ "${1:-}" = --check ] && mode=(--dry-run --Werror)
# Fossils stay as they were found.
git ls-files -z -- '*.cpp' '*.hpp' '*.cu' ':!tests/abi/fossils' | xargs -0 -r clang-format "${mode[@]}"
