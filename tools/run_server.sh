#!/bin/sh
# Runs a server on its built-in configuration and says what to try next: tools/run_server.sh <quoll>.
set -eu

quoll=$1
mkdir -p data
cat <<END

A Quoll server is about to run here, until Ctrl-C.
  clients      127.0.0.1:2181, ZooKeeper's own protocol
  data         $(pwd)/data
  settings     built in; for your own, start from conf/zoo_sample.cfg and run: $quoll server zoo.cfg
               (every key: docs/configuration.md)

In another terminal, try one of these:
  echo srvr | nc 127.0.0.1 2181
  zkCli.sh -server 127.0.0.1:2181            Apache's shell, from its own package
  pip install kazoo, and then in python3:
    from kazoo.client import KazooClient
    zk = KazooClient("127.0.0.1:2181"); zk.start()
    zk.create("/hello", b"world"); print(zk.get("/hello"))

END
exec "$quoll" server
