#!/usr/bin/env bash
# Two seeds of Multi-Fashion+MNIST on two ranks; writes results.json beside this file.
#   TRUNKLINE_DATA=… datasets/multi_fashion_mnist/run.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/multi_fashion_mnist} data=$root/data/multi_fashion_mnist.h5
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$out" "$root/data"
: "${TRUNKLINE_DATA:?set it to the folder that holds mnist/ and fashion_mnist/}"
[ -f "$data" ] ||
  "$program" data convert multi-mnist "$TRUNKLINE_DATA/mnist" "$data" --right "$TRUNKLINE_DATA/fashion_mnist" --side 36
for seed in 1 2; do
  mpirun --oversubscribe -n 2 "$program" train "$here/config.yaml" run.seed=$seed run.dir="$out/seed-$seed" --resume
  "$program" evaluate "$out/seed-$seed" --split test --json "$out/test-$seed.json"
done
python3 - "$out" "$here/results.json" <<'PY'
import json, pathlib, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
runs = [json.loads((out / f"test-{seed}.json").read_text())["metrics"] for seed in (1, 2)]
accuracy = {task: [round(run[task]["accuracy"], 4) for run in runs] for task in ("digit", "item")}
json.dump({"test_accuracy": accuracy, "expected": {"digit": .95, "item": .85},
           "met": min(accuracy["digit"]) >= .95 and min(accuracy["item"]) >= .85}, open(result, "w"), indent=2)
print(open(result).read())
PY
