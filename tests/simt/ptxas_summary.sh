#!/usr/bin/env bash
# ptxas_summary.sh NVCC SOURCE_DIR KERNEL.cu...: compiles each kernel for sm_80 and sm_90 and prints
# what ptxas gave every instance. Fails where one spills registers or keeps a stack frame: a kernel that
# streams memory must not wait for its own.
set -euo pipefail
nvcc=$1
source_dir=$2
shift 2
[ -x "$nvcc" ] || { echo "SKIPPED: no nvcc was found"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

printf '%-20s %-6s %5s %-33s %5s %6s %7s\n' kernel arch count instance regs smem spilled
bad=0
for kernel; do
  for arch in sm_80 sm_90; do
    name=$(basename "$kernel" .cu)
    "$nvcc" -std=c++20 -arch=$arch --expt-relaxed-constexpr -Werror all-warnings \
      --ptxas-options=-v -I"$source_dir/include" -I"$source_dir/plugins" -c "$kernel" \
      -o "$folder/kernel.o" 2>"$folder/log"
    # Three lines per instance: its name, its stack and spills, its registers and shared memory.
    c++filt <"$folder/log" | awk -v name="$name" -v arch="$arch" '
      /Compiling entry function/ {
        match($0, /[a-z_]+_kernel(<[^(]*>)?\(/); instance = substr($0, RSTART, RLENGTH - 1)
        gsub(/turbomind::cuda::|\(int\)|<unnamed>::|\(anonymous namespace\)::|\(bool\)|__nv_|__/, "", instance)
      }
      /bytes stack frame/ { stack = $1; spilled = $5 + $9 }
      /Used [0-9]+ registers/ {
        match($0, /Used [0-9]+/); registers = substr($0, RSTART + 5, RLENGTH - 5)
        shared = 0
        if (match($0, /[0-9]+ bytes smem/)) shared = substr($0, RSTART, RLENGTH - 11)
        key = sprintf("%-33.33s %5d %6d %7d", instance, registers, shared, spilled)
        if (!(key in count)) order[++n] = key
        ++count[key]
        if (stack > 0 || spilled > 0) bad = 1
      }
      END {
        for (i = 1; i <= n; ++i) printf "%-20s %-6s %5d %s\n", name, arch, count[order[i]], order[i]
        exit bad
      }' || bad=1
  done
done
[ $bad = 0 ] || echo 'a kernel spills registers or has a stack frame'
exit $bad
