#!/usr/bin/env bash
# From nothing to predictions: sets up, builds, makes a data set of shapes, trains three tasks on two ranks,
# evaluates, predicts a few rows. Safe to run again; the old quickstart run is replaced.
set -euo pipefail
cd "$(dirname "$0")/.."
launch/build.sh release trunkline
trunkline=build/release/trunkline
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mpirun=(mpirun --oversubscribe --mca mpi_yield_when_idle 1 -n 2)

echo "== data: pictures of shapes, 32 x 32 pixels"
[ -f data/shapes.h5 ] || { mkdir -p data; $trunkline data generate shapes data/shapes.h5 --rows 16000 --size 32 --seed 1; }

echo "== training: classification, regression and multilabel on one trunk, two ranks"
rm -rf runs/quickstart
"${mpirun[@]}" "$trunkline" train examples/shapes.yaml run.name=quickstart

echo "== evaluation on the test rows"
"${mpirun[@]}" "$trunkline" evaluate runs/quickstart --split test

echo "== predictions of the task shape: class and probabilities of disc, square, triangle, star"
$trunkline predict runs/quickstart --task shape --input data/shapes.h5 --split test --output runs/quickstart/shape.h5
