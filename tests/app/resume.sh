#!/usr/bin/env bash
# A run that is killed anywhere and resumed ends with the same bytes as an undisturbed one.
#   resume.sh PROGRAM MPIEXEC [KILLS]   default 3; every campaign prints its seed
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
kills=${3:-3} seed=${SEED:-1}
RANDOM=$seed
echo "seed $seed, $kills kills"
arguments=(c.yaml train.epochs=30 evaluate.every=5 checkpoint.every_steps=5)

ranks 2 train "${arguments[@]}" run.dir=whole >/dev/null 2>err || fail "undisturbed: $(cat err)"

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
ranks 2 train "${arguments[@]}" run.dir=whole --resume >/dev/null 2>err || fail "resuming a finished run: $(cat err)"
check 'a finished run stays as it is' same_end whole stopped
finish
