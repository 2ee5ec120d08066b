#!/usr/bin/env bash
# Kills a random rank at a random moment of a run, again and again, and compares where it ends with an undisturbed run.
#
#   tests/faults/kill_campaign.sh [KILLS]      default 10; SEED=… for other moments
#
# Every run is killed once with SIGKILL, between its start and the time that the undisturbed one took, and resumed until done.
# Writes kill_campaign.json beside this script. Takes about five seconds a kill on two free cores.
home=$(cd "$(dirname "$0")" && pwd)
kills=${1:-10} seed=${SEED:-1}
set -- "${TRUNKLINE:-$home/../../build/release/trunkline}" "$(command -v mpirun)"
# shellcheck source=tests/app/fixture.sh
source "$home/../app/fixture.sh"
RANDOM=$seed
arguments=(c.yaml train.epochs=30 evaluate.every=5 checkpoint.every_steps=5)

began=$(date +%s%3N)
ranks 2 train "${arguments[@]}" run.dir=whole >/dev/null 2>err || { fail "undisturbed: $(cat err)"; finish; exit 1; }
duration=$(($(date +%s%3N) - began))
echo "seed $seed, $kills kills, undisturbed run $duration ms"

last_step() { tail -n 1 "$1/metrics.jsonl" 2>/dev/null | grep -oE '"step":[0-9]+' | grep -oE '[0-9]+' || echo 0; }

equal=0 records=()
for ((k = 1; k <= kills; ++k)); do
  run=killed$k
  rm -rf $run
  start_ranks 2 train "${arguments[@]}" run.dir=$run
  after=$((RANDOM * duration / 32768)) rank=$((RANDOM % 2))
  sleep "$((after / 1000)).$(printf %03d $((after % 1000)))"
  process=$(rank_processes | sed -n "$((rank + 1))p")
  if ! running || [ -z "$process" ]; then  # not started yet, or already done: draw again
    wait $launcher; : $((k--)); continue
  fi
  kill -KILL "$process"
  wait $launcher 2>/dev/null; code=$?
  step=$(last_step $run)
  ranks 2 train "${arguments[@]}" run.dir=$run --resume >/dev/null 2>err || fail "resume $k: $(cat err)"
  from=$(grep -oE 'resuming after step [0-9]+' err | grep -oE '[0-9]+$' || echo 0)
  same=false; ! same_end whole $run || same=true
  check "bitwise after kill $k" test $same = true
  [ $same = true ] && equal=$((equal + 1))
  records+=("$(printf '{"rank": %s, "after_ms": %s, "step": %s, "launcher_code": %s, "resumed_after": %s, "equal": %s}' \
    $rank $after "$step" $code "$from" $same)")
  echo "kill $k: rank $rank after $after ms, near step $step, resumed after step $from, equal: $same"
done

{
  printf '{\n  "date": "%s",\n  "seed": %s,\n  "kills": %s,\n  "equal": "%s of %s",\n' \
    "$(date -u +%F)" "$seed" "$kills" "$equal" "$kills"
  printf '  "compared": ["model", "optimizer", "state", "metrics"],\n  "ranks": 2,\n  "undisturbed_ms": %s,\n' "$duration"
  printf '  "versions": {"trunkline": "%s", "open_mpi": "%s"},\n' \
    "$("$trunkline" --version)" "$("$mpiexec" --version | grep -oE '[0-9][0-9.]+' | head -n 1)"
  printf '  "by_kill": [\n'
  (IFS=$'\n'; echo "${records[*]}") | sed 's/^/    /; $!s/$/,/'
  printf '  ]\n}\n'
} > "$home/kill_campaign.json"
finish
