#!/usr/bin/env bash
# Clusters of MNIST, all 70,000 rows, without their labels; writes results.json beside this file.
#   TRUNKLINE_DATA=… datasets/mnist_clustering/run.sh [OUT_FOLDER]     SEEDS="1 2 3" RANKS=2 by default
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd) root=$(cd "$(dirname "$0")/../.." && pwd)
program=${TRUNKLINE:-$root/build/release/trunkline}
out=${1:-$root/runs/mnist_clustering} data=$root/data/mnist.h5
seeds=${SEEDS:-1 2 3} ranks=${RANKS:-2}
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mkdir -p "$out" "$root/data"
[ -f "$data" ] ||
  "$program" data convert mnist-idx "${TRUNKLINE_DATA:?set it to the folder that holds mnist/}/mnist" "$data"

# run NAME COMMAND…: goes on where it was, and keeps its metrics
run() {
  local name=$1; shift
  [ -f "$out/$name-$seed.json" ] && return
  mpirun --oversubscribe -n "$ranks" "$program" "$@" run.seed="$seed" run.dir="$out/$name-$seed" --json "$out/$name-$seed.json"
}
for seed in $seeds; do
  run autoencoder train "$here/autoencoder.yaml"
  for method in kmeans dec idec; do
    run $method finetune "$here/$method.yaml" --from "$out/autoencoder-$seed"
  done
  run pixels train "$here/pixels.yaml"
done
python3 - "$out" "$here/results.json" $seeds <<'PY'
import json, pathlib, statistics as st, sys
out, result, seeds = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
published = {"pixels": 53.49, "kmeans": 81.84, "dec": 84.30, "idec": 88.06}  # accuracy
table = {}
for method, accuracy in published.items():
    runs = [json.loads((out / f"{method}-{seed}.json").read_text()) for seed in seeds]
    row = table[method] = {"published_accuracy": accuracy, "seconds": [round(r["seconds"], 1) for r in runs]}
    for name, metric in (("accuracy", "cluster_accuracy"), ("nmi", "nmi"), ("ari", "ari")):
        values = [100 * r["metrics"]["clusters"][metric] for r in runs]
        row[name] = {"seeds": [round(v, 2) for v in values], "mean": round(st.mean(values), 2),
                     "spread": round(st.stdev(values), 2) if len(values) > 1 else None}
json.dump({"rows": 70000, "seeds": seeds, "percent": table}, open(result, "w"), indent=2)
print(open(result).read())
PY
