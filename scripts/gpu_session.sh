#!/usr/bin/env bash
# Builds, tests and measures the CUDA backend on a machine with a GPU, in ten minutes at most. Each
# stage has a limit; what no longer fits is named as skipped. OUT/session.md and OUT/session.json are
# written anew after every stage, so that a cut loses nothing.
# usage: gpu_session.sh OUT [PACKAGES]
#   PACKAGES: a folder of gpu_session_packages.sh, for a machine without lmbench's dependencies
#   REVISION: of lmbench, where the tree has come without .git
#   LIMIT_S=590: seconds in all; the stages' limits grow and shrink with it
# Exit code 1: a stage failed or was cut; 77: no GPU.
set -uo pipefail
out=$(realpath -m "${1:?usage: gpu_session.sh OUT [PACKAGES]}")
packages=${2:+$(realpath -m "$2")}
cd "$(dirname "$0")/.." || exit 2
nvidia-smi --list-gpus >/dev/null 2>&1 || { echo 'no GPU here: nvidia-smi lists none' >&2; exit 77; }
mkdir -p "$out"
build=$PWD/build/cuda
usual_s=590
limit_s=${LIMIT_S:-$usual_s}
status=0
revision=${REVISION:-$(git describe --always --dirty 2>/dev/null || echo 'of unknown revision')}

# What the packages' folder has, unpacked beneath build/: the system stays as it is. At run time none of
# it is needed, as what lmbench uses of it is headers and a static library.
use_packages() {
  local root=$PWD/build/packages deb multiarch
  multiarch=$(g++ -print-multiarch) || return 1
  rm -rf "$root"
  mkdir -p "$root"
  for deb in "$packages"/*.deb; do dpkg -x "$deb" "$root" || return 1; done
  export CMAKE_PREFIX_PATH=$root/usr
  export CPLUS_INCLUDE_PATH=$root/usr/include:$root/usr/include/$multiarch
}

# PyTorch comes with cuBLAS and NCCL as packages of pip, which the toolkit may lack. The headers that fit
# these libraries come first.
use_pip_libraries() {
  local folder known
  known=$(ldconfig -p 2>/dev/null)
  for folder in $(python3 -c 'import nvidia
for root in nvidia.__path__: print(root + "/cu13", root + "/cublas", root + "/nccl")' 2>/dev/null); do
    if [ -d "$folder/include" ]; then cuda_headers+="$folder/include;"; fi
    if [ -e "$folder/lib/libcublasLt.so.13" ] && [[ $known != *libcublasLt.so.13* ]] ||
        [ -e "$folder/lib/libnccl.so.2" ] && [[ $known != *libnccl.so.2* ]]; then
      export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder/lib
    fi
  done
}

write_summary() {
  local name outcome seconds
  {
    printf '# A GPU session\n\n%s; lmbench %s\n\n' "$(sed -n 2p "$out/machine.csv")" "$revision"
    while IFS=, read -r name outcome seconds; do
      printf -- '- %s: %s, %s s\n' "$name" "$outcome" "$seconds"
    done < <(tail -n +2 "$out/stages.csv")
    printf '\n%s s in all.\n' "$SECONDS"
    if grep -qE '^(test_[a-z_]*|same_tokens),.*(failed|cut)' "$out/stages.csv"; then
      printf '\n**A test did not pass: the figures of the model may be those of wrong results.**\n'
    fi
    if [ -x "$build/tests/gpu/session_report" ]; then
      "$build/tests/gpu/session_report" "$out" configs/models/internlm-7b.toml "$revision" 2>&1
    fi
  } >"$out/session.md"
}

# note NAME OUTCOME SECONDS
note() {
  printf '%s,%s,%s\n' "$@" >>"$out/stages.csv"
  printf '%s: %s, %s s\n' "$@"
  write_summary
}

# stage NAME SECONDS COMMAND...: runs it within its limit and what is left; notes how it ended.
stage() {
  local name=$1 most=$(($2 * limit_s / usual_s)) rest=$((limit_s - SECONDS))
  shift 2
  if [ "$rest" -lt $((most / 3)) ]; then
    note "$name" "**skipped**: $rest s are left" 0
    return 1
  fi
  local begin=$SECONDS code=0 outcome
  timeout --kill-after=5 "$((most < rest ? most : rest))" bash -c '"$@"' stage "$@" \
    >"$out/$name.log" 2>&1 || code=$?
  case $code in
    0) outcome=ok ;;
    77) outcome="**skipped**: $(tail -n 1 "$out/$name.log" | tr ',' ';')" ;;
    124 | 137) outcome='**cut**' ;;
    *) outcome="**failed** ($code); see $name.log" ;;
  esac
  [ $code -eq 0 ] || [ $code -eq 77 ] || status=1
  note "$name" "$outcome" $((SECONDS - begin))
  return $code
}

rm -f "$out"/*.json
echo 'stage,outcome,seconds' >"$out/stages.csv"
nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,clocks.max.memory,memory.total,power.limit \
  --format=csv >"$out/machine.csv" 2>&1
for folder in /usr/local/cuda/bin /opt/nvidia/nsight-compute/*/; do PATH+=:$folder; done
cuda_headers=
if [ -n "$packages" ]; then
  use_packages || { echo "$packages holds packages that dpkg cannot unpack" >&2; exit 2; }
fi
use_pip_libraries
if [ -n "$packages" ]; then cuda_headers+=$packages/include; fi

# Without oneDNN: it makes large products on the CPU, which nothing here waits for.
configure() {
  cmake -S . -B "$build" -G "$(command -v ninja >/dev/null && echo Ninja || echo 'Unix Makefiles')" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CUDA_ARCHITECTURES=90-real \
    -DLMBENCH_CUDA=on -DLMBENCH_CUDA_HEADERS="$cuda_headers" -DLMBENCH_ONEDNN=OFF
}
export -f configure
export build cuda_headers
targets=(turbomind lmbench gpu_session session_report gpu_decode_attention gpu_elementwise gpu_norm
  gpu_prefill_attention gpu_sampling gpu_skinny_gemm)
stage configure 60 configure || exit 1
stage build 240 cmake --build "$build" --parallel "$(nproc)" --target "${targets[@]}" || exit 1

# A kernel whose test did not pass is not timed.
kernels=(norm elementwise skinny_gemm decode_attention prefill_attention sampling)
timed=()
for kernel in "${kernels[@]}"; do
  if stage "test_$kernel" 30 "$build/tests/gpu/gpu_$kernel"; then
    case $kernel in skinny_gemm | decode_attention | prefill_attention) timed+=("$kernel") ;; esac
  fi
done

# Greedy tokens of random models, without biases and with, after prompts that the skinny product and that
# cuBLASLt takes: graphs = eager, early starts = none. CPU and GPU round differently, and with random
# weights a near tie may part them: of the first tokens one may differ.
generate() {
  "$build/lmbench" generate --max-new-tokens 32 --set engine.options.weights=dummy \
    --set engine.options.dtype=bf16 --set engine.options.session_len=256 "$@"
}
same_tokens() {
  local model prompt cpu gpu eager early common strays=0
  sed -e 's/^\(head_num\|kv_head_num\) .*/\1 = 8/' -e 's/^num_layer .*/num_layer = 4/' \
    -e 's/^vocab_size .*/vocab_size = 8192/' -e 's/^inter_size .*/inter_size = 2816/' \
    configs/models/internlm-7b.toml >"$out/biased.toml"
  for model in models/smollm2-135m.toml "$out/biased.toml"; do
    for prompt in 1,80,429,1168 "$(seq -s, 3 152)"; do
      common=(--model "$model" --prompt-tokens "$prompt")
      cpu=$(generate "${common[@]}" --set engine.options.device=cpu) || return 1
      common+=(--set engine.options.device=cuda)
      gpu=$(generate "${common[@]}") || return 1
      eager=$(generate "${common[@]}" --set engine.options.cuda_graphs=off) || return 1
      early=$(generate "${common[@]}" --set engine.options.cuda_pdl=on) || return 1
      printf '%s\ncpu   %s\ngpu   %s\neager %s\npdl   %s\n' "$model" "$cpu" "$gpu" "$eager" "$early"
      [ "$gpu" = "$eager" ] && [ "$gpu" = "$early" ] || return 1
      [ "${cpu%%,*}" = "${gpu%%,*}" ] || strays=$((strays + 1))
    done
  done
  [ "$strays" -le 1 ]
}
export -f generate same_tokens
stage same_tokens 75 same_tokens
stage calibrate 20 "$build/tests/gpu/gpu_session" "$out" calibrate

# model NAME [KEY=VALUE...]: the scenario, or a part of it.
model() {
  local name=$1 settings=() setting
  shift
  for setting; do settings+=(--set "$setting"); done
  rm -rf "${out:?}/$name"
  "$build/lmbench" run scenarios/gpu_session.toml --out "$out/$name" "${settings[@]}"
}
export -f model
export out
stage model_1 75 model model_1 'matrix.concurrency=[1]'
if [ ${#timed[@]} -gt 0 ]; then
  stage kernels 90 "$build/tests/gpu/gpu_session" "$out" "${timed[@]}"
else
  note kernels '**skipped**: no kernel to be timed passed its test' 0
fi
stage model_pdl 45 model model_pdl engine.options.cuda_pdl=on 'matrix.concurrency=[1]' \
  'matrix.prompt_tokens=[128,2048]' 'matrix.completion_tokens=[128,128]'
stage model_16 60 model model_16 'matrix.concurrency=[16]'
stage model_32_64 130 model model_32_64 'matrix.concurrency=[32,64]'

# The same shape in Hugging Face transformers.
peer() {
  python3 -c 'import torch, transformers' 2>/dev/null ||
    { echo 'Python has no torch and transformers here'; return 77; }
  python3 scripts/transformers_peer.py "$out/peer.json"
}
export -f peer
stage peer 60 peer

# One small test of each kernel under each tool of compute-sanitizer, the cheapest tool first.
sanitize() {
  command -v compute-sanitizer >/dev/null || { echo 'there is no compute-sanitizer here'; return 77; }
  local tool pair code worst=0 log=$out/sanitizer.last
  for tool in memcheck synccheck racecheck; do
    for pair in 'norm=rows of any length*' 'elementwise=weights are transposed*' \
        'skinny_gemm=the residual takes*' 'decode_attention=one dominating score*' \
        'prefill_attention=chunks may begin*' 'sampling=ties*'; do
      code=0
      compute-sanitizer --tool "$tool" --error-exitcode 99 "$build/tests/gpu/gpu_${pair%%=*}" \
        --test-case="${pair#*=}" >"$log" 2>&1 || code=$?
      if grep -qi 'device not supported' "$log"; then
        echo 'compute-sanitizer does not support this device'
        return 77
      fi
      printf '%s %s: exit code %s\n' "$tool" "${pair%%=*}" "$code"
      if [ "$code" -ne 0 ]; then
        worst=1
        tail -n 40 "$log"
      fi
    done
  done
  return "$worst"
}
export -f sanitize
stage sanitizer 90 sanitize

# What the memory did during one run of each product and attention, where counters may be read.
counters() {
  command -v ncu >/dev/null || { echo 'there is no ncu here'; return 77; }
  local kernel log=$out/ncu.last code=0
  for kernel in "$@"; do
    ncu --clock-control none --kernel-name "regex:${kernel%%_*}" --launch-count 10 --kill yes --csv \
      --metrics gpu__time_duration.sum,dram__bytes_read.sum,dram__throughput.avg.pct_of_peak_sustained_elapsed,sm__throughput.avg.pct_of_peak_sustained_elapsed \
      "$build/tests/gpu/gpu_session" --once "$out" "$kernel" >"$log" 2>&1 || code=$?
    cat "$log"
    if grep -qE 'ERR_NVGPUCTRPERM|Failed to initialize the profiler' "$log"; then
      echo 'counters may not be read here'
      return 77
    fi
  done
  return "$code"
}
export -f counters
profiled=()
for kernel in "${timed[@]}"; do
  [ "$kernel" = prefill_attention ] || profiled+=("$kernel")
done
if [ ${#profiled[@]} -gt 0 ]; then stage ncu 40 counters "${profiled[@]}"; fi

write_summary
exit $status
