#!/usr/bin/env bash
# Prints the znodes of a snapshot, with the arguments of Apache's zkSnapShotToolkit.sh. The lines are those of `quoll snapshot show`.
set -euo pipefail

usage() {
  echo "Usage: $0 [-d|-json] snapshot_file" >&2
  exit "$1"
}

files=()
form=()
for argument in "$@"; do
  case $argument in
    -json) form=(--json) ;;
    -d) echo "$0: -d has no effect: the data of znodes is not printed" >&2 ;;
    -h | --help) usage 0 ;;
    -*) usage 1 ;;
    *) files+=("$argument") ;;
  esac
done
[[ ${#files[@]} -eq 1 ]] || usage 1
exec "${QUOLL:-quoll}" snapshot show "${form[@]}" "${files[0]}"
