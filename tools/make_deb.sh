#!/bin/sh
# Builds the Debian packages from the files of this tree into <folder>: tools/make_deb.sh [build/deb]. tools/install_packages.sh build package
# installs what it needs.
set -eu

cd "$(dirname "$0")/.."
folder=${1-build/deb}
rm -rf "$folder"
mkdir -p "$folder/quoll"
git ls-files -z --cached --others --exclude-standard | tar --null --no-recursion --ignore-failed-read -T - -cf - | tar -C "$folder/quoll" -xf -
cd "$folder/quoll"
# debhelper gives a build a home of its own, without the compiler's cache.
CCACHE_DIR=${CCACHE_DIR:-$(ccache --get-config cache_dir 2>/dev/null || echo "$HOME/.cache/ccache")} \
  DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:+$DEB_BUILD_OPTIONS }parallel=${JOBS:-$(nproc)}" dpkg-buildpackage --build=binary --no-sign
cd ..
rm -rf quoll
ls ./*.deb
