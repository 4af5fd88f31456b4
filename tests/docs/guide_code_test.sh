#!/usr/bin/env bash
# Whoever types in the code of the guide, block after block, has the files of the template, but for
# blank lines between blocks; and no file of the template is left out of it.
# usage: guide_code_test.sh <guide> <template folder>
set -euo pipefail
guide=$1
template=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# A block says in its first line which file it continues: ```cpp file=echo_engine.cpp
awk -v place="$place" '
  /^```/ { file = ""; if (match($0, /file=[^ ]+/)) file = place "/" substr($0, RSTART + 5, RLENGTH - 5); next }
  file { print > file }' "$guide"
rm -f "$place/README.md"
diff --recursive --unified --ignore-blank-lines --exclude README.md \
  --exclude build --exclude results "$place" "$template"
