#!/usr/bin/env bash
# 5-way 1-shot on Omniglot: MAML, FOMAML, ANIL, Reptile, and joint training with a linear probe, on one rank; writes results.json
# beside this file.
#   TRUNKLINE_DATA=… datasets/omniglot/run.sh [OUT_FOLDER] [STEPS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline} python=${PYTHON:-python3}
out=${1:-$root/runs/omniglot} steps=${2:-5000} data=$root/data/omniglot.h5
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out" "$root/data"
[ -f "$data" ] ||
  "$python" "$here/prepare.py" "${TRUNKLINE_DATA:?set it to the folder that holds omniglot/}/omniglot" "$data"

# learn NAME KEY=VALUE…
learn() {
  local name=$1; shift
  [ -f "$out/$name.json" ] && return
  "$program" train "$here/config.yaml" train.steps="$steps" "$@" run.dir="$out/$name" --resume --json "$out/$name-train.json"
  "$program" evaluate "$out/$name" --split test --json "$out/$name.json" >/dev/null
}
learn maml
learn fomaml meta.algorithm=fomaml
learn anil meta.algorithm=anil
# Reptile as its paper has it: 10 rows per class, inner batches of 10, a step of size 1 that falls to 0, 50 steps at test.
learn reptile 'meta={algorithm: reptile, sources: [characters], queries: 9, inner_batch: 10, inner_steps: 5, inner_rate: 0.1, tasks: 5, evaluate: {steps: 50}}' \
  'train.optimizer={kind: sgd, lr: 1.0}' 'train.schedule={kind: linear}'
[ -f "$out/joint.json" ] ||
  "$program" train "$here/joint.yaml" train.steps="$steps" run.dir="$out/joint" --resume --json "$out/joint.json"
# The probe: a new linear head on the trunk as it is, 100 gradient steps on the support. One step of rate 0 makes the run.
learn probe meta.algorithm=anil 'meta.evaluate={steps: 100}' init.from="$out/joint" "init.skip=[heads.character]" train.steps=1 train.optimizer.lr=0 meta.tasks=1
learn random meta.algorithm=anil 'meta.evaluate={steps: 100}' train.steps=1 train.optimizer.lr=0 meta.tasks=1

"$python" - "$out" "$here/results.json" "$steps" <<'PY'
import json, pathlib, sys
out, result, steps = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
rows = {"ways": 5, "shots": 1, "episodes": 600, "meta_steps": steps, "chance": .2}
for name in ("maml", "fomaml", "anil", "reptile", "probe", "random"):
    metrics = json.loads((out / f"{name}.json").read_text())["metrics"]["character"]
    train = json.loads((out / f"{name}-train.json").read_text())
    rows[name] = {"test_accuracy": round(metrics["accuracy"], 4), "ci95": round(metrics["accuracy_ci95"], 4)}
    if name not in ("probe", "random"):
        rows[name]["ms_per_step"] = round(1000 * train["seconds"] / train["steps"], 1)
json.dump(rows, open(result, "w"), indent=2)
print(open(result).read())
PY
