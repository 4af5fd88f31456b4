#!/usr/bin/env bash
# launched.sh RANK TEST: a launcher's job of two ranks on fake GPUs, whose command is the test.
set -euo pipefail
rank=$1
test=$2
job=(env WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$((20000 + $$ % 20000)))

FAKE_GPU_DEVICES=2 "${job[@]}" RANK=1 LOCAL_RANK=1 timeout 200 "$rank" -- true &
"${job[@]}" RANK=0 LOCAL_RANK=0 timeout 200 "$rank" -- "$test"
wait $!
