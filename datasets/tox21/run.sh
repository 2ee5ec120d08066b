#!/usr/bin/env bash
# Three seeds of Tox21 on one rank; writes results.json beside this file. About a minute a seed on one core.
#   TRUNKLINE_DATA=… datasets/tox21/run.sh [OUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/tox21} data=$root/data/tox21.h5
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out" "$root/data"
if [ ! -f "$data" ]; then   # RDKit in an environment of its own
  python3 -m venv "$out/venv"
  "$out/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  "$out/venv/bin/python" "$here/prepare.py" "${TRUNKLINE_DATA:?set it to the folder that holds tox21/}/tox21/tox21.csv.gz" "$data"
fi
for seed in 1 2 3; do
  "$program" train "$here/config.yaml" run.seed=$seed run.dir="$out/seed-$seed" --resume
  for split in valid test; do
    "$program" evaluate "$out/seed-$seed" --split $split --json "$out/$split-$seed.json" >/dev/null
  done
done
python3 - "$out" "$here/results.json" <<'PY'
import json, pathlib, statistics as st, sys
out, result = pathlib.Path(sys.argv[1]), sys.argv[2]
def mean_auc(split, seed):
    run = json.loads((out / f"{split}-{seed}.json").read_text())
    return st.mean(task["roc_auc"] for task in run["metrics"].values())
valid, test = ([round(mean_auc(split, seed), 4) for seed in (1, 2, 3)] for split in ("valid", "test"))
json.dump({"valid_mean_roc_auc": valid, "test_mean_roc_auc": test, "expected_valid": .79,
           "met": min(valid) >= .79}, open(result, "w"), indent=2)
print(open(result).read())
PY
