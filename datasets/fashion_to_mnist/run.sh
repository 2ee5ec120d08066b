#!/usr/bin/env bash
# Digits with 50, 500 and 5,000 labels, from scratch and in three ways on a trunk that knows clothes; three seeds each,
# one rank. Writes results.json beside this file. Some minutes on one core.
#   TRUNKLINE_DATA=… datasets/fashion_to_mnist/run.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/fashion_to_mnist}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out" "$root/data"
for set in fashion_mnist mnist; do
  [ -f "$root/data/$set.h5" ] ||
    "$program" data convert mnist-idx "${TRUNKLINE_DATA:?set it to the folder that holds $set/}/$set" "$root/data/$set.h5"
done
"$program" train "$here/fashion.yaml" run.dir="$out/fashion" --resume
declare -A steps=([50]=300 [500]=600 [5000]=2000)
declare -A ways=(
  [scratch]='train'
  [full]="finetune $out/fashion"
  [lora]="finetune $out/fashion finetune.lora.rank=16 finetune.lr.trunk=2"
  [head]="finetune $out/fashion finetune.freeze=trunk finetune.lr.heads=2")
for labels in 50 500 5000; do
  for way in scratch full lora head; do
    for seed in 1 2 3; do
      run=$out/$way-$labels-$seed
      read -r command parent more <<< "${ways[$way]} "
      # shellcheck disable=SC2086  # the words of a way are arguments of their own
      "$program" $command $parent "$here/digits.yaml" $more tasks.digit.labels=$labels train.steps="${steps[$labels]}" \
        run.seed=$seed run.dir="$run" --resume
      "$program" evaluate "$run" --split test --json "$run.json" >/dev/null
    done
  done
done
python3 - "$out" "$here/results.json" <<'PY'
import json, pathlib, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
def accuracy(way, labels, seed):
    return round(json.loads((out / f"{way}-{labels}-{seed}.json").read_text())["metrics"]["digit"]["accuracy"], 4)
json.dump({"test_accuracy": {way: {labels: [accuracy(way, labels, seed) for seed in (1, 2, 3)] for labels in (50, 500, 5000)}
                             for way in ("scratch", "full", "lora", "head")}}, open(result, "w"), indent=1)
print(open(result).read())
PY
