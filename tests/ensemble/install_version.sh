#!/bin/sh
# Installs an older version of Apache ZooKeeper's server into build/peers/lib-VERSION, for mixed.py --apache: install_version.sh 3.8.4
set -eu

version=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
peers=${QUOLL_PEERS_DIR:-$root/build/peers}
"$here/../peers/install.sh"
[ ! -e "$peers/lib-$version" ] || exit 0
mvn -q -B -Dstyle.color=never -Dzookeeper.version="$version" -f "$here/older_peers.pom.xml" dependency:copy-dependencies \
  -DoutputDirectory="$peers/lib-$version.new" -DincludeScope=runtime
mv "$peers/lib-$version.new" "$peers/lib-$version"
