#!/usr/bin/env bash
# Fetches what gpu_session.sh needs of Debian where nothing is installed, not even a network: packages
# of Debian 12 to be unpacked there, 13 MB. Run on Debian 12 with apt; nothing is installed here.
# NCCL's header is added where this machine has it, as Debian has no such package.
# usage: gpu_session_packages.sh FOLDER
set -euo pipefail
folder=$(realpath -m "${1:?usage: gpu_session_packages.sh FOLDER}")
mkdir -p "$folder"

# Those of install_packages.sh as what they stand for, with the two libraries that the CMake packages of
# spdlog and fmt look for. Not oneDNN: gpu_session.sh builds without it.
packages=(libboost1.74-dev libtomlplusplus-dev libspdlog-dev libspdlog1.10 libfmt-dev libfmt9
  doctest-dev libcli11-dev nlohmann-json3-dev libssl-dev)
(cd "$folder" && apt-get download -q "${packages[@]}")

for header in /usr/local/cuda/include/nccl.h /usr/include/nccl.h; do
  [ -e "$header" ] || continue
  mkdir -p "$folder/include"
  cp "$header" "$folder/include/"
  break
done
du -sh "$folder"
