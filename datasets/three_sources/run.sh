#!/usr/bin/env bash
# Three sources on one trunk and three ranks, and each task alone for as many steps; writes results.json beside this file.
#   TRUNKLINE_DATA=… datasets/three_sources/run.sh [OUT_FOLDER]
# The data files are those that ../mnist, ../fashion_mnist and ../gas_turbine make.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/three_sources} raw=${TRUNKLINE_DATA:?set it to the folder that holds mnist/}
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$out" "$root/data"
for name in mnist fashion_mnist; do
  [ -f "$root/data/$name.h5" ] || "$program" data convert mnist-idx "$raw/$name" "$root/data/$name.h5"
done
[ -f "$root/data/gas_turbine.h5" ] || "$program" data convert csv "$raw/gas_turbine/gt_2011.csv" "$root/data/gas_turbine.h5" \
  --target "CO=Carbon monoxide" --target "NOx=Nitrogen oxides" --split train=0.8,test=0.2 --seed 1

mpirun --oversubscribe -n 3 "$program" train "$here/config.yaml" run.dir="$out/joint" --resume
"$program" evaluate "$out/joint" --split test --json "$out/joint.json" >/dev/null
alone() {  # TASK: the same config with one source and one task
  python3 - "$here/config.yaml" "$here/alone-$1.yaml" "$1" <<'PY'
import sys, re
config, alone, task = sys.argv[1:]
source = re.search(rf"  {task}: +{{source: (\w+)", open(config).read())[1]
kept = [line for line in open(config)
        if not re.match(r"  (digits|clothes|turbine|digit|piece|NOx):", line) or re.match(rf"  ({task}|{source}):", line)]
open(alone, "w").writelines(kept)
PY
  mpirun --oversubscribe -n 2 "$program" train "$here/alone-$1.yaml" layout.kind=data train.epochs="$2" run.dir="$out/$1" --resume
  rm "$here/alone-$1.yaml"
  "$program" evaluate "$out/$1" --split test --json "$out/$1.json" >/dev/null
}
alone digit 8
alone piece 8
alone NOx 16   # its epochs are half as long: as many steps as in the joint run
python3 - "$out" "$here/results.json" <<'PY'
import json, pathlib, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
metric = {"digit": "accuracy", "piece": "accuracy", "NOx": "r2"}
read = lambda name, task: json.loads((out / f"{name}.json").read_text())["metrics"][task][metric[task]]
json.dump({task: {"metric": metric[task], "joint": read("joint", task), "alone": read(task, task)} for task in metric},
          open(result, "w"), indent=2)
print(open(result).read())
PY
