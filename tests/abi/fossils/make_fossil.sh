#!/usr/bin/env bash
# Makes the plugin of a new fossil: small, without symbols of its own.
# usage: make_fossil.sh <fossil folder>
set -euo pipefail
cd "$1"
g++ -std=c++17 -Os -s -shared -fPIC -fvisibility=hidden -fvisibility-inlines-hidden -fno-gnu-unique \
  -Iinclude -Wl,--version-script=<(echo '{ global: lmbench_plugin_v1; local: *; };') \
  -Wl,--build-id=sha1 echo_engine.cpp -o echo.so
