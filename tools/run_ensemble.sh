#!/bin/sh
# Runs three servers on this machine as one ensemble, until Ctrl-C, and prints commands to try:
#   tools/run_ensemble.sh <quoll> [first client port] [first quorum port] [first election port]
# tools/run_ensemble.sh --try N prints only the Nth of these commands, for a shell; a test runs them.
set -eu

try() {
  case $1 in
    1)
      cat <<'END'
for port in 2181 2182 2183; do
  bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; printf srvr >&3; grep -E 'Mode|not' <&3"
done
END
      ;;
    2) echo 'kill $(cat data/3/pid); tail -f data/1/server.log' ;;
    3) echo 'build/quoll server data/3/zoo.cfg' ;;
    *) return 1 ;;
  esac
}

if [ "${1-}" = --try ]; then
  try "$2"
  exit
fi

quoll=$1
client=${2-2181}
quorum=${3-2888}
election=${4-3888}

server_line() {
  n=$(($1 - 1))
  echo "server.$1=127.0.0.1:$((quorum + n)):$((election + n));$((client + n))"
}

prepare() {
  mkdir -p "data/$1"
  echo "$1" >"data/$1/myid"
  cat >"data/$1/zoo.cfg" <<END
# Written by tools/run_ensemble.sh at each start.
tickTime=2000
initLimit=10
syncLimit=5
dataDir=$(pwd)/data/$1
4lw.commands.whitelist=srvr,stat,mntr,conf
admin.serverAddress=127.0.0.1
admin.serverPort=808$1
$(server_line 1)
$(server_line 2)
$(server_line 3)
END
}

pids=
stop() {
  trap '' INT TERM
  for pid in $pids; do kill "$pid" 2>/dev/null || :; done
  wait
  rm -f data/1/pid data/2/pid data/3/pid
  echo "All three have stopped. Their data stays in $(pwd)/data."
  exit 0
}
trap stop INT TERM

for n in 1 2 3; do
  prepare $n
  "$quoll" server "data/$n/zoo.cfg" </dev/null >>"data/$n/server.log" 2>&1 &
  echo $! >"data/$n/pid"
  pids="$pids $!"
done

cat <<END

Three Quoll servers start here now as one ensemble, and run until Ctrl-C.
  clients      127.0.0.1:$client, 127.0.0.1:$((client + 1)) and 127.0.0.1:$((client + 2)), ZooKeeper's protocol
  data         $(pwd)/data/1, 2 and 3, each with its zoo.cfg, myid and server.log
  settings     docs/ensemble.md says what they mean, and how to run the servers on three machines

Open a shell on them in another terminal, in $(pwd); help lists its commands:

$quoll shell -server 127.0.0.1:$client,127.0.0.1:$((client + 1)),127.0.0.1:$((client + 2))

Or try these there:

1. Ask each for its role; one is the leader a moment from now:
$(try 1)

2. Stop the third, and see in the log how the others go on without it:
$(try 2)

3. Start it again; it gets what it has missed:
$(try 3)

END

for n in 1 2 3; do
  # A signal ends this wait, too, and then the trap ends the script.
  wait "$(cat "data/$n/pid" 2>/dev/null || echo 0)" 2>/dev/null || :
  echo "Server $n has ended; the end of data/$n/server.log:"
  tail -n 3 "data/$n/server.log"
done
echo "None of the three runs any more."
exit 1
