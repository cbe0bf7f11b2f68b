#!/bin/sh
# Runs the tests with Apache's server and its clients: tests/peers/run.sh [pattern] [pytest options and test files].
# The pattern goes to pytest's -k: `apache` does not need Quoll, `quoll` needs build/quoll.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
peers=${QUOLL_PEERS_DIR:-$root/build/peers}

"$here/install.sh"
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
  pattern=$1
  shift
  set -- -k "$pattern" "$@"
fi
cd "$here"
exec "$peers/venv/bin/python" -m pytest -p no:cacheprovider --rootdir="$here" "$@"
