#!/usr/bin/env bash
# launcher.sh BUILD KIND: jobs of turbomind_rank as launchers start them, on a small random model, give
# the tokens that one rank gives. KIND: torchrun, mpirun or srun (their variables, two and four ranks of
# this host), or namespaces (two network namespaces with a wire between them, as two hosts have).
set -euo pipefail
build=$1
kind=$2
folder=$(mktemp -d)
namespaces=()
clean_up() {
  kill $(jobs -p) 2>/dev/null || true
  for namespace in "${namespaces[@]}"; do ip netns delete "$namespace"; done
  rm -rf "$folder"
}
trap clean_up EXIT
cd "$folder"

generate=("$build/lmbench" generate --model models/quickstart.toml --prompt-tokens 1,80,429,1168
  --max-new-tokens 6 --set engine.options.weights=dummy --set engine.options.device=cpu
  --set engine.options.session_len=64)
expected=$("${generate[@]}")
port=$((20000 + $$ % 20000))

# place RANK RANKS: the variables that the launcher would set.
place() {
  case $kind in
    torchrun) echo RANK=$1 WORLD_SIZE=$2 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port ;;
    mpirun) echo OMPI_COMM_WORLD_RANK=$1 OMPI_COMM_WORLD_SIZE=$2 OMPI_COMM_WORLD_LOCAL_SIZE=$2 \
      MASTER_PORT=$port ;;
    srun) echo SLURM_PROCID=$1 SLURM_NTASKS=$2 SLURM_NODELIST=localhost MASTER_PORT=$port ;;
    namespaces) echo RANK=$1 WORLD_SIZE=$2 MASTER_ADDR=10.211.0.1 MASTER_PORT=$port ;;
  esac
}

# Where a rank runs.
host() { :; }

if [ "$kind" = namespaces ]; then
  first=lmbench-$$-0
  second=lmbench-$$-1
  if ! command -v ip >/dev/null || ! ip netns add "$first" 2>"$folder/why"; then
    echo "SKIPPED: no network namespaces here: $(cat "$folder/why" 2>/dev/null || echo no iproute2)"
    exit 77
  fi
  namespaces+=("$first")
  ip netns add "$second"
  namespaces+=("$second")
  if ! ip link add lmb$$a netns "$first" type veth peer name lmb$$b netns "$second" \
    2>"$folder/why"; then
    echo "SKIPPED: no pairs of virtual wires here: $(cat "$folder/why")"
    exit 77
  fi
  ip -n "$first" address add 10.211.0.1/24 dev lmb$$a
  ip -n "$second" address add 10.211.0.2/24 dev lmb$$b
  for i in "$first a" "$second b"; do
    ip -n "${i% *}" link set lo up
    ip -n "${i% *}" link set "lmb$$${i#* }" up
  done
  host() { echo ip netns exec "lmbench-$$-$(($1 % 2))"; }
fi

for ranks in 2 4; do
  for ((rank = 1; rank < ranks; ++rank)); do
    $(host $rank) env $(place $rank $ranks) timeout 100 "$build/turbomind_rank" -- true &
  done
  found=$($(host 0) env $(place 0 $ranks) timeout 100 "$build/turbomind_rank" -- "${generate[@]}" \
    --set engine.options.tp=$ranks)
  [ "$found" = "$expected" ] || { echo "$ranks ranks: $found instead of $expected"; exit 1; }
  wait  # every rank ends, with 0, when the command has
  echo "$ranks ranks of $kind: $found"
  port=$((port + 1))
done

# A run loads engines one after another; the ranks serve them all. The exit code is the command's.
env $(place 1 2 | sed "s/10.211.0.1/127.0.0.1/") timeout 100 "$build/turbomind_rank" -- true &
code=0
env $(place 0 2) timeout 100 "$build/turbomind_rank" -- bash -c \
  '"$@" && "$@" && exit 5' command "${generate[@]}" --set engine.options.tp=2 >"$folder/twice" || code=$?
wait
[ "$code" = 5 ] || { echo "the command's exit code became $code"; exit 1; }
[ "$(cat "$folder/twice")" = "$expected"$'\n'"$expected" ]

# A launcher that ends the job by a signal ends the command, too.
env $(place 1 2 | sed "s/10.211.0.1/127.0.0.1/") timeout 100 "$build/turbomind_rank" -- true &
other=$!
env $(place 0 2) "$build/turbomind_rank" -- bash -c 'echo $$ >command; exec sleep 100' &
first=$!
until [ -s command ] || ! kill -0 $first; do sleep 0.1; done
kill -TERM $first
code=0
wait $first || code=$?
wait $other
[ "$code" = 143 ] || { echo "a job that was told to end ended with $code"; exit 1; }
! kill -0 "$(cat command)" 2>/dev/null || { echo 'its command did not end'; exit 1; }
