#!/usr/bin/env bash
# What users and broken builds give instead of a plugin: inspect, check and run must answer each with
# one clear sentence and the right exit code, in time, and never die themselves. Prints a table.
# usage: hostile_files.sh LMBENCH PLUGIN FOLDER_OF_BAD_PLUGINS
set -euo pipefail
lmbench=$(realpath "$1")
plugin=$(realpath "$2")
bad=$(realpath "$3")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_CACHE_HOME=$work/cache lmbench

# ---- the files ----------------------------------------------------------------------------------

byte_at() {  # file offset octal-byte
  printf "\\$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

mkdir files
: >files/empty.so
echo 'this is no library' >files/text.so
printf '\177ELF' >files/four_bytes.so
head -c 65536 /dev/urandom >files/noise.so
mkdir files/folder.so
mkfifo files/fifo.so
ln -s nowhere.so files/dangling_link.so
ln -s loop.so files/loop.so
cp "$plugin" files/32_bit.so && byte_at files/32_bit.so 4 001
cp "$plugin" files/big_endian.so && byte_at files/big_endian.so 5 002
cp "$plugin" files/other_machine.so && byte_at files/other_machine.so 18 267   # AArch64
cp "$plugin" files/no_shared_object.so && byte_at files/no_shared_object.so 16 001  # ET_REL
cp "$plugin" files/wild_sections.so && for at in 40 41 42 43 44 45; do byte_at files/wild_sections.so $at 377; done
size=$(stat -c %s "$plugin")
for percent in 1 10 50 90 99; do
  head -c $((size * percent / 100)) "$plugin" >"files/cut_at_${percent}_percent.so"
done
for name in aborts_in_constructor crashes_in_constructor endless_name exits_in_constructor \
  function_for_descriptor hangs_in_constructor makes_nothing missing_function missing_library no_create \
  no_name no_size no_symbol other_major other_major_inside refuses_create small_descriptor \
  throws_in_constructor wild_create wild_name wrong_magic; do
  cp "$bad/$name.so" "files/$name.so"
done

cat >plan.toml <<'PLAN'
[scenario]
name = "hostile"
[engine]
plugin = "set by --set"
[matrix]
concurrency = [1]
prompt_tokens = [4]
completion_tokens = [4]
[measure]
test_rounds = 1
warmup_rounds = 0
load_stall_timeout_s = 2.0
PLAN

# ---- the answers --------------------------------------------------------------------------------

ask() {  # name command...: exit code into name.command.code, its sentence into name.command.said
  local name=$1 command=$2 code=0
  shift 2
  timeout 60 "$lmbench" "$command" "$@" >"$name.$command.out" 2>"$name.$command.err" || code=$?
  echo $code >"$name.$command.code"
}

ask_all() {
  local file=./files/$1
  ask "$1" inspect "$file" --patience 2
  ask "$1" check "$file" --only '^binary/binds-now|^lifecycle/destroy-before' --patience 1
  ask "$1" run plan.toml --set "engine.plugin='$file'" --out "$1.results"
}
export -f ask ask_all
ls files | xargs -P 8 -I{} bash -c 'ask_all {}'

status=0
wrong() { echo "WRONG  $*"; status=1; }
for file in $(ls files); do
  for command in inspect check run; do
    code=$(cat "$file.$command.code")
    # check answers 1 where a case failed, 3 where the file is no library with our symbol.
    case $command.$code in
      inspect.3 | run.3 | check.3 | check.1) ;;
      *) wrong "lmbench $command of $file: exit code $code" ;;
    esac
    case $command.$code in
      check.1) grep --quiet '^fail' "$file.$command.out" || wrong "check of $file fails no case" ;;
      run.*)  # in the row of the case
        grep --quiet -E '^01-b1-p4-r4 +(bad_plugin|load_failed|crash|hang) .* [^ ]+$' "$file.run.out" ||
          wrong "lmbench run of $file does not say why"
        ;;
      *)
        said=$(grep --count '^lmbench: error: ' "$file.$command.err" || true)
        [ "$said" = 1 ] || wrong "lmbench $command of $file says $said sentences"
        ;;
    esac
  done
  printf '%-28s inspect %s  check %s  run %s  %s\n' "${file%.so}" "$(cat "$file.inspect.code")" \
    "$(cat "$file.check.code")" "$(cat "$file.run.code")" \
    "$(grep '^lmbench: error: ' "$file.inspect.err" | sed "s|^lmbench: error: ||; s|$work/files/||" || true)"
done

# As a plugin of a far later lmbench may look.
"$lmbench" inspect "$bad/huge_descriptor.so" >later.txt 2>&1 || true
grep --quiet '^engine *bad$' later.txt || wrong "a plugin with a larger descriptor is refused: $(cat later.txt)"
exit $status
