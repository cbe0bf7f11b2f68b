#!/bin/sh
# Installs into build/peers/ what the tests with Apache's server need: Apache ZooKeeper 3.9.5 with its
# libraries (lib/), Apache Curator (curator/), a Python with kazoo and pytest (venv/), and Prometheus' promtool (promtool/). Does nothing if everything is there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
peers=${QUOLL_PEERS_DIR:-$root/build/peers}

install_packages() {
  missing=
  command -v java >/dev/null && command -v javac >/dev/null || missing="$missing default-jdk-headless"
  command -v mvn >/dev/null || missing="$missing maven"
  [ -e /usr/include/zookeeper/zookeeper.h ] || missing="$missing libzookeeper-mt-dev"
  [ -x /usr/bin/cli_mt ] || [ -x /usr/lib/zookeeper/bin/cli_mt ] || command -v cli_mt >/dev/null || missing="$missing zookeeper-bin"
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
  [ -z "$missing" ] && return
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "These tests need packages; install them as root:$missing" >&2; exit 1; }
    as_root=sudo
  fi
  $as_root apt-get update -q
  # shellcheck disable=SC2086  # a list of names
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}

# The stamp is a copy of the list that was installed, so a changed list is installed again.
install_jars() {
  cmp -s "$here/pom.xml" "$peers/pom.stamp" && return
  rm -rf "$peers/lib"
  mvn -q -B -Dstyle.color=never -f "$here/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$peers/lib" -DincludeScope=runtime
  cp "$here/pom.xml" "$peers/pom.stamp"
}

install_curator() {
  cmp -s "$here/curator.pom.xml" "$peers/curator.stamp" && return
  rm -rf "$peers/curator"
  mvn -q -B -Dstyle.color=never -f "$here/curator.pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$peers/curator" -DincludeScope=runtime
  cp "$here/curator.pom.xml" "$peers/curator.stamp"
}

install_python() {
  cmp -s "$here/requirements.txt" "$peers/requirements.stamp" && return
  rm -rf "$peers/venv"
  python3 -m venv "$peers/venv"
  "$peers/venv/bin/pip" install -q -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$peers/requirements.stamp"
}

# The programs alone: the package would start a service.
install_promtool() {
  [ ! -x "$peers/promtool/usr/bin/promtool" ] || return 0
  rm -rf "$peers/promtool"
  mkdir -p "$peers/promtool"
  as_root=
  [ "$(id -u)" -eq 0 ] || as_root=sudo
  # The lists of packages may be missing.
  (cd "$peers/promtool" && { apt-get -q download prometheus || { $as_root apt-get update -q && apt-get -q download prometheus; }; } &&
    dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb)
}

mkdir -p "$peers"
install_packages
install_jars
install_curator
install_python
# Only tests/deploy/test_monitoring.py needs it, and fails without.
install_promtool || echo "Prometheus could not be downloaded; its tests will fail" >&2
