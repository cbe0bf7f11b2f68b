#!/usr/bin/env bash
# Prints the transactions of a log, with the arguments of Apache's zkTxnLogToolkit.sh. The lines are those of `quoll log show`.
set -euo pipefail

usage() {
  echo "Usage: $0 [-d] [-v] <txn_log_file_name>" >&2
  exit "$1"
}

files=()
for argument in "$@"; do
  case $argument in
    -d | --dump | -v | --verbose) ;;
    -h | --help) usage 0 ;;
    -r | --recover | -y | --yes)
      echo "$0: $argument is not offered: it would give wrong bytes a right checksum. quoll log verify FILE says where they are; quoll log repair" \
        "DATA_DIR cuts off a torn end as a start of the server does" >&2
      exit 2
      ;;
    -*) usage 1 ;;
    *) files+=("$argument") ;;
  esac
done
[[ ${#files[@]} -eq 1 ]] || usage 1
exec "${QUOLL:-quoll}" log show "${files[0]}"
