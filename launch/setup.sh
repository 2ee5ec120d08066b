#!/usr/bin/env bash
# Installs what trunkline is built from, on Debian 12, and says where LibTorch is.
#
#   launch/setup.sh            installs what is missing; asks nothing; safe to run again
#   source launch/setup.sh     the same, and exports LIBTORCH for the calling shell
#
# LibTorch is taken from the first of: $LIBTORCH (or $TRUNKLINE_PREFIX/libtorch), an importable
# Python torch of the tested version, a slim set of wheels in .deps/ (1.3 GB, about 20 s).

tested_torch=2.11
slim_wheels=(torch==2.11.0 nvidia-cuda-cupti==13.0.85 nvidia-cuda-runtime==13.0.96)
packages=(build-essential cmake ninja-build ccache pkg-config libopenmpi-dev openmpi-bin
  libhdf5-dev libyaml-cpp-dev libcli11-dev nlohmann-json3-dev libspdlog-dev libgtest-dev
  libxxhash-dev zlib1g-dev python3 python3-pip)

setup_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

setup_fail() { echo "setup: $*" >&2; return 1; }

setup_missing_packages() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

setup_packages() {
  local missing; missing=$(setup_missing_packages | tr '\n' ' ')
  [ -n "${missing// /}" ] || return 0
  command -v apt-get >/dev/null || { setup_fail "these packages are missing and apt-get is not here: $missing"; return 1; }
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { setup_fail "run as root or install sudo; missing: $missing"; return 1; }
    sudo=sudo
  fi
  echo "setup: installing $missing" >&2
  local log; log=$(mktemp)
  # shellcheck disable=SC2086
  if $sudo env DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 &&
     $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >>"$log" 2>&1; then
    rm -f "$log"
  else
    tail -n 20 "$log" >&2
    setup_fail "apt-get could not install: $missing"; return 1
  fi
}

# The folder that holds include/ and lib/ of the Python torch, if there is one of the tested version.
setup_python_torch() {
  python3 - "$tested_torch" <<'PY' 2>/dev/null
import importlib.util, pathlib, sys
spec = importlib.util.find_spec("torch")
home = pathlib.Path(spec.origin).parent
version = (home / "version.py").read_text().split("__version__ = ")[1].split()[0].strip("'\"")
sys.exit(1) if not version.startswith(sys.argv[1]) else print(home)
PY
}

setup_slim_torch() {
  local home=$setup_root/.deps/python
  if [ ! -f "$home/complete" ]; then
    echo "setup: fetching LibTorch $tested_torch (1.3 GB) into .deps/" >&2
    rm -rf "$home"
    PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet \
      --disable-pip-version-check --no-deps --target "$home" "${slim_wheels[@]}" >&2 ||
      { setup_fail "LibTorch could not be fetched; set LIBTORCH to a folder that has include/ and lib/"; return 1; }
    touch "$home/complete"
  fi
  echo "$home/torch"
}

setup_libtorch() {
  local home=${LIBTORCH:-${TRUNKLINE_PREFIX:+$TRUNKLINE_PREFIX/libtorch}}
  if [ -n "$home" ]; then
    [ -f "$home/lib/libtorch_cpu.so" ] || { setup_fail "LIBTORCH=$home has no lib/libtorch_cpu.so"; return 1; }
  else
    home=$(setup_python_torch) || home=$(setup_slim_torch) || return 1
  fi
  echo "$home"
}

setup_all() {
  setup_packages || return 1
  LIBTORCH=$(setup_libtorch) || return 1
  export LIBTORCH
  echo "setup: ready, LibTorch in ${LIBTORCH/#$setup_root\//}" >&2
}

setup_all || { [ "${BASH_SOURCE[0]}" = "$0" ] && exit 1; return 1; }
