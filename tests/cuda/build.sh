#!/usr/bin/env bash
# build.sh SOURCE BUILD LIBTORCH: configures the cuda preset and compiles its communicators; exit code 77, with the
# reason, where CUDA, NCCL or a LibTorch with CUDA is missing.
set -u
source=$1 build=$2 libtorch=$3
mkdir -p "$build"
log=$build/configure.log
if ! (cd "$source" && cmake --preset cuda -B "$build" -DLIBTORCH="$libtorch" -DTRUNKLINE_TESTS=OFF) >"$log" 2>&1; then
  grep -q 'TRUNKLINE_CUDA: ' "$log" || { cat "$log"; exit 1; }
  echo "skipped: $(sed -n '/TRUNKLINE_CUDA: /,/^Call/{/^Call/!p}' "$log" | tr -s ' \n' ' ')"
  exit 77
fi
cmake --build "$build" --target trunkline_comm_cuda
