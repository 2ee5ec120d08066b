#!/usr/bin/env bash
# Experts on any number of ranks, from training to prediction; a table of text from CSV to predictions of another file.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"

experts=(c.yaml 'trunk={kind: cgc, expert: convnet, experts: 2, channels: [4, 8]}' tasks.shape.head.experts=2
  tasks.position.head.adapter=4 train.epochs=1 train.optimizer.kind=sgd)
"$trunkline" train "${experts[@]}" run.dir=one >/dev/null 2>err || fail "one rank: $(cat err)"
ranks 3 train "${experts[@]}" run.dir=three layout.kind=task >/dev/null 2>err || fail "three ranks: $(cat err)"
"$trunkline" evaluate one --json one.json >/dev/null 2>err || fail "evaluate: $(cat err)"
ranks 2 evaluate three --json three.json >/dev/null 2>err || fail "evaluate on two ranks: $(cat err)"
sed -i '/"run"/d' one.json three.json
check 'the same metrics' same one.json three.json
check 'shares of experts' grep -q '"gate.layer0.own1"' one.json
check 'shares in the metrics' grep -q '"gate.layer0.shared0"' one/metrics.jsonl
"$trunkline" predict three --task shape --input f.h5 --split test --output p.h5 >/dev/null 2>err || fail "predict: $(cat err)"
refuses 2 'tasks.shape.head.experts: 2, but the trunk has no experts' ranks 2 train c.yaml tasks.shape.head.experts=2
refuses 2 'key "experts" belongs to kind: mmoe, cgc or ple' "$trunkline" train c.yaml trunk.experts=2
refuses 2 'did you mean "mmoe"' "$trunkline" train c.yaml trunk.kind=mmoee

awk 'BEGIN {
  srand(4); print "age,colour,size,y"; split("red blue green", colours)
  for (i = 0; i < 300; ++i) { c = int(rand() * 3) + 1; a = rand(); print a "," colours[c] "," (rand() < .5 ? "big" : "small") "," a + c }
}' > train.csv
printf 'age,colour,size,y\n0.5,green,small,3.5\n0.5,pink,big,0\n' > new.csv
"$trunkline" data convert csv train.csv table.h5 --target y --text codes 2>err || fail "convert: $(cat err)"
"$trunkline" data convert csv new.csv new.h5 --target y --like table.h5 2>err || fail "convert like: $(cat err)"
cat > table.yaml <<'YAML'
run: {name: table, seed: 1}
sources:
  table: {file: table.h5, batch: 32, normalize: true, stem: {kind: table}, train: 0.8, valid: 0.2}
trunk: {kind: mlp, widths: [16]}
tasks:
  y: {source: table, target: y}
train: {epochs: 30, optimizer: {kind: adam, lr: 1e-2}}
YAML
ranks 2 train table.yaml >/dev/null 2>err || fail "train on a table: $(cat err)"
rm table.h5
"$trunkline" predict runs/table --input new.h5 --split train --output q.h5 --json q.json >/dev/null 2>err ||
  fail "predict rows of another file: $(cat err)"
"$trunkline" data convert csv train.csv table.h5 --target y --text codes 2>err || fail "convert: $(cat err)"
refuses 2 'sources.table.stem.codes: 2 numbers, but rows have 3 columns' "$trunkline" train table.yaml run.dir=few 'sources.table.stem.codes=[0, 3]'
refuses 3 'column colour, row ' "$trunkline" train table.yaml run.dir=few 'sources.table.stem.codes=[0, 2, 3]'
finish
