#!/usr/bin/env bash
# What two tasks should share: CO and NOx on one trunk, on experts, and each alone. Three seeds of each; writes sharing.json beside
# this file. About 5 minutes on one core.
#   TRUNKLINE_DATA=… datasets/gas_turbine/sharing.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/gas_turbine_sharing} data=$root/data/gas_turbine.h5
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out" "$root/data"
[ -f "$data" ] || "$program" data convert csv \
  "${TRUNKLINE_DATA:?set it to the folder that holds gas_turbine/}/gas_turbine/gt_2011.csv" "$data" \
  --target "CO=Carbon monoxide" --target "NOx=Nitrogen oxides" --split train=0.8,test=0.2 --seed 1

declare -A ways=(  # a task of weight 0 leaves the trunk to the other
  [one_trunk]='trunk={kind: mlp, widths: [128, 128, 64]}'
  [mmoe_equal_parameters]='trunk={kind: mmoe, experts: 4, widths: [52, 52, 60]}'
  [cgc_full_width]='trunk={kind: cgc, experts: 1, widths: [128, 128, 64]}'
  [CO_alone]='tasks.NOx.weight=0'
  [NOx_alone]='tasks.CO.weight=0')
for way in "${!ways[@]}"; do
  for seed in 1 2 3; do
    "$program" train "$here/config.yaml" "${ways[$way]}" train.epochs=20 run.seed=$seed run.dir="$out/$way-$seed" --resume
    "$program" evaluate "$out/$way-$seed" --split test --json "$out/$way-$seed.json" >/dev/null
  done
done
python3 - "$out" "$here/sharing.json" <<'PY'
import json, pathlib, statistics, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
seeds = (1, 2, 3)

def metrics(way, task):
    return [json.loads((out / f"{way}-{seed}.json").read_text())["metrics"][task] for seed in seeds]

def r2(way, task):
    runs = [run["r2"] for run in metrics(way, task)]
    return {"mean": round(statistics.mean(runs), 4), "seeds": [round(run, 4) for run in runs]}

def gates(way, task):
    return [[round(value, 3) for name, value in run.items() if name.startswith("gate.")] for run in metrics(way, task)]

tasks, ways = ("CO", "NOx"), ("one_trunk", "mmoe_equal_parameters", "cgc_full_width")
table = {way: {task: r2(way, task) for task in tasks} for way in ways}
table["each_alone"] = {task: r2(f"{task}_alone", task) for task in tasks}
json.dump({"test_r2": table, "gates": {way: {task: gates(way, task) for task in tasks} for way in ways[1:]}},
          open(result, "w"), indent=1)
print(open(result).read())
PY
