#!/usr/bin/env bash
# Digits with 50, 500 and 5,000 labels, from scratch and in three ways on a trunk that knows clothes; three seeds each,
# one rank. Writes results.json beside this file. Two hours on one core.
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
# learn RUN COMMAND PARENT SETTINGS…: the digits with three seeds; PARENT is - where there is none.
learn() {
  local name=$1 command=$2 parent=$3 seed run; shift 3
  [ "$parent" = - ] && parent=
  for seed in 1 2 3; do
    run=$out/$name-$seed
    # shellcheck disable=SC2086  # a parent or nothing
    "$program" "$command" $parent "$here/digits.yaml" "$@" run.seed=$seed run.dir="$run" --resume
    "$program" evaluate "$run" --split test --json "$run.json" >/dev/null
  done
}

"$program" train "$here/fashion.yaml" run.dir="$out/fashion" --resume
declare -A steps=([50]=200 [500]=600 [5000]=1000)
fast_head='finetune.lr.trunk=5 finetune.lr.heads=4'
declare -A rates=([50]=finetune.lr.trunk=10 [500]=$fast_head [5000]=$fast_head)
for labels in 50 500 5000; do
  digits=("tasks.digit.labels=$labels" train.steps="${steps[$labels]}")
  learn full-$labels finetune "$out/fashion" "${digits[@]}"
  # shellcheck disable=SC2086  # several words
  learn lora-$labels finetune "$out/fashion" "${digits[@]}" finetune.lora.rank=14 ${rates[$labels]}
done
for labels in 50 500 5000; do
  digits=("tasks.digit.labels=$labels" train.steps="${steps[$labels]}")
  learn scratch-$labels train - "${digits[@]}"
  learn head-$labels finetune "$out/fashion" "${digits[@]}" finetune.freeze=trunk finetune.lr.heads=4
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
