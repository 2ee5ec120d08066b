#!/usr/bin/env bash
# Installs what trunkline is built from, on Debian 12, and says where LibTorch is.
#
#   launch/setup.sh            installs what is missing; asks nothing; safe to run again
#   source launch/setup.sh     the same, and exports LIBTORCH for the calling shell
#   launch/setup.sh cuda       a LibTorch that can use GPUs, with NCCL and the CUDA libraries it needs (3.8 GB in
#                              .deps/cuda; no CUDA toolkit is needed, a driver only to run)
#
# LibTorch is taken from the first of: $LIBTORCH (or $TRUNKLINE_PREFIX/libtorch), an importable
# Python torch of the tested version, a slim set of wheels in .deps/ (1.3 GB, about 20 s).

tested_torch=2.11
slim_wheels=(torch==2.11.0 nvidia-cuda-cupti==13.0.85 nvidia-cuda-runtime==13.0.96)
cuda_wheels=("${slim_wheels[@]}" nvidia-cuda-crt==13.0.88 nvidia-cuda-nvrtc==13.0.88 nvidia-cublas==13.1.0.3
  nvidia-cudnn-cu13==9.19.0.56 nvidia-cufft==12.0.0.61 nvidia-cufile==1.15.1.6 nvidia-curand==10.4.0.35
  nvidia-cusolver==12.0.4.66 nvidia-cusparse==12.6.3.3 nvidia-cusparselt-cu13==0.8.0 nvidia-nccl-cu13==2.28.9
  nvidia-nvjitlink==13.0.88 nvidia-nvshmem-cu13==3.4.5)
packages=(build-essential cmake ninja-build ccache pkg-config libopenmpi-dev openmpi-bin
  libhdf5-dev libyaml-cpp-dev libcli11-dev nlohmann-json3-dev libspdlog-dev libgtest-dev
  libxxhash-dev zlib1g-dev python3 python3-pip)

setup_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Cores that builds and tests may use; nproc alone obeys OMP_NUM_THREADS, which is about something else.
setup_cores() { env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc; }

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

# setup_wheels FOLDER SIZE WHEELS…: LibTorch and what it needs, in .deps/FOLDER. One call for all of them: the wheels
# share the folder nvidia/, which a second call would not add to.
setup_wheels() {
  local home=$setup_root/.deps/$1 size=$2; shift 2
  if [ ! -f "$home/complete" ]; then
    echo "setup: fetching LibTorch $tested_torch ($size) into .deps/" >&2
    rm -rf "$home"
    PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet \
      --disable-pip-version-check --no-deps --target "$home" "$@" >&2 ||
      { setup_fail "LibTorch could not be fetched; set LIBTORCH to a folder that has include/ and lib/"; return 1; }
    touch "$home/complete"
  fi
  echo "$home/torch"
}

setup_libtorch() {
  local kind=$1 library=libtorch_cpu.so
  local home=${LIBTORCH:-${TRUNKLINE_PREFIX:+$TRUNKLINE_PREFIX/libtorch}}
  [ "$kind" = cuda ] && library=libtorch_cuda.so
  if [ -n "$home" ]; then
    [ -f "$home/lib/$library" ] || { setup_fail "LIBTORCH=$home has no lib/$library"; return 1; }
  elif home=$(setup_python_torch) && [ -f "$home/lib/$library" ]; then
    :
  elif [ "$kind" = cuda ]; then
    home=$(setup_wheels cuda "3.8 GB" "${cuda_wheels[@]}") || return 1
  else
    home=$(setup_wheels python "1.3 GB" "${slim_wheels[@]}") || return 1
  fi
  echo "$home"
}

setup_all() {
  setup_packages || return 1
  LIBTORCH=$(setup_libtorch "$1") || return 1
  export LIBTORCH
  echo "setup: ready, LibTorch in ${LIBTORCH/#$setup_root\//}" >&2
}

setup_all "${1:-}" || { [ "${BASH_SOURCE[0]}" = "$0" ] && exit 1; return 1; }
