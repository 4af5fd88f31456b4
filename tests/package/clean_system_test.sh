#!/usr/bin/env bash
# The Debian package on a system that has nothing: a fresh Debian in a folder, apt with what the
# package asks for, the whole quickstart scenario, then an engine from the template. Takes minutes,
# root, debootstrap and a Debian mirror, so it runs when LMBENCH_CLEAN_SYSTEM=1 is set; exit code 77
# otherwise.
# usage: clean_system_test.sh <build folder>
set -euo pipefail
build=$1
[ "${LMBENCH_CLEAN_SYSTEM:-}" = 1 ] || { echo 'skipped: LMBENCH_CLEAN_SYSTEM=1 is not set'; exit 77; }
for tool in cpack debootstrap file unshare; do
  command -v $tool >/dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo 'skipped: debootstrap needs root'; exit 77; }
place=$(mktemp -d)
trap 'rm -rf --one-file-system "$place"' EXIT

root=$place/root
debootstrap --variant=minbase bookworm "$root" ${LMBENCH_DEBIAN_MIRROR:+"$LMBENCH_DEBIAN_MIRROR"}
cpack --config "$build/CPackConfig.cmake" -B "$place"
cp "$place"/lmbench_*.deb "$root/root/lmbench.deb"
cp /etc/resolv.conf "$root/etc/resolv.conf"

cat >"$root/root/as_a_user.sh" <<'END'
set -euo pipefail
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; }
apt-get update -q
install /root/lmbench.deb
cd /root
lmbench run scenarios/quickstart.toml --out results

install cmake make g++
cp -r /usr/share/lmbench/examples/engine_template my_engine
cd my_engine
awk '/^```$/ { inside = 0 } inside { print } /^```sh$/ { inside = 1 }' README.md >commands.sh
bash -euxo pipefail commands.sh
END

# In a mount namespace of its own, so that /proc goes with it however this ends.
unshare --mount --pid --fork bash -euo pipefail -c 'mount -t proc proc "$0/proc"
  exec env --ignore-environment PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    ${http_proxy:+http_proxy="$http_proxy"} chroot "$0" bash /root/as_a_user.sh' "$root"
[ "$(grep --count ',ok,' "$root/root/results/results.csv")" = 6 ]
[ "$(cat "$root"/root/my_engine/results/echo-*/results.csv | grep --count ',ok,')" = 2 ]
