#!/usr/bin/env bash
# Digits with 50, 500 and 5,000 labels, from scratch and in three ways on a trunk that knows clothes; ten seeds with 50
# labels and three with more, one rank. Writes results.json beside this file. Two and a half hours on one core.
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
declare -A steps=([50]=200 [500]=600 [5000]=1000) seeds=([50]=$(echo {1..10}) [500]='1 2 3' [5000]='1 2 3')
# learn WAY LABELS COMMAND SETTINGS…: the digits with all seeds.
learn() {
  local way=$1 labels=$2 command=$3 seed run; shift 3
  for seed in ${seeds[$labels]}; do
    run=$out/$way-$labels-$seed
    "$program" "$command" "$here/digits.yaml" tasks.digit.labels=$labels train.steps=${steps[$labels]} "$@" run.seed=$seed run.dir="$run" --resume
    "$program" evaluate "$run" --split test --json "$run.json" >/dev/null
  done
}

"$program" train "$here/fashion.yaml" run.dir="$out/fashion" --resume
fast_head='finetune.lr.trunk=5 finetune.lr.heads=4'
declare -A rates=([50]=finetune.lr.trunk=10 [500]=$fast_head [5000]=$fast_head)
for labels in 50 500 5000; do
  learn full $labels finetune --from "$out/fashion"
  # shellcheck disable=SC2086  # several words
  learn lora $labels finetune --from "$out/fashion" finetune.lora.rank=14 ${rates[$labels]}
  learn scratch $labels train
  learn head $labels finetune --from "$out/fashion" finetune.freeze=trunk finetune.lr.heads=4
done

python3 - "$out" "$here/results.json" <<'PY'
import json, pathlib, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
def accuracy(way, labels, seed):
    return round(json.loads((out / f"{way}-{labels}-{seed}.json").read_text())["metrics"]["digit"]["accuracy"], 4)
json.dump({"test_accuracy": {way: {labels: [accuracy(way, labels, seed) for seed in range(1, seeds + 1)] for labels, seeds in ((50, 10), (500, 3), (5000, 3))}
                             for way in ("scratch", "full", "lora", "head")}}, open(result, "w"), indent=1)
print(open(result).read())
PY
