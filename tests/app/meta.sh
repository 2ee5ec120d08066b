#!/usr/bin/env bash
# Meta-learning with the real program: it resumes bit for bit, evaluates by episodes, and its result is adapted to new classes.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"

cat > m.yaml <<'YAML'
run: {name: m, seed: 3}
sources:
  s: {file: f.h5, batch: 32}
trunk: {kind: convnet, channels: [8, 16], norm: group, dropout: 0.1}
tasks:
  kind: {source: s, target: texture, kind: few_shot}
  place: {source: s, target: position, kind: regression}
meta: {algorithm: maml, every: 3, sources: [s], ways: 3, shots: 2, queries: 2, tasks: 4, inner_rate: 0.1, evaluate: {episodes: 20}}
train: {steps: 30, optimizer: {kind: adamw, lr: 3e-3}}
YAML

ranks 2 train m.yaml run.dir=whole --json whole.json >/dev/null 2>err || fail "train: $(cat err)"
check 'says what it learns from' grep -q 'maml: one step in 3 learns from 4 episodes; task kind: 3 of 6 classes' whole/log.txt
check 'accuracy of episodes' grep -q '"task":"kind","metric":"accuracy_ci95"' whole/metrics.jsonl
for steps in 7 18; do
  ranks 2 train m.yaml run.dir=parts$steps train.steps=$steps >/dev/null 2>err || fail "$steps steps: $(cat err)"
  ranks 2 train m.yaml run.dir=parts$steps --resume >/dev/null 2>err || fail "resume after $steps: $(cat err)"
  check "bitwise, resumed after $steps steps" \
    cmp -s whole/checkpoints/step-00000030/model.safetensors parts$steps/checkpoints/step-00000030/model.safetensors
done
for n in 1 3; do
  ranks $n evaluate whole --split test --json e$n.json >/dev/null 2>err || fail "evaluate on $n: $(cat err)"
done
check 'metrics by episodes' grep -q '"accuracy_ci95"' e1.json
check 'the same on 1 and 3 ranks' same e1.json e3.json

for way in 'algorithm: fomaml' 'algorithm: anil' 'algorithm: reptile, inner_steps: 3, inner_batch: 4'; do
  "$trunkline" train m.yaml "meta={$way, sources: [s], ways: 2, queries: 2, tasks: 2, evaluate: {episodes: 4}, every: 2}" train.steps=4 \
    "run.dir=way-${way//[^a-z]/}" >/dev/null 2>err || fail "$way: $(cat err)"
done

# New classes: a few rows with labels, and those that are to be predicted.
"$trunkline" data generate shapes n.h5 --rows 100 --size 16 --seed 9 2>/dev/null
adapt=(adapt whole --support n.h5#/valid --input n.h5#/test)
refuses 3 'rows of 6 classes; task kind can tell 2 to 3 classes apart' "$trunkline" "${adapt[@]}" --output p.h5
cat > four.yaml <<'YAML'
run: {name: four, seed: 3}
sources:
  s: {file: f.h5, batch: 32}
trunk: {kind: convnet, channels: [8, 16], norm: group}
tasks:
  kind: {source: s, target: shape, kind: few_shot}
meta: {algorithm: fomaml, sources: [s], ways: 4, queries: 2, tasks: 4, inner_steps: 3, evaluate: {episodes: 4}}
train: {steps: 5}
YAML
"$trunkline" train four.yaml >/dev/null 2>err || fail "four: $(cat err)"
adapt=(adapt runs/four --support n.h5#/valid --input n.h5#/test)
"$trunkline" "${adapt[@]}" --output p.h5 --json p1.json >/dev/null 2>err || fail "adapt: $(cat err)"
ranks 3 "${adapt[@]}" --output p.h5 --force --json p3.json >/dev/null 2>err || fail "adapt on 3: $(cat err)"
check 'the same on 1 and 3 ranks' same_rows p1.json p3.json
check 'class names of the support' grep -q '"triangle"' p1.json
check 'learned' grep -q '"support_rows": 10' p1.json
"$trunkline" "${adapt[@]}" --steps 40 --rate 0.05 --head-only --output q.h5 --json q.json >/dev/null 2>err || fail "head only: $(cat err)"
"$trunkline" finetune c.yaml --from runs/four run.dir=tuned 'trunk={dropout: 0.1}' train.epochs=1 >/dev/null 2>err || fail "finetune: $(cat err)"
check 'a task of another kind' "$trunkline" adapt tuned --task position --support n.h5#/valid --input n.h5#/test --output r.h5 \
  --steps 3 --rate 0.01

check 'predictions.h5 by default' "$trunkline" "${adapt[@]}"
refuses 2 'predictions.h5' "$trunkline" "${adapt[@]}"
"$trunkline" adapt tuned --task position --support n.h5#/valid --input n.h5#/test --output w.h5 --steps 1 --rate 1000 >/dev/null 2>err
check 'a loss that rises is told' grep -q 'the loss of the support rose; lower --rate' err
refuses 2 'give --steps and --rate' "$trunkline" adapt tuned --task position --support n.h5#/valid --input n.h5#/test --output s.h5
refuses 2 '--task: choose one of shape, position, attributes' "$trunkline" adapt tuned --support n.h5 --input n.h5 --output s.h5
refuses 2 'name the group of one, e.g. FILE#/train' "$trunkline" adapt runs/four --support n.h5 --input n.h5#/test --output s.h5
refuses 3 '--support: nowhere.h5: no such file' "$trunkline" adapt runs/four --support nowhere.h5 --input n.h5#/test --output s.h5
refuses 2 'use trunkline adapt' "$trunkline" predict runs/four --task kind --input n.h5#/test --output s.h5
check 'nothing was written' test ! -e s.h5

refuses 2 'meta.sources: no source "t"' "$trunkline" train m.yaml 'meta.sources=[t]'
refuses 2 'meta.sources: name the sources' "$trunkline" train m.yaml 'meta.sources=[]'
refuses 2 'few_shot learns from episodes' "$trunkline" train m.yaml 'meta={}'
refuses 2 'did you mean "fomaml"?' "$trunkline" train m.yaml meta.algorithm=fomamel
refuses 2 'key "ways" belongs to algorithm' "$trunkline" train c.yaml meta.ways=3
refuses 2 'reptile needs 2 or more' ranks 2 train m.yaml meta.algorithm=reptile
refuses 2 'tasks.place: never trained, since meta.every: 1' "$trunkline" train m.yaml meta.every=1
refuses 2 'no task learns in joint steps' "$trunkline" train four.yaml meta.every=4
refuses 3 'has 6 classes, an episode needs 7; lower meta.ways' ranks 2 train m.yaml meta.ways=7
refuses 3 'lower meta.shots, meta.queries or meta.ways' "$trunkline" train m.yaml meta.queries=80
refuses 3 'meta.memory_bytes allows 1000' ranks 2 train m.yaml meta.memory_bytes=1000
refuses 3 'no target data set (y or a usual name)' "$trunkline" train m.yaml tasks.kind.target=y
finish
