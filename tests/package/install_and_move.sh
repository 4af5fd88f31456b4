#!/usr/bin/env bash
# Installs a build tree, moves what was installed, and sees that it is whole: nothing in it names a
# path of this machine, and its executable finds its plugins and scenarios where they are now.
# usage: install_and_move.sh <build folder> <source folder> <version> <where the tree ends up>
set -euo pipefail
build=$1
source=$2
version=$3
tree=$4

rm -rf "$tree" "$tree.first"
cmake --install "$build" --prefix "$tree.first" --strip >/dev/null
mv "$tree.first" "$tree"

if named=$(grep --recursive --files-with-matches --fixed-strings -e "$source/core/" \
  -e "$source/plugins/" -e "$source/configs" -e "$build" -e "$tree" "$tree"); then
  printf 'not relocatable: these name a path of this machine:\n%s\n' "$named" >&2
  exit 1
fi

cd "$tree/.."
unset LMBENCH_PLUGIN_PATH
for plugin in null sim turbomind; do "$tree/bin/lmbench" inspect $plugin >/dev/null; done
"$tree/bin/lmbench" run scenarios/quickstart.toml --dry-run

# Another major version, or a later minor one, than what is there is refused.
IFS=. read -r major minor _ <<<"$version"
for wanted in $((major - 1)).9 $major.$((minor + 1)) $((major + 1)).0; do
  printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' \
    "find_package(lmbench $wanted QUIET PATHS [[$tree]] NO_DEFAULT_PATH)" \
    'if(lmbench_FOUND OR NOT lmbench_CONSIDERED_VERSIONS STREQUAL "'$version'")' \
    "  message(FATAL_ERROR \"lmbench \${lmbench_CONSIDERED_VERSIONS} was taken for $wanted\")" \
    'endif()' >"$tree.version.cmake"
  cmake -P "$tree.version.cmake"
done
rm "$tree.version.cmake"
