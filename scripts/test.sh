#!/usr/bin/env bash
# Installs what is missing, builds a preset (default: release) and runs all its tests.
# usage: test.sh [preset] [ctest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true

packages=()
case $preset in
  clang|fuzz) packages=(clang libclang-rt-14-dev) ;;
  tidy) packages=(clang clang-tidy) ;;
esac
scripts/install_packages.sh "${packages[@]}"
scripts/build.sh "$preset"
# A sanitizer finding is a failure; the first one says enough.
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
exec ctest --preset "$preset" "$@"
