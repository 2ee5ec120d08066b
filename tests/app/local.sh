#!/usr/bin/env bash
# launch/local.sh: ranks on this machine, exit codes, and signals that save the run.
local=$(cd "$(dirname "$0")/../.." && pwd)/launch/local.sh
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
unset OMP_NUM_THREADS OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM  # the script has to see to these itself
export TRUNKLINE=$trunkline

"$local" -n 2 c.yaml train.epochs=1 >/dev/null 2>err || fail "training: $(cat err)"
check 'two ranks' grep -q '"ranks": 2' runs/r/environment.json
"$local" -n 1 evaluate runs/r --json m.json >/dev/null 2>err || fail "evaluate: $(cat err)"
check 'another command' test -s m.json
"$local" -n 2 c.yaml train.epohcs=1 >/dev/null 2>err; code=$?
check 'the code of an error comes through' test $code = 2
many=$(($(nproc --all) + 1))
"$local" -n $many c.yaml --check >/dev/null 2>err || fail "more ranks than cores: $(cat err)"
check 'more ranks than cores are told' grep -q "$many ranks of 1 threads" err

# stops SIGNAL RUN: sent when training has begun
stops() {
  "$local" -n 2 c.yaml run.dir="$2" train.epochs=2000 >/dev/null 2>err & launcher=$!
  await 60 test -s "$2/metrics.jsonl" || fail "no training: $(cat err)"
  kill -s "$1" $launcher
  wait $launcher; code=$?
  check "$1 ends with 85" test $code = 85
  check "$1 saves" grep -q 'stopped on request after step' "$2/log.txt"
}
stops TERM by_term
stops USR1 by_usr1

# While ranks still load their libraries. Before there is an mpirun the script just ends, and there is no run to save.
"$local" -n 2 c.yaml run.dir=early train.epochs=2000 >/dev/null 2>err & launcher=$!
await 20 pgrep -f '^(setsid )?mpirun .*run.dir=early' >/dev/null || fail 'no ranks'
kill -USR1 $launcher
wait $launcher; code=$?
check 'a signal during start-up ends with 85' test $code = 85
check 'and is saved' test -n "$(ls early/checkpoints)"
finish
