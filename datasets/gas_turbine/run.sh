#!/usr/bin/env bash
# Three seeds of gas turbine emissions on one rank; writes results.json beside this file. About a minute a seed on one core.
#   TRUNKLINE_DATA=… datasets/gas_turbine/run.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/gas_turbine} data=$root/data/gas_turbine.h5
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out" "$root/data"
[ -f "$data" ] || "$program" data convert csv \
  "${TRUNKLINE_DATA:?set it to the folder that holds gas_turbine/}/gas_turbine/gt_2011.csv" "$data" \
  --target "CO=Carbon monoxide" --target "NOx=Nitrogen oxides" --split train=0.8,test=0.2 --seed 1
for seed in 1 2 3; do
  "$program" train "$here/config.yaml" run.seed=$seed run.dir="$out/seed-$seed" --resume
  "$program" evaluate "$out/seed-$seed" --split test --json "$out/test-$seed.json" >/dev/null
done
python3 - "$out" "$here/results.json" <<'PY'
import json, pathlib, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
runs = [json.loads((out / f"test-{seed}.json").read_text())["metrics"] for seed in (1, 2, 3)]
json.dump({"test_r2": {task: [round(run[task]["r2"], 4) for run in runs] for task in ("CO", "NOx")},
           "linear_r2": {"CO": .597, "NOx": .517}}, open(result, "w"), indent=2)
print(open(result).read())
PY
