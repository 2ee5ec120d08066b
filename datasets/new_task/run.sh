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

"$program" train "$here/pretrain.yaml" run.dir="$out/pretrained" --resume
"$program" train "$here/joint.yaml" init.from="$out/pretrained" run.dir="$out/joint" --resume
for percent in 1 5 20 100; do
  file="sources.digits.file=$data/new_task.h5#/percent$percent"
  "$program" train "$here/new.yaml" "$file" run.dir="$out/alone-$percent" --resume --json "$out/alone-$percent.json"
  "$program" finetune "$out/pretrained" "$here/new.yaml" "$file" run.dir="$out/pretrained-$percent" --resume --json "$out/pretrained-$percent.json"
  "$program" finetune "$out/joint" "$here/new.yaml" "$file" run.dir="$out/combined-$percent" --resume --json "$out/combined-$percent.json"
done
for percent in 1 5 20; do   # 20 gradient steps in the place of 600
  "$program" adapt "$out/joint" --support "$data/new_task.h5#/percent$percent/train" --input "$data/new_task.h5#/test" \
    --output "$out/adapted-$percent.h5" --force >/dev/null
done
"$program" predict "$out/combined-1" --task digit --input "$data/new_task.h5#/test" --output "$out/predicted.h5" --force >/dev/null

"$python" - "$out" "$data/new_task.h5" "$here/results.json" <<'PY'
import json, pathlib, sys
import h5py
out, data, result = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
labels = h5py.File(data)["test/y"][:]
rows = {}
for way in ("alone", "pretrained", "combined"):
    rows[way] = {}
    for percent in (1, 5, 20, 100):
        run = json.loads((out / f"{way}-{percent}.json").read_text())
        rows[way][f"{percent} %"] = round(run["metrics"]["digit"]["accuracy"], 4)
rows["adapted"] = {f"{percent} %": round(float((h5py.File(out / f"adapted-{percent}.h5")["prediction"][:] == labels).mean()), 4)
                   for percent in (1, 5, 20)}
json.dump({"test_accuracy": rows, "rows_at_100_percent": 6000}, open(result, "w"), indent=2)
print(open(result).read())
PY
