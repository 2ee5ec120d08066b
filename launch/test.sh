#!/usr/bin/env bash
# Sets up, builds release and runs every test. No questions; safe to run again.
# Tests on real data find it through TRUNKLINE_DATA (default: ../shared/data, where that exists); without it they skip.
set -euo pipefail
cd "$(dirname "$0")/.."
launch/build.sh release
if [ -z "${TRUNKLINE_DATA:-}" ] && [ -d ../shared/data ]; then
  TRUNKLINE_DATA=$(cd ../shared/data && pwd)
  export TRUNKLINE_DATA
fi
cores=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)
export OMP_NUM_THREADS=1
ctest --preset release -j "$cores" "$@"
