#!/usr/bin/env bash
# How often `lmbench ab` raises a false alarm, and how often it finds a build that is 3 % slower, in
# sessions of real processes on this machine: turns of one session of turbomind against itself and one
# against turbomind_slowed, which computes nothing for 3 % of each step. Prints a table of all sessions as Markdown.
# usage: real_calibration.sh [sessions of each kind, 20] [folder for the results]
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$PWD/build/release
sessions=${1:-20}
out=${2:-$(mktemp -d)}
mkdir -p "$out"
# All launches on one core, the first that we may use.
cpu=$(awk '/^Cpus_allowed_list/ { split($2, cpus, /[-,]/); print cpus[1] }' /proc/self/status)

# Prints one line for each gate of a session: kind, session, case, verdict, change, its interval, floor.
gates() {  # kind session folder
  awk -F, -v kind="$1" -v session="$2" '
    NR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i; next }
    $at["kind"] == "gate" {
      reason = $at["reason"] == "" ? "" : " (" $at["reason"] ")"
      print kind "," session "," $at["case_id"] "," $at["verdict"] reason "," $at["change"] "," \
            $at["change_low"] "," $at["change_high"] "," $at["noise_floor"]
    }' "$3/comparison.csv"
}

run_session() {  # kind session [arguments of lmbench ab]
  local kind=$1 session=$2 status=0
  shift 2
  local folder=$out/$kind-$session
  "$build/lmbench" ab scenarios/turbomind_ab.toml --set "engine.cpus='$cpu'" --out "$folder" \
    --base "$build/plugins/turbomind.so" "$@" >"$folder.txt" 2>&1 || status=$?
  case $status in
    0 | 1 | 4) ;;  # the verdicts; anything else is a failure of the session
    *) cat "$folder.txt" >&2; exit "$status" ;;
  esac
  rm -rf "$folder/launches"  # the raw events: a megabyte for each launch
  gates "$kind" "$session" "$folder" | tee -a "$out/gates.csv"
}

: >"$out/gates.csv"
for ((session = 1; session <= sessions; ++session)); do
  run_session same "$session" --candidate "$build/plugins/turbomind.so" --aa
  run_session slower "$session" --candidate "$build/tests/perf/turbomind_slowed.so"
done

awk -F, '
  function median(values, n,   i, j, t) {
    for (i = 2; i <= n; ++i) for (j = i; j > 1 && values[j] < values[j - 1]; --j) {
      t = values[j]; values[j] = values[j - 1]; values[j - 1] = t
    }
    return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
  }
  {
    key = $1 "," $3
    if (!(key in gates)) order[++keys] = key
    ++gates[key]
    split($4, verdict, " ")
    ++count[key, verdict[1]]
    if ($6 > 0 || $7 < 0) ++apart[key]
    change[key, gates[key]] = $5; half[key, gates[key]] = ($7 - $6) / 2; floor[key, gates[key]] = $8
  }
  END {
    print "| candidate | case | sessions | FASTER | SLOWER | SAME | UNCLEAR | INVALID | interval without 0 | change, median | half-width, median | noise floor, median |"
    print "|---|---|---|---|---|---|---|---|---|---|---|---|"
    for (k = 1; k <= keys; ++k) {
      key = order[k]; n = gates[key]; split(key, part, ",")
      for (i = 1; i <= n; ++i) { c[i] = change[key, i]; h[i] = half[key, i]; f[i] = floor[key, i] }
      printf "| %s | %s | %d | %d | %d | %d | %d | %d | %d | %+.2f %% | %.2f %% | %.2f %% |\n", part[1], part[2], n,
        count[key, "FASTER"], count[key, "SLOWER"], count[key, "SAME"], count[key, "UNCLEAR"], count[key, "INVALID"],
        apart[key], median(c, n), median(h, n), median(f, n)
    }
  }' "$out/gates.csv"
echo "all sessions: $out/gates.csv"
