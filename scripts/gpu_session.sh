#!/usr/bin/env bash
# Builds, tests and measures the CUDA backend on a machine with a GPU, in ten minutes at most: kernel tests
# on the GPU, GB/s of each kernel beside the card's own read bandwidth, then InternLM-7B's cells.
# Each stage has a limit; what no longer fits is named as skipped. OUT gets session.md and all figures.
# usage: gpu_session.sh OUT
set -uo pipefail
out=$(realpath -m "${1:?usage: gpu_session.sh OUT}")
cd "$(dirname "$0")/.."
nvidia-smi --list-gpus >/dev/null 2>&1 || { echo 'no GPU here: nvidia-smi lists none' >&2; exit 77; }
mkdir -p "$out"
build=$PWD/build/cuda
limit_s=590
status=0

say() { printf '%s\n' "$*" | tee -a "$out/session.md"; }
left() { echo $((limit_s - SECONDS)); }

# stage NAME SECONDS COMMAND...: runs it within its limit and what is left; notes how it ended.
stage() {
  local name=$1 most=$2 rest
  shift 2
  rest=$(left)
  if [ "$rest" -lt $((most / 3)) ]; then
    say "- $name: **skipped**, $rest s are left"
    return 1
  fi
  local begin=$SECONDS code=0
  timeout "$((most < rest ? most : rest))" bash -c '"$@"' stage "$@" >"$out/$name.log" 2>&1 || code=$?
  case $code in
    0) say "- $name: ok, $((SECONDS - begin)) s" ;;
    124) say "- $name: **cut** after $((SECONDS - begin)) s" ;;
    *) say "- $name: **failed** ($code), see $name.log"; status=1 ;;
  esac
  return $code
}

: >"$out/session.md"
say "# A GPU session"
say ""
say "$(nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,clocks.max.mem,memory.total \
  --format=csv,noheader 2>&1 | head -1); lmbench $(git describe --always --dirty 2>/dev/null || echo '?')"
say ""

configure() {
  cmake -S . -B "$build" -G "$(command -v ninja >/dev/null && echo Ninja || echo 'Unix Makefiles')" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DLMBENCH_CUDA=on -DCMAKE_CUDA_ARCHITECTURES=90-real
}
export -f configure
export build
targets=(turbomind lmbench gpu_session gpu_decode_attention gpu_elementwise gpu_norm
  gpu_prefill_attention gpu_sampling gpu_skinny_gemm)
stage configure 60 configure || exit 1
stage build 240 cmake --build "$build" --parallel "$(nproc)" --target "${targets[@]}" || exit 1

for kernel in norm elementwise skinny_gemm decode_attention prefill_attention sampling; do
  stage "test_$kernel" 30 "$build/tests/gpu/gpu_$kernel"
done

# Greedy tokens of a random model: GPU = CPU, graphs = eager, early starts = none.
generate() {
  "$build/lmbench" generate --model models/smollm2-135m.toml --prompt-tokens 1,80,429,1168 \
    --max-new-tokens 32 --set engine.options.weights=dummy --set engine.options.dtype=bf16 \
    --set engine.options.session_len=256 "$@"
}
same_tokens() {
  local cpu gpu eager early
  cpu=$(generate --set engine.options.device=cpu) || return 1
  gpu=$(generate --set engine.options.device=cuda) || return 1
  eager=$(generate --set engine.options.device=cuda --set engine.options.cuda_graphs=off) || return 1
  early=$(generate --set engine.options.device=cuda --set engine.options.cuda_pdl=on) || return 1
  printf 'cpu   %s\ngpu   %s\neager %s\npdl   %s\n' "$cpu" "$gpu" "$eager" "$early"
  # CPU and GPU round differently: with random weights a near tie may part them; graphs and early starts may not.
  [ "$gpu" = "$eager" ] && [ "$gpu" = "$early" ] && [ "${cpu%%,*}" = "${gpu%%,*}" ]
}
export -f generate same_tokens
stage same_tokens 60 same_tokens
if stage kernels 120 "$build/tests/gpu/gpu_session" "$out"; then
  say ""
  say "$(cat "$out/kernels.md")"
  say ""
fi
stage model 300 "$build/lmbench" run scenarios/gpu_session.toml --out "$out/model"

# The same shape in Hugging Face transformers, where Python has it and time is left.
if python3 -c 'import torch, transformers' 2>/dev/null; then
  stage peer 60 python3 scripts/transformers_peer.py "$out/peer.json"
else
  say "- peer: **skipped**, Python has no torch and transformers here"
fi

if results=$(find "$out/model" -name results.csv 2>/dev/null | head -1) && [ -n "$results" ]; then
  say ""
  say "The model's cells, and their share of the limit, are in ${results#"$out"/}."
fi
say ""
say "$SECONDS s in all."
exit $status
