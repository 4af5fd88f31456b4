#!/usr/bin/env bash
# The executable offers nothing to the libraries that it loads but what the C and C++ libraries have
# themselves: templates of std, and data that the linker copied out of them.
# usage: executable_exports.sh <executable>
set -euo pipefail
exported=$(nm -D --defined-only --demangle "$1" | cut -d ' ' -f 3-)
others=$(grep -vE '^(|.* )(std|__gnu_cxx|__cxxabiv1)::|@(GLIBC|GLIBCXX|CXXABI)_' <<<"$exported" || true)
if [ -n "$others" ]; then
  printf 'FAILED: %s exports\n%s\n' "$1" "$others"
  exit 1
fi
