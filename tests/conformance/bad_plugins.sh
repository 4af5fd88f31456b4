#!/usr/bin/env bash
# Each plugin that is wrong in one way must fail the case that is named for it, and no other one.
# Prints a table of what each failed.
# usage: bad_plugins.sh LMBENCH FOLDER
set -euo pipefail
lmbench=$1
folder=$2

# What each must fail: one case, or the few that one wrong cannot but fail together.
expected() {
  case $1 in
    honest) ;;
    aborts_in_constructor | unresolved_symbol) echo binary/binds-now ;;
    leaks_a_symbol) echo binary/exports-one-symbol ;;
    device_in_create) echo binary/describe-touches-no-device ;;
    leaks_memory) echo lifecycle/create-destroy-20-times ;;
    ignores_unknown_key) echo lifecycle/unknown-key-named ;;
    silent_error) echo lifecycle/error-has-text ;;
    answers_any_extension) echo lifecycle/unknown-extension-null ;;
    two_terminals) echo events/one-terminal ;;
    no_terminal) echo events/one-terminal concurrency/overload-loses-nothing ;;
    tokens_after_terminal | reorders) echo events/in-order ;;
    miscounts) echo events/counts-add-up ;;
    event_for_refused | throws_in_submit) echo events/none-for-refused ;;
    event_after_destroy) echo events/none-after-destroy ;;
    overload_drops_one) echo concurrency/overload-loses-nothing ;;
    caches_answers) echo honesty/repeated-prompt-not-faster ;;
    overclaims) echo honesty/capabilities-hold ;;
    spins_when_idle) echo cost/idle-under-2-percent ;;
    *) echo "no case is named for $1" ;;
  esac
}

check_one() {
  "$lmbench" check "$folder/$1.so" --patience 2 >"$work/$1" 2>&1 || true
  grep -q ' passed, ' "$work/$1" || echo "fail  check-itself  $(tail -n 1 "$work/$1")" >>"$work/$1"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export -f check_one
export lmbench folder work
names=$(cd "$folder" && printf '%s\n' *.so | sed 's/\.so$//')
# They mostly wait, so many at once take hardly longer than one.
xargs -P 6 -I{} bash -c 'check_one {}' <<<"$names"

status=0
for name in $names; do
  failed=$(awk '$1 == "fail" { print $2 }' "$work/$name" | tr '\n' ' ' | sed 's/ $//')
  if [ "$failed" = "$(expected "$name" | tr '\n' ' ' | sed 's/ $//')" ]; then
    mark=ok
  else
    mark=WRONG
    status=1
  fi
  printf '%-5s  %-22s  %s\n' "$mark" "$name" "${failed:-nothing}"
  [ $mark = ok ] || grep -E '^fail' "$work/$name" || true
done
exit $status
