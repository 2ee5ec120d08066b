#!/usr/bin/env bash
# A run that is killed anywhere and resumed ends with the same bytes as an undisturbed one.
#   resume.sh PROGRAM MPIEXEC [KILLS]   default 3; every campaign prints its seed
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
kills=${3:-3} seed=${SEED:-1}
RANDOM=$seed
echo "seed $seed, $kills kills"
arguments=(c.yaml train.epochs=30 evaluate.every=5 checkpoint.every_steps=5 train.ema=0.99)

ranks 2 train "${arguments[@]}" run.dir=whole --json whole.json >/dev/null 2>err || fail "undisturbed: $(cat err)"

for ((k = 1; k <= kills; ++k)); do
  start_ranks 2 train "${arguments[@]}" run.dir=killed$k
  enough=$((RANDOM % 100))  # lines of the 150 and more that the whole run writes: kill between two of its saves
  until [ "$(lines killed$k/metrics.jsonl)" -gt $enough ] || ! running; do sleep 0.02; done
  running || fail "the run had ended before kill $k"
  kill -KILL $launcher $(rank_processes) 2>/dev/null
  wait $launcher 2>/dev/null
  ranks 2 train "${arguments[@]}" run.dir=killed$k --resume >/dev/null 2>err || fail "resume $k: $(cat err)"
  grep -m1 -e 'resuming after' -e 'no checkpoint yet' err
  check "bitwise after kill $k" same_end whole killed$k
done

# On another number of ranks the run goes on; sums are taken in another order, so the end differs in the last digits.
ranks 2 train "${arguments[@]}" run.dir=moved train.epochs=1 >/dev/null 2>err || fail "first part: $(cat err)"
ranks 3 train "${arguments[@]}" run.dir=moved train.epochs=2 --resume >/dev/null 2>err || fail "on 3 ranks: $(cat err)"
ranks 1 train "${arguments[@]}" run.dir=moved --resume >/dev/null 2>err || fail "on 1 rank: $(cat err)"
check 'the moved run ends' test -d moved/checkpoints/step-00000300

# USR1 to the launcher asks for a stop: the step ends, the run is saved, exit code 85.
start_ranks 2 train "${arguments[@]}" run.dir=stopped
until [ -s stopped/metrics.jsonl ] || ! running; do sleep 0.05; done
kill -USR1 $launcher
wait $launcher; code=$?
check 'stopped with 85' test $code = 85
ranks 2 train "${arguments[@]}" run.dir=stopped --resume >/dev/null 2>err || fail "after the stop: $(cat err)"
check 'bitwise after a stop' same_end whole stopped
ranks 2 train "${arguments[@]}" run.dir=whole --resume --json again.json >/dev/null 2>err || fail "resuming a finished run: $(cat err)"
check 'says so' grep -q 'all 300 steps are done; nothing is left to do' err
metrics_of() { sed -n '/"metrics"/,/^  }/p' "$1"; }
# With evaluate.split: train the losses of later steps are not taken for an evaluation's.
ranks 2 train c.yaml run.dir=seen evaluate.split=train train.epochs=1 --json seen.json >/dev/null 2>err || fail "split train: $(cat err)"
for part in 1 2; do   # the second begins where the last line of a loss is a step's
  ranks 2 train c.yaml run.dir=seen evaluate.split=train evaluate.every=0 train.epochs=5000 run.time_limit=2s --resume \
    --json later.json >/dev/null 2>err
  check 'its time was up' test $? = 85
done
accuracy_of() { grep '"accuracy"' "$1"; }
check 'the evaluation of step 10' test "$(accuracy_of later.json)" = "$(accuracy_of seen.json)" -a -n "$(accuracy_of seen.json)"
metrics_of later.json | grep '"loss"' | grep -vxFf <(metrics_of seen.json) >later && fail "the loss of a later step: $(cat later)"
check 'metrics of a finished run' test "$(metrics_of again.json)" = "$(metrics_of whole.json)" -a "$(metrics_of whole.json | wc -l)" -gt 9
check 'a finished run stays as it is' same_end whole stopped

# More rows than before are refused, unless a fresh epoch of them is asked for; from there the run resumes as ever.
grown=(c.yaml sources.s.file=grown.h5 train.epochs=3 checkpoint.every_steps=4)
cp f.h5 grown.h5
ranks 2 train "${grown[@]}" run.dir=grown train.epochs=1 >/dev/null 2>err || fail "before it grew: $(cat err)"
"$trunkline" data generate shapes grown.h5 --rows 480 --size 16 --force 2>err || fail "grow: $(cat err)"
cp -r grown cut
refuses 3 'number of training rows was 320 when the run began and is 384 now' ranks 2 train "${grown[@]}" run.dir=grown --resume
refuses 2 '--reshuffle requires --resume' "$trunkline" train "${grown[@]}" run.dir=other --reshuffle
ranks 2 train "${grown[@]}" run.dir=grown --resume --reshuffle >/dev/null 2>err || fail "reshuffle: $(cat err)"
check 'a fresh epoch is told' grep -q 'is 384 now; a fresh epoch begins' err
check 'it goes on to the end' test -d grown/checkpoints/step-00000036
ranks 2 train "${grown[@]}" run.dir=cut train.epochs=2 --resume --reshuffle >/dev/null 2>err || fail "part: $(cat err)"
ranks 2 train "${grown[@]}" run.dir=cut --resume >/dev/null 2>err || fail "rest: $(cat err)"
check 'bitwise after a fresh epoch' cmp grown/checkpoints/step-00000036/model.safetensors cut/checkpoints/step-00000036/model.safetensors

# Early stopping counts on over a resume: the first evaluation is the best, two more are not better.
waiting=(c.yaml run.dir=early 'train.early_stop={patience: 2, min_delta: 1e9}' checkpoint.every_steps=5)
ranks 2 train "${waiting[@]}" train.epochs=2 >/dev/null 2>err || fail "two evaluations: $(cat err)"
ranks 2 train "${waiting[@]}" train.epochs=9 --resume >/dev/null 2>err || fail "early stop: $(cat err)"
check 'stopped after the third evaluation' test -d early/checkpoints/step-00000030 -a ! -d early/checkpoints/step-00000035
check 'says why' grep -q 'stopped early after step 30 of 90: loss of the tasks has not improved' err
ranks 2 train "${waiting[@]}" train.epochs=9 --resume >/dev/null 2>err || fail "stays stopped: $(cat err)"
check 'a run that stopped early stays as it is' test ! -d early/checkpoints/step-00000035
refuses 2 'none of the metrics' "$trunkline" train c.yaml run.dir=misspelt 'train.early_stop={patience: 2, metric: acuracy}'

# Averages that a checkpoint lacks begin as its parameters; those that it has are what is evaluated.
ranks 2 train "${arguments[@]}" run.dir=late train.epochs=1 train.ema=0 >/dev/null 2>err || fail "without ema: $(cat err)"
check 'no averages without ema' test ! -e late/checkpoints/step-00000010/ema.safetensors
ranks 2 train "${arguments[@]}" run.dir=late train.epochs=2 evaluate.every=1 --resume >/dev/null 2>err || fail "with ema: $(cat err)"
check 'averages from there' test -e late/checkpoints/step-00000020/ema.safetensors
"$trunkline" evaluate late --json e.json >/dev/null 2>err || fail "evaluate: $(cat err)"
trained() { grep '"step":20,.*"valid","task":"shape","metric":"loss"' late/metrics.jsonl | grep -oE '[0-9.]+' | tail -1; }
check 'evaluate uses the averages as training does' grep -q "\"loss\": $(trained | cut -c1-6)" e.json
finish
