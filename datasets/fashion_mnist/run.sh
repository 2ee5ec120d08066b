#!/usr/bin/env bash
# Fashion-MNIST on two ranks; writes results.json beside this file.
#   TRUNKLINE_DATA=… datasets/fashion_mnist/run.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/fashion_mnist} data=$root/data/fashion_mnist.h5
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$out" "$root/data"
[ -f "$data" ] ||
  "$program" data convert mnist-idx "${TRUNKLINE_DATA:?set it to the folder that holds fashion_mnist/}/fashion_mnist" "$data"
mpirun --oversubscribe -n 2 "$program" train "$here/config.yaml" run.dir="$out/seed-1" --resume
"$program" evaluate "$out/seed-1" --split test --json "$out/test.json"
python3 - "$out/test.json" "$here/results.json" <<'PY'
import json, sys
json.dump({"test": json.load(open(sys.argv[1]))["metrics"]["class"]}, open(sys.argv[2], "w"), indent=2)
PY
