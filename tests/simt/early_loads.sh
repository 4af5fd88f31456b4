#!/usr/bin/env bash
# early_loads.sh NVCC SOURCE_DIR: in the machine code for sm_90 of every skinny product, and of the norm of
# few rows, loads of weights stand before the wait for the kernel before it. That is what programmatic
# dependent launch is for, and the compiler is free to undo it.
set -euo pipefail
nvcc=$1
source_dir=$2
[ -x "$nvcc" ] || { echo "SKIPPED: no nvcc was found"; exit 77; }
PATH=$(dirname "$nvcc"):$PATH
{ command -v cuobjdump && command -v nvdisasm; } >/dev/null ||
  { echo "SKIPPED: cuobjdump and nvdisasm, parts of the CUDA toolkit, are not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for kernel in skinny_gemm norm; do
  "$nvcc" -std=c++20 -arch=sm_90 --expt-relaxed-constexpr -I"$source_dir/include" \
    -I"$source_dir/plugins" -cubin "$source_dir/plugins/turbomind/cuda/kernels/$kernel.cu" \
    -o "$folder/$kernel.cubin"
  cuobjdump -sass "$folder/$kernel.cubin"
done | c++filt | awk '
  /Function :/ {
    name = $0; sub(/.*Function : /, "", name); loads = 0; waits = 0
    is_early = name !~ /norm_kernel<.*, false>/
    kernels += is_early
  }
  / LDG/ { if (!waits) ++loads }
  / ACQBULK/ {
    if (waits++ || !is_early) next
    ++early
    if (loads == 0) { print "no load before the wait: " name; bad = 1 }
  }
  END {
    printf "%d kernels, %d with a wait\n", kernels, early
    exit bad || kernels == 0 || early < kernels
  }'
