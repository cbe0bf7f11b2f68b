#!/bin/sh
# Installs the packages that Quoll needs on Debian 12: tools/install_packages.sh [build] [lint] [peers] [trouble] [vm] [package]; the default is build.
# If they are all installed it does nothing, and needs no root.
set -eu

missing=
# A package counts as installed when dpkg says so.
need() {
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
  done
}
# A program may also have been installed without dpkg.
need_program() {
  command -v "$1" >/dev/null || missing="$missing $2"
}

[ $# -gt 0 ] || set -- build
for group in "$@"; do
  case $group in
    build)
      need_program g++ g++
      need_program cmake cmake
      need_program ninja ninja-build
      need_program ccache ccache
      need_program git git
      need_program python3 python3
      need libboost1.81-dev libcli11-dev libssl-dev libfmt-dev libspdlog-dev zlib1g-dev libsnappy-dev libgtest-dev libgmock-dev libboost-json1.81-dev libedit-dev
      ;;
    lint) need clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev shellcheck ;;
    peers)
      need_program javac default-jdk-headless
      need_program mvn maven
      need zookeeper-bin libzookeeper-mt-dev pkg-config
      python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
      ;;
    package) need debhelper dpkg-dev lintian debootstrap systemd-container ;;
    trouble) need libfuse3-dev fuse3 pkg-config ;;
    vm)
      need qemu-system-x86 busybox-static cpio e2fsprogs xfsprogs
      # Any Debian kernel works; the cloud kernel is the smallest.
      ls /boot/vmlinuz-* >/dev/null 2>&1 || missing="$missing linux-image-cloud-amd64"
      ;;
    *)
      echo "tools/install_packages.sh: unknown group: $group" >&2
      exit 2
      ;;
  esac
done

[ -n "$missing" ] || exit 0
as_root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Quoll needs these packages; install them as root:$missing" >&2; exit 1; }
  as_root=sudo
fi
echo "Installing:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086  # a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
