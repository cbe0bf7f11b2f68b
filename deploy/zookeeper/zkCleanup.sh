#!/usr/bin/env bash
# Removes old snapshots and logs, with the arguments of Apache's zkCleanup.sh: [<dataLogDir> [<dataDir>]] -n <snapshots that stay, at least 3>.
# Without directories, those of zoo.cfg are cleaned.
set -euo pipefail

ZOOBINDIR=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# shellcheck source=deploy/zookeeper/zkEnv.sh
. "$ZOOBINDIR/zkEnv.sh"

usage() {
  echo "Usage: $0 [<dataLogDir> [<dataDir>]] -n <count>" >&2
  exit 1
}

folders=()
count=3
while [[ $# -gt 0 ]]; do
  case $1 in
    -n) count=${2-}; shift ;;
    -*) usage ;;
    *) folders+=("$1") ;;
  esac
  [[ $# -gt 0 ]] && shift
done
[[ $count =~ ^[0-9]+$ && ${#folders[@]} -le 2 ]] || usage

if [[ ${#folders[@]} -eq 0 ]]; then
  data_dir=$(value_of dataDir)
  log_dir=$(value_of dataLogDir)
  [[ -n $data_dir ]] || { echo "$ZOOCFG has no line dataDir=" >&2; exit 1; }
else
  log_dir=${folders[0]}
  data_dir=${folders[1]-$log_dir}
fi
exec "$QUOLL" purge "$data_dir" --log-dir "${log_dir:-$data_dir}" --keep "$count"
