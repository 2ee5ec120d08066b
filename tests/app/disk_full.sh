#!/usr/bin/env bash
# A checkpoint that cannot be written is one line and exit code 4; what was saved before stays whole, and the run goes on.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
clean_up() { [ ! -d small ] || umount small 2>/dev/null; }
same_model() { cmp -s {"$1","$2"}/model.safetensors && cmp -s {"$1","$2"}/optimizer.safetensors; }
arguments=(c.yaml evaluate.every=0 checkpoint.every_steps=10)

ranks 2 train "${arguments[@]}" 'train.epochs=2' run.dir=whole >/dev/null 2>err || fail "undisturbed: $(cat err)"

# A limit on the size of files: the signal that comes with it must not end the program.
"$trunkline" train "${arguments[@]}" train.epochs=1 run.dir=limited >/dev/null 2>err || fail "first part: $(cat err)"
limited() { (ulimit -f 8; exec "$trunkline" "$@"); }
export -f limited
export trunkline
refuses 4 'File too large' bash -c 'limited "$@"' limited train "${arguments[@]}" train.epochs=2 run.dir=limited --resume
check 'the older checkpoint is left, alone' test "$(ls -A limited/checkpoints)" = step-00000010
"$trunkline" train "${arguments[@]}" train.epochs=2 run.dir=limited --resume >/dev/null 2>err || fail "again: $(cat err)"
"$trunkline" train "${arguments[@]}" train.epochs=2 run.dir=alone >/dev/null 2>err || fail "alone: $(cat err)"
check 'bitwise' same_model limited/checkpoints/step-00000020 alone/checkpoints/step-00000020

# A file system without space, where root may mount one.
if mkdir small && mount -t tmpfs -o size=512k tmpfs small 2>/dev/null; then
  head -c 480K /dev/zero > small/filler
  refuses 4 'No space left' ranks 2 train "${arguments[@]}" train.epochs=2 run.dir=small/run
  check 'nothing half is left' test -z "$(ls -A small/run/checkpoints 2>/dev/null)"
  rm small/filler
  ranks 2 train "${arguments[@]}" train.epochs=2 run.dir=small/run --resume >/dev/null 2>err || fail "with space: $(cat err)"
  check 'bitwise with space' same_end whole small/run

  # Metrics that cannot be written wait until there is space again.
  "$trunkline" train "${arguments[@]}" checkpoint.every_steps=0 train.epochs=100000 run.dir=small/waits >/dev/null 2>err & run=$!
  await 60 test -s small/waits/metrics.jsonl || fail "no metrics: $(cat err)"
  head -c 512K /dev/zero > small/filler 2>/dev/null
  await 60 grep -q 'metrics.jsonl: cannot write .*; training goes on' err || fail "the full disk is not told: $(tail -n 3 err)"
  rm small/filler
  await 60 grep -q 'metrics.jsonl has all lines again' err || fail "the end of it is not told: $(tail -n 3 err)"
  kill -USR1 $run; wait $run; code=$?
  check 'the run was stopped, it had not failed' test $code = 85
  lines=$(grep -o '^{"step":[0-9]*,.*grad_norm' small/waits/metrics.jsonl | grep -o '[0-9]*,"epoch' | grep -o '^[0-9]*')
  check 'no line is missing' test "$(echo "$lines" | awk 'NR * 10 != $1' | wc -l)" = 0
else
  echo 'skipped the full file system: only root can mount one'
fi
finish
