#!/usr/bin/env bash
# Data that are not as expected: a label out of range, values that are not finite, sources of different length.
#   odd_data.sh PROGRAM MPIEXEC ODD_FILE
odd_file=$3
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
cat > odd.yaml <<'YAML'
run: {name: odd}
sources:
  a: {file: a.h5, batch: 8}
trunk: {kind: mlp, widths: [8]}
tasks:
  y: {source: a, target: y}
train: {epochs: 3, optimizer: {kind: sgd, lr: 0.1}}
YAML
for kind in plain label infinite inputs unseen; do "$odd_file" $kind $kind.h5; done
"$odd_file" plain short.h5 32  # 24 rows for training, of 64 in the others

refuses 3 'label.h5:/y: label 7 at row 5' "$trunkline" train odd.yaml sources.a.file=label.h5
refuses 3 'label.h5:/y: label 7 at row 5' ranks 2 train odd.yaml sources.a.file=label.h5

unseen='a: y: class 2 of row 65, which is evaluated (split valid), is that of no training row'
refuses 3 "$unseen" "$trunkline" train odd.yaml sources.a.file=unseen.h5
refuses 3 "$unseen" ranks 2 train odd.yaml sources.a.file=unseen.h5
check 'nothing was written' test ! -e runs/odd/checkpoints
"$trunkline" train odd.yaml sources.a.file=unseen.h5 tasks.y.classes=3 run.dir=unseen >/dev/null 2>err ||
  fail "a class without rows: $(cat err)"

# Rows that nobody evaluates.
"$trunkline" train odd.yaml sources.a.file=plain.h5 evaluate.split=test train.epochs=1 run.dir=blind >/dev/null 2>err || fail "blind: $(cat err)"
check 'says that nothing is evaluated' grep -q 'source a has no rows in split test, so nothing says how good y is' err
refuses 2 'checkpoint.best: the source of task y has no rows in split test' \
  ranks 2 train odd.yaml sources.a.file=plain.h5 evaluate.split=test checkpoint.best.task=y
refuses 2 'train.early_stop: no task has rows in split test' \
  "$trunkline" train odd.yaml sources.a.file=plain.h5 evaluate.split=test train.early_stop.patience=2
refuses 2 'comm.backend: nccl sums what lies on GPUs' ranks 2 train odd.yaml sources.a.file=plain.h5 comm.backend=nccl

refuses 3 'inputs.h5 has 2 data sets with role = "input": x, z; choose one with sources.a.input' \
  "$trunkline" train odd.yaml sources.a.file=inputs.h5
"$trunkline" train odd.yaml sources.a.file=inputs.h5 sources.a.input=z run.dir=chosen >/dev/null 2>err ||
  fail "a chosen input: $(cat err)"

# Each epoch of 8 steps meets the row once.
refuses 5 'task y is not finite' ranks 2 train odd.yaml sources.a.file=infinite.h5 run.dir=stops
ranks 2 train odd.yaml sources.a.file=infinite.h5 run.dir=skips train.on_nonfinite=skip_step --json skips.json \
  >/dev/null 2>err || fail "skip_step: $(cat err)"
check 'three steps are skipped' test "$(grep -c 'the step is skipped' skips/log.txt)" = 3
check 'the others are taken' grep -q '"steps": 24' skips.json
check 'the model is sound' grep -qE '"split":"valid","task":"y","metric":"loss","value":[0-9]' skips/metrics.jsonl

cat > two.yaml <<'YAML'
run: {name: two}
sources:
  a: {file: plain.h5, batch: 8}
  b: {file: short.h5, batch: 8}
trunk: {kind: mlp, widths: [8]}
tasks:
  y: {source: a, target: y}
  z: {source: b, target: y}
train: {epochs: 2, optimizer: {kind: sgd, lr: 0.1}}
YAML
for stop in longest shortest; do
  ranks 2 train two.yaml train.stop=$stop run.dir=$stop --json $stop.json >/dev/null 2>err || fail "$stop: $(cat err)"
done
check 'longest: 2 epochs of 64 rows' grep -q '"steps": 16' longest.json
check 'shortest: 2 epochs of 24 rows' grep -q '"steps": 6' shortest.json
finish
