#!/usr/bin/env bash
# What others could bind to, as nm sees it: of a plugin its descriptor alone, no symbol that is
# shared by the whole process (u), and code that the loader need not rewrite (TEXTREL).
# usage: plugin_exports.sh <plugin.so>...
set -euo pipefail
failed=0
for plugin in "$@"; do
  exported=$(nm -D --defined-only "$plugin" | awk '{print $2, $3}')
  if [ "$exported" != "R lmbench_plugin_v1" ] && [ "$exported" != "D lmbench_plugin_v1" ]; then
    printf 'FAILED: %s exports\n%s\n' "$plugin" "$exported"
    failed=1
  fi
  if readelf --dynamic "$plugin" | grep TEXTREL; then
    echo "FAILED: $plugin has text relocations"
    failed=1
  fi
done
exit $failed
