#!/usr/bin/env bash
# Installs the Debian packages that lmbench is built from, if any is missing: by apt as root or
# through sudo. Without either it prints the one line to run, and fails.
# usage: install_packages.sh [further packages]
set -euo pipefail

packages=(
  g++ cmake ninja-build git ca-certificates
  libboost-dev libtomlplusplus-dev libspdlog-dev doctest-dev
  libcli11-dev nlohmann-json3-dev libssl-dev libdnnl-dev
  "$@"
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing: ${missing[*]}" >&2
if [ "$(id -u)" -eq 0 ]; then
  as_root=(env DEBIAN_FRONTEND=noninteractive)
elif command -v sudo >/dev/null &&
    { sudo --non-interactive true 2>/dev/null || { [ -t 0 ] && sudo --validate; }; }; then
  as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
else
  echo "lmbench needs packages that only root can install. Please run:" >&2
  echo "  apt-get update && apt-get install -y ${missing[*]}" >&2
  exit 1
fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
