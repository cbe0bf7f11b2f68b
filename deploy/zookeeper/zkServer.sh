#!/usr/bin/env bash
# Starts and stops a server in the background, with the arguments, words and exit codes of Apache's zkServer.sh.
set -euo pipefail

ZOOBINDIR=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)

usage() {
  echo "Usage: $0 [--config <conf-dir>] {start|start-foreground|stop|version|restart|status|print-cmd} [<file in conf-dir, or a path>]" >&2
  exit 1
}

asked_dir=
if [[ ${1-} == --config ]]; then
  [[ -d ${2-} ]] || { echo "Error: --config needs a directory, not ${2-nothing}" >&2; exit 1; }
  asked_dir=$2
  shift 2
fi
# shellcheck source=deploy/zookeeper/zkEnv.sh
. "$ZOOBINDIR/zkEnv.sh"
action=${1-}
[[ -n $action ]] || usage
if [[ -n ${2-} ]]; then
  ZOOCFG=$2
  [[ $ZOOCFG == */* ]] || ZOOCFG=$ZOOCFGDIR/$ZOOCFG
fi

data_dir=$(value_of dataDir)
pid_file=${ZOOPIDFILE:-$data_dir/zookeeper_server.pid}
log_file=$ZOO_LOG_DIR/zookeeper-$(id -un)-server-${HOSTNAME:-$(uname -n)}.out
command=("$QUOLL" server "$ZOOCFG")

say_config() {
  echo "Using config: $ZOOCFG" >&2
}

need_config() {
  say_config
  [[ -r $ZOOCFG ]] || { echo "There is no $ZOOCFG, or it may not be read" >&2; exit 1; }
  [[ -n $data_dir ]] || { echo "$ZOOCFG has no line dataDir=" >&2; exit 1; }
}

# Root's files in the directory of another user would keep that user's server from starting.
become_owner_of_data() {
  local owner
  [[ $(id -u) -eq 0 && -d $data_dir ]] || return 0
  owner=$(stat -c %u "$data_dir")
  [[ $owner -ne 0 ]] || return 0
  command=(setpriv "--reuid=$owner" "--regid=$(stat -c %g "$data_dir")" --clear-groups "${command[@]}")
}

# The process that the pid file names, if it is a server. Apache's server may have written the file.
running() {
  local pid
  [[ -s $pid_file ]] || return 1
  pid=$(<"$pid_file")
  case $(cat "/proc/$pid/comm" 2>/dev/null) in
    quoll | java) echo "$pid" ;;
    *) return 1 ;;
  esac
}

start() {
  local pid
  echo -n "Starting zookeeper ... "
  if pid=$(running); then
    echo "already running as process $pid."
    exit 1
  fi
  mkdir -p "$data_dir" "$ZOO_LOG_DIR"
  become_owner_of_data
  nohup "${command[@]}" >>"$log_file" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$pid_file" || { kill "$pid"; echo "FAILED TO WRITE PID"; exit 1; }
  # What keeps a server from starting (its configuration, its directories, its ports) shows at once.
  for _ in {1..10}; do
    sleep 0.1
    if ! kill -0 "$pid" 2>/dev/null; then
      rm -f "$pid_file"
      echo "FAILED TO START"
      tail -n 1 "$log_file" >&2
      exit 1
    fi
  done
  echo "STARTED"
}

stop() {
  local pid waited=0
  echo -n "Stopping zookeeper ... "
  if [[ ! -f $pid_file ]]; then
    echo "no zookeeper to stop (could not find file $pid_file)"
    return
  fi
  if ! pid=$(running); then
    rm -f "$pid_file"
    echo "it does not run; removed $pid_file"
    return
  fi
  kill "$pid"
  while [[ -e /proc/$pid ]] && ! grep -q '^State:.*Z' "/proc/$pid/status" 2>/dev/null; do
    sleep 0.1
    waited=$((waited + 1))
    [[ $waited -lt 600 ]] || { echo "process $pid has not ended within 60 seconds" >&2; exit 1; }
  done
  rm -f "$pid_file"
  echo "STOPPED"
}

# The client port of this server's own line (server.N=...;[host:]port), if clientPort is not set.
port_of_server_line() {
  local lines=$ZOOCFG id dynamic
  dynamic=$(value_of dynamicConfigFile)
  [[ ! -r $dynamic ]] || lines=$dynamic
  id=$(head -n 1 "$data_dir/myid" 2>/dev/null) || return 0
  sed -n "s/^[[:blank:]]*server\.${id}[[:blank:]]*=.*;\(.*:\)\{0,1\}\([0-9]\{1,5\}\)[[:blank:]]*$/\2/p" "$lines" | tail -n 1
}

status() {
  local port host answer
  host=$(value_of clientPortAddress)
  host=${host:-localhost}
  port=$(value_of clientPort)
  [[ -n $port ]] || port=$(port_of_server_line)
  if [[ -z $port ]]; then
    echo "$ZOOCFG has no clientPort; a port with TLS only is not asked here" >&2
    exit 1
  fi
  echo "Client port found: $port. Client address: $host. Client SSL: false." >&2
  # Without a name service "localhost" may have no address.
  [[ $host != localhost ]] || host=127.0.0.1
  # shellcheck disable=SC2016  # the inner shell expands it
  answer=$(timeout 10 bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf srvr >&3 && cat <&3' - "$host" "$port" 2>/dev/null | grep '^Mode: ') || {
    echo "Error contacting service. It is probably not running." >&2
    exit 1
  }
  echo "$answer"
}

case $action in
  start) need_config; start ;;
  start-foreground) need_config; become_owner_of_data; exec "${command[@]}" ;;
  stop) need_config; stop ;;
  restart) need_config; stop; start ;;
  status) need_config; status ;;
  print-cmd) say_config; echo "${command[*]@Q}" ;;
  # Apache's words come first, for scripts that look for the number behind "version".
  version) "$QUOLL" server --version | sed -n 's/^\(quoll .*\), compatible with Apache ZooKeeper \(.*\)$/Apache ZooKeeper, version \2, by \1/p' ;;
  *) usage ;;
esac
