#!/usr/bin/env bash
# The same config trains the same model on any number of ranks and in any layout: the real program under mpirun against one
# process, as max over tensors of |a - b| / |b|, with SGD, which hides no error of scale.
#   mpi_parity.sh PROGRAM MPIEXEC COMPARE_CHECKPOINTS
compare=$3
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
f64='train={steps: 25, precision: float64, clip_norm: 1.0, optimizer: {kind: sgd, lr: 0.05, momentum: 0.9}}'
f32='train={steps: 25, optimizer: {kind: sgd, lr: 0.05}}'

single() {
  "$trunkline" train c.yaml "${!1}" run.dir="$1" evaluate.every=0 >/dev/null 2>err || fail "single, $1: $(cat err)"
}

# same PRECISION LIMIT RANKS [OVERRIDES…]
same() {
  local precision=$1 limit=$2 n=$3 run=$1-$checks found; shift 3
  checks=$((checks + 1))
  ranks "$n" train c.yaml "${!precision}" run.dir="$run" evaluate.every=0 "$@" >/dev/null 2>err ||
    { fail "$precision on $n ranks, $*: $(cat err)"; return; }
  found=$("$compare" "$run/checkpoints/step-00000025" "$precision/checkpoints/step-00000025" "$limit") ||
    fail "expected at most $limit:"
  echo "$precision, $n ranks, ${*:-data}: $found"
}

uneven='layout={kind: explicit, tasks: {shape: [0, 1], position: [1, 2], attributes: [0]}}'
single f64
same f64 1e-10 2
same f64 1e-10 3
same f64 1e-10 4
same f64 1e-10 2 layout.kind=task  # fewer ranks than tasks
same f64 1e-10 3 layout.kind=task
same f64 1e-10 4 layout.kind=task
same f64 1e-10 3 "$uneven"
same f64 1e-10 1 train.accumulate=3
same f64 1e-10 2 train.accumulate=5 layout.kind=task

single f32
same f32 1e-5 2
same f32 1e-5 4 layout.kind=task
same f32 1e-5 3 "$uneven" train.accumulate=2

# The measure itself: another weight of one task is seen.
ranks 2 train c.yaml "$f64" run.dir=other tasks.shape.weight=1.001 >/dev/null 2>err || fail "other: $(cat err)"
check 'another weight is seen' eval '! "$compare" other/checkpoints/step-00000025 f64/checkpoints/step-00000025 1e-6 >/dev/null'
finish
