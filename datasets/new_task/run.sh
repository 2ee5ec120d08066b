#!/usr/bin/env bash
# From a trained model over joint training with meta-steps to a new task, against training the new task alone, on one rank;
# writes results.json beside this file.
#   TRUNKLINE_DATA=… datasets/new_task/run.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline} python=${PYTHON:-python3}
out=${1:-$root/runs/new_task} data=$root/data originals=${TRUNKLINE_DATA:?set it to the folder that holds mnist/, fashion_mnist/ and omniglot/}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out" "$data"
for name in mnist fashion_mnist; do
  [ -f "$data/$name.h5" ] || "$program" data convert mnist-idx "$originals/$name" "$data/$name.h5"
done
[ -f "$data/omniglot.h5" ] || "$python" "$here/../omniglot/prepare.py" "$originals/omniglot" "$data/omniglot.h5"
[ -f "$data/new_task.h5" ] || "$python" "$here/prepare.py" "$data/mnist.h5" "$data/new_task.h5"

for seed in 1 2 3; do
  mkdir -p "$out/$seed"
  run() { "$program" "$@" run.seed=$seed --resume; }
  run train "$here/pretrain.yaml" run.dir="$out/$seed/pretrained"
  run train "$here/joint.yaml" init.from="$out/$seed/pretrained" run.dir="$out/$seed/joint"
  for percent in 1 5 20 100; do
    file="sources.digits.file=$data/new_task.h5#/seed$seed/percent$percent"
    run train "$here/new.yaml" "$file" run.dir="$out/$seed/alone-$percent" --json "$out/$seed/alone-$percent.json"
    for way in pretrained joint; do
      run finetune "$here/new.yaml" --from "$out/$seed/$way" "$file" run.dir="$out/$seed/from-$way-$percent" --json "$out/$seed/from-$way-$percent.json"
    done
  done
  for percent in 1 5 20 100; do for steps in 20 500; do   # of the head alone, on all rows at once
    "$program" adapt "$out/$seed/joint" --support "$data/new_task.h5#/seed$seed/percent$percent/train" --input "$data/new_task.h5#/test" \
      --steps $steps --output "$out/$seed/adapted-$steps-$percent.h5" --force >/dev/null
  done; done
  "$program" predict "$out/$seed/from-joint-1" --task digit --input "$data/new_task.h5#/test" --output "$out/$seed/predicted.h5" --force >/dev/null
done

"$python" - "$out" "$data/new_task.h5" "$here/results.json" <<'PY'
import json, pathlib, sys
import h5py
out, data, result = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
labels = h5py.File(data)["test/y"][:]
seeds = (1, 2, 3)
def trained(way, percent, seed):
    return json.loads((out / str(seed) / f"{way}-{percent}.json").read_text())["metrics"]["digit"]["accuracy"]
def adapted(steps, percent, seed):
    return float((h5py.File(out / str(seed) / f"adapted-{steps}-{percent}.h5")["prediction"][:] == labels).mean())
def by_seed(accuracy):
    return [round(accuracy(seed), 4) for seed in seeds]
percents = (1, 5, 20, 100)
rows = {way: {f"{percent} %": by_seed(lambda seed: trained(way, percent, seed)) for percent in percents}
        for way in ("alone", "from-pretrained", "from-joint")}
for steps in (20, 500):
    rows[f"adapted in {steps} steps"] = {f"{percent} %": by_seed(lambda seed: adapted(steps, percent, seed)) for percent in percents}
json.dump({"test_accuracy": rows, "seeds": seeds, "rows_at_100_percent": 6000}, open(result, "w"), indent=2)
print(open(result).read())
PY
