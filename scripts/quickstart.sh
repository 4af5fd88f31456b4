#!/usr/bin/env bash
# From a fresh Debian 12 machine to a first result: installs what is missing, builds the release
# preset, and measures the turbomind engine on the CPU (random weights of a real shape).
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install_packages.sh
scripts/build.sh release --target lmbench null sim turbomind  # no tests: a result comes first
exec build/release/lmbench run scenarios/quickstart.toml "$@"
