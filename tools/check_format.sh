#!/bin/sh
# Fails, and prints the lines, if a C++ file is not formatted according to .clang-format.
set -eu
cd "$(dirname "$0")/.."
git ls-files '*.cc' '*.h' | xargs clang-format-19 --dry-run -Werror
