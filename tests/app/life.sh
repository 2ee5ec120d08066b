#!/usr/bin/env bash
# Training, evaluation and prediction mean the same on any number of ranks.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"

"$trunkline" train c.yaml --check run.dir=checked >/dev/null 2>err || fail "--check: $(cat err)"
check 'a check writes nothing' test ! -e checked
"$trunkline" help config | grep -q 'train.optimizer.lr' || fail 'help config lacks train.optimizer.lr'
ranks 2 train c.yaml --json summary.json >/dev/null 2>err || fail "train: $(cat err)"
check 'the summary has the steps' grep -q '"steps": 40' summary.json
check 'metrics of the last step' grep -q '"step":40,.*"task":"shape","metric":"accuracy"' runs/r/metrics.jsonl

for n in 1 2 3; do
  ranks $n evaluate runs/r --split test --json m$n.json >/dev/null 2>err || fail "evaluate on $n: $(cat err)"
  ranks $n predict runs/r --task position --input f.h5 --split test --output p$n.h5 --json p$n.json \
    >/dev/null 2>err || fail "predict on $n: $(cat err)"
done
check 'metrics on 2 ranks' same m1.json m2.json
check 'metrics on 3 ranks' same m1.json m3.json
check 'predictions on 3 ranks' same_rows p1.json p3.json
finish
