#!/usr/bin/env bash
# Opens a session with an ensemble, or runs one command, with the arguments of Apache's zkCli.sh (quoll shell --help).
set -euo pipefail
exec "${QUOLL:-quoll}" shell "$@"
