#!/usr/bin/env bash
# What can be seen from outside: a run while it trains and afterwards, its checkpoints, the machine.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"

says() {  # TEXT COMMAND…: succeeds and prints TEXT
  local text=$1; shift
  checks=$((checks + 1))
  "$@" >out 2>err || fail "exit code $?: $*: $(head -c 500 err)"
  grep -qF -- "$text" out || fail "expected \"$text\": $*: $(head -c 900 out)"
}
does() {  # COMMAND…: succeeds
  checks=$((checks + 1))
  "$@" >out 2>err || fail "exit code $?: $*: $(head -c 500 err)"
}
json() { python3 -c "import json, sys; run = json.load(open(sys.argv[1])); print($2)" "$1"; }

mkdir empty
refuses 2 'empty: not a run folder' "$trunkline" status empty
refuses 2 'nowhere: not a run folder' "$trunkline" status nowhere
refuses 2 'empty: not a run folder' "$trunkline" checkpoint list empty

# While it trains: a run that would take hours is looked at, then stopped.
"$trunkline" train c.yaml train.epochs=100000 evaluate.every=5 checkpoint.every_steps=20 >/dev/null 2>log &
run=$!
looked_at() { grep -qs samples_per_s runs/r/metrics.jsonl && ls runs/r/checkpoints/step-* >ls.out 2>&1; }
await 60 looked_at || fail "no metrics or no checkpoint after a minute: $(tail -n 3 log)"
"$trunkline" status runs/r --json live.json >out 2>err || fail "status of a running run: $(cat err)"
check 'it runs' grep -q "runs/r: running, process $run on" out
check 'steps of all' test "$(json live.json 'run["total_steps"]')" = 1000000
check 'time left' grep -q 'samples/s, .* left' out
check 'no way to go on is told' test -z "$(json live.json 'run["resume_command"]')"
kill -USR1 $run; await 60 eval '! kill -0 $run 2>/dev/null' || { fail 'it does not stop'; kill -KILL $run; }
wait $run
check 'stopped with 85' test $? = 85

# After it was stopped.
"$trunkline" status runs/r --json stopped.json >out 2>err || fail "status of a stopped run: $(cat err)"
check 'it does not run' grep -q 'runs/r: not running' out
check 'how to go on' grep -q 'go on with  *trunkline train runs/r/config.yaml run.dir=runs/r --resume' out
check 'the checkpoint is of the last step' test "$(json stopped.json 'run["checkpoint"]["step"] == run["step"]')" = True
check 'losses' grep -q 'train  *shape  *loss' out
says '"running": false' "$trunkline" status runs/r --json -

# After its end.
ranks 2 train c.yaml run.dir=done train.epochs=1 >/dev/null 2>err || fail "train: $(cat err)"
says 'done: finished' "$trunkline" status done
says 'step 10 of 10' "$trunkline" status done
says '10' "$trunkline" checkpoint list done
says 'best' "$trunkline" checkpoint list done
says 'whole' "$trunkline" checkpoint verify done
says '"problem": ""' "$trunkline" checkpoint verify done --json -
model=done/checkpoints/step-00000010/model.safetensors
printf 'x' | dd of=$model bs=1 seek=$(($(stat -c %s $model) - 5)) conv=notrunc 2>/dev/null
"$trunkline" checkpoint verify done >out 2>err; code=$?
check 'damage is exit code 4' test $code = 4
check 'damage is named' grep -q 'model.safetensors.*block' out
rm -r done/checkpoints/*
refuses 4 'no checkpoint yet' "$trunkline" checkpoint list done

# The machine.
says 'HDF5' env OMP_NUM_THREADS=1 "$trunkline" doctor
says 'nothing is wrong' env OMP_NUM_THREADS=1 "$trunkline" doctor
says '"problems": []' env OMP_NUM_THREADS=1 "$trunkline" doctor --json -
says 'nothing is wrong' ranks 2 doctor
says 'ranks 2, hosts 1, ' ranks 2 doctor
OMP_NUM_THREADS=$(($(nproc --all) + 1)) "$trunkline" doctor >out 2>err; code=$?
check 'a problem is exit code 2' test $code = 2
check 'a problem has its cure' grep -q 'problem: .*set OMP_NUM_THREADS=' out

# One rank acts where all would do the same.
does ranks 3 data generate shapes g.h5 --rows 20 --size 8
does "$trunkline" data inspect g.h5
says 'trainable' ranks 2 data inspect g.h5
check 'told once' test "$(grep -c trainable out)" = 1
ranks 2 help config >out 2>err
check 'help is told once' test "$(grep -c '^run.seed ' out)" = 1
ranks 2 status done >out 2>err
check 'status is told once' test "$(grep -c '^progress' out)" = 1
refuses 2 'exists already' ranks 2 data generate shapes g.h5 --rows 20 --size 8

# A table.
printf 'a,b,y\n1,red,no\n2,blue,yes\n3,,no\n' > t.csv
does ranks 2 data convert csv t.csv t.h5 --target y
check 'notes' grep -q 'target y: classification of 2 classes' err
does "$trunkline" data inspect t.h5
does "$trunkline" data convert csv --drop a --missing red --missing blu --force t.csv t.h5 --target y
refuses 2 'did you mean "y"' "$trunkline" data convert csv t.csv u.h5 --target yy
refuses 3 't.csv:2: column b' "$trunkline" data convert csv t.csv u.h5 --target b:regression
printf 'a,y\n1,2,3\n' > ragged.csv
refuses 3 'ragged.csv:2: 3 fields' "$trunkline" data convert csv ragged.csv u.h5 --target y
finish
