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
same() {  # numbers of two JSON files agree to 1e-5
  paste <(grep -oE '[0-9.]+(e-?[0-9]+)?' "$1") <(grep -oE '[0-9.]+(e-?[0-9]+)?' "$2") |
    awk '{d = $1 - $2; if (d < 0) d = -d; if (d > 1e-5 * (1 + ($1 < 0 ? -$1 : $1))) exit 1}'
}
check 'metrics on 2 ranks' same m1.json m2.json
check 'metrics on 3 ranks' same m1.json m3.json
predictions() { sed -n '/first_rows/,/]/p' "$1" > "$1.rows"; }
for n in 1 2 3; do predictions p$n.json; done
check 'predictions on 3 ranks' same p1.json.rows p3.json.rows
finish
