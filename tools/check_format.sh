#!/bin/sh
# Fails, naming the lines, when a C++ file is not formatted as .clang-format says.
set -eu
cd "$(dirname "$0")/.."
git ls-files '*.cc' '*.h' | xargs clang-format-19 --dry-run -Werror
