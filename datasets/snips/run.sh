#!/usr/bin/env bash
# Intent and slots of SNIPS on one trunk, and each alone, with three seeds on one rank; writes results.json beside this file.
# Half an hour on one core.
#   TRUNKLINE_DATA=… datasets/snips/run.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/snips} data=$root/data/snips.h5
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out" "$root/data"
if [ ! -f "$data" ]; then   # h5py in an environment of its own
  python3 -m venv "$out/venv"
  "$out/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  "$out/venv/bin/python" "$here/prepare.py" "${TRUNKLINE_DATA:?set it to the folder that holds snips/}/snips" "$data"
fi
run() {   # NAME OVERRIDES…
  local name=$1-$seed
  shift
  [ -f "$out/test-$name.json" ] && return
  "$program" train "$here/config.yaml" run.seed="$seed" run.dir="$out/$name" "$@" --resume
  for split in valid test; do
    "$program" evaluate "$out/$name" --split $split --json "$out/$split-$name.json" >/dev/null
  done
}
for seed in 1 2 3; do
  run joint
  run intent "tasks={intent: {source: requests, target: intent, label_smoothing: 0.1}}" checkpoint.best.task=intent checkpoint.best.metric=accuracy
  run slots "tasks={slots: {source: requests, target: slots, label_smoothing: 0.1}}"
done
python3 - "$out" "$here/results.json" <<'PY'
import json, pathlib, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
def metric(split, run, task, name):
    return [round(json.loads((out / f"{split}-{run}-{seed}.json").read_text())["metrics"][task][name], 4) for seed in (1, 2, 3)]
results = {split: {"intent_accuracy": {run: metric(split, run, "intent", "accuracy") for run in ("joint", "intent")},
                   "slot_f1": {run: metric(split, run, "slots", "span_f1") for run in ("joint", "slots")}}
           for split in ("valid", "test")}
results["expected_test"] = {"intent_accuracy": .97, "slot_f1": .88}
results["met"] = min(results["test"]["intent_accuracy"]["joint"]) >= .97 and min(results["test"]["slot_f1"]["joint"]) >= .88
json.dump(results, open(result, "w"), indent=2)
print(open(result).read())
PY
