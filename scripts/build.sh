#!/usr/bin/env bash
# Configures and builds one preset (default: release) into build/<preset>.
# usage: build.sh [preset] [further cmake --build arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true

if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER:-ccache}
fi
cmake --preset "$preset"
cmake --build --preset "$preset" "$@"
