#!/usr/bin/env bash
# Classification and regression together and each alone, at three shares of labels, three seeds of each, on one rank; writes
# results.json beside this file. 54 runs, about 6 minutes on one free core.
#   TRUNKLINE_DATA=… datasets/associativity/run.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/associativity} data=$root/data
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out" "$data"
[ -f "$data/associativity_shapes.h5" ] || "$program" data generate shapes "$data/associativity_shapes.h5" --rows 16000 --size 16 --seed 1
if [ ! -f "$data/associativity_turbine.h5" ]; then   # the five years lie one behind the other; the lines end in CR LF
  awk -F, -v OFS=, '{ sub(/\r$/, "") } NR == 1 { print $0, "year"; next }
    { row = NR - 1; print $0, row <= 7411 ? 2011 : row <= 15039 ? 2012 : row <= 22191 ? 2013 : row <= 29349 ? 2014 : 2015 }' \
    "${TRUNKLINE_DATA:?set it to the folder that holds gas_turbine/}/gas_turbine/gt_2011.csv" >"$data/associativity_turbine.csv"
  "$program" data convert csv "$data/associativity_turbine.csv" "$data/associativity_turbine.h5" --target year:classification \
    --target "NOx=Nitrogen oxides" --drop "Carbon monoxide" --split train=0.8,test=0.2 --seed 1
fi

declare -A task=(   # as the configs have them
  [year]='source: turbine, target: year, kind: classification'
  [NOx]='source: turbine, target: NOx, kind: regression, standardize: true'
  [shape]='source: shapes, target: shape, kind: classification'
  [position]='source: shapes, target: position, kind: regression, standardize: true')
train() {   # SET WAY PERCENT SEED TASKS
  local run=$1-$2-$3-$4
  "$program" train "$here/$1.yaml" "tasks={$5}" run.seed="$4" run.dir="$out/$run" --resume
  "$program" evaluate "$out/$run" --split test --json "$out/$run.json" >/dev/null
}
measure() {   # SET CLASSIFICATION REGRESSION
  local percent seed labels one other
  for percent in 1 10 100; do
    labels=   # without the key: all
    if [ $percent -lt 100 ]; then labels=", labels: $(printf 0.%02d $percent)"; fi
    one="$2: {${task[$2]}$labels}" other="$3: {${task[$3]}$labels}"
    for seed in 1 2 3; do
      train "$1" joint $percent $seed "$one, $other"
      train "$1" "$2" $percent $seed "$one"
      train "$1" "$3" $percent $seed "$other"
    done
  done
}
measure turbine year NOx
measure shapes shape position

python3 - "$out" "$here/results.json" <<'PY'
import json, math, pathlib, statistics, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
metric = {"turbine": {"year": "accuracy", "NOx": "r2"}, "shapes": {"shape": "accuracy", "position": "r2"}}
seeds, t = (1, 2, 3), 4.303   # the 97.5 % quantile of Student's t with 2 degrees of freedom

def read(data, run, task, percent):
    runs = [json.loads((out / f"{data}-{run}-{percent}-{seed}.json").read_text()) for seed in seeds]
    return [run["metrics"][task][metric[data][task]] for run in runs]

def summary(values):
    """Mean, half the width of its 95 % interval, and the seeds it comes from."""
    return {"mean": round(statistics.mean(values), 4), "interval": round(t * statistics.stdev(values) / math.sqrt(len(values)), 4),
            "seeds": [round(value, 4) for value in values]}

def compare(data, task, percent):
    joint, alone = read(data, "joint", task, percent), read(data, task, task, percent)
    return {"joint": summary(joint), "alone": summary(alone), "joint_minus_alone": summary([j - a for j, a in zip(joint, alone)])}

json.dump({data: {task: {"metric": name, "labels": {f"{percent} %": compare(data, task, percent) for percent in (1, 10, 100)}}
                  for task, name in tasks.items()} for data, tasks in metric.items()}, open(result, "w"), indent=1)
print(open(result).read())
PY
