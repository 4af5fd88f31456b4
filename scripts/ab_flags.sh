#!/usr/bin/env bash
# Is turbomind faster when it is compiled with other flags? Builds it twice, as the release preset does
# and with FLAGS in the place of -O2, and compares the two builds.
# usage: ab_flags.sh FLAGS [further arguments of lmbench ab]      as in: ab_flags.sh -O1
set -euo pipefail
cd "$(dirname "$0")/.."
flags=${1:?"the compiler's flags, such as -O1"}
shift

scripts/install_packages.sh
scripts/build.sh release --target lmbench turbomind
cmake --preset release -B build/flags -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="$flags -g -DNDEBUG"
cmake --build build/flags --target turbomind
exec build/release/lmbench ab scenarios/turbomind_ab.toml \
  --base build/release/plugins/turbomind.so --candidate build/flags/plugins/turbomind.so "$@"
