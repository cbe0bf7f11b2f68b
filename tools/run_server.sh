#!/bin/sh
# Runs a server with its built-in configuration and prints commands to try: tools/run_server.sh <quoll>.
# tools/run_server.sh --try N prints only the Nth of these commands, for a shell; a test runs each of them twice on a plain Debian 12.
set -eu

as_root=
[ "$(id -u)" -eq 0 ] || as_root="sudo "

try() {
  case $1 in
    1) echo "bash -c 'exec 3<>/dev/tcp/127.0.0.1/2181; printf srvr >&3; cat <&3'" ;;
    2)
      cat <<END
${as_root}apt-get install -y --no-install-recommends zookeeper-bin
/usr/lib/zookeeper/bin/cli_mt 127.0.0.1:2181 "cmd:ls /"
END
      ;;
    3)
      cat <<END
${as_root}apt-get install -y python3-venv
python3 -m venv build/kazoo && build/kazoo/bin/pip install -q kazoo
build/kazoo/bin/python -c '
from kazoo.client import KazooClient
zk = KazooClient("127.0.0.1:2181"); zk.start()
zk.ensure_path("/hello"); zk.set("/hello", b"world"); print(zk.get("/hello")); zk.stop()'
END
      ;;
    *) return 1 ;;
  esac
}

if [ "${1-}" = --try ]; then
  try "$2"
  exit
fi

quoll=$1
mkdir -p data
cat <<END

A Quoll server starts here now and runs until Ctrl-C.
  clients      127.0.0.1:2181, ZooKeeper's protocol
  data         $(pwd)/data
  settings     built in; for your own, copy conf/zoo_sample.cfg to zoo.cfg and run: $quoll server zoo.cfg
               ($quoll server --check zoo.cfg looks for mistakes; docs/configuration.md has every key)

Open a shell on it in another terminal, in $(pwd); help lists its commands:

$quoll shell

Or try one of these there:

1. Ask for its state, with what every Debian has:
$(try 1)

2. Look at its znodes with ZooKeeper's C client:
$(try 2)

3. Write and read from Python:
$(try 3)

END
exec "$quoll" server
