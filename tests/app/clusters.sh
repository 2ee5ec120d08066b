#!/usr/bin/env bash
# Clusters and a reconstruction with the real program: start, refresh, resume bit for bit, warnings, predictions.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"

cat > clusters.yaml <<'YAML'
run: {name: clusters, seed: 3}
sources:
  s: {file: f.h5, batch: 32}
trunk: {kind: mlp, widths: [32, 6], linear_output: true}
tasks:
  copy: {source: s, kind: reconstruction, loss: bce, head: {widths: [32]}}
  groups: {source: s, kind: clustering, target: shape, clusters: 4, weight: 0.1, start_step: 12, refresh_every: 4}
train: {epochs: 4, optimizer: {kind: adamw, lr: 3e-3}, ema: 0.9}
YAML

# Ten steps an epoch: resumed at a refresh, and between two, which needs the targets of the last one.
ranks 2 train clusters.yaml run.dir=whole --json whole.json >/dev/null 2>err || fail "whole: $(cat err)"
check 'says how clusters began' grep -q 'step 12: task groups: 4 clusters from k-means over 320 rows' whole/log.txt
for metric in mse mae nmi ari cluster_accuracy min_cluster_share cluster_entropy; do
  check "metric $metric" grep -q "\"$metric\"" whole.json
done
check 'undefined before the start' grep -q '"metric":"nmi".*"value":null' <(tr -d ' ' < whole/metrics.jsonl)
for epochs in 2 3; do
  ranks 2 train clusters.yaml run.dir=parts$epochs train.epochs=$epochs >/dev/null 2>err || fail "$epochs epochs: $(cat err)"
  ranks 2 train clusters.yaml run.dir=parts$epochs --resume >/dev/null 2>err || fail "resume after $epochs: $(cat err)"
  check "bitwise, resumed after $epochs epochs" same_end whole parts$epochs
done

ranks 3 evaluate whole --split test --json e3.json >/dev/null 2>err || fail "evaluate: $(cat err)"
"$trunkline" evaluate whole --split test --json e1.json >/dev/null 2>err || fail "evaluate: $(cat err)"
check 'metrics on any ranks' same e1.json e3.json
for task in groups copy; do
  ranks 2 predict whole --task $task --input f.h5 --split test --output $task.h5 --json $task.json >/dev/null 2>err ||
    fail "predict $task: $(cat err)"
done
check 'how sure a cluster is' grep -q '"confidence"' groups.json
check 'no names of classes' grep -q '"class_names": *\[\]' groups.json

# k-means alone, on inputs that have four values: two clusters of six stay empty.
ranks 2 train clusters.yaml run.dir=raw 'sources={s: {file: f.h5, batch: 32, input: shape}}' 'trunk={kind: identity}' \
  'tasks={groups: {source: s, kind: clustering, clusters: 6, weight: 0}}' 'train={steps: 1}' >/dev/null 2>err || fail "raw: $(cat err)"
check 'warns of collapsed clusters' grep -q 'warning.*2 of 6 clusters have collapsed' raw/log.txt

# With masses alone nothing is kept per row.
check 'targets are kept' test -f "$(ls -d whole/checkpoints/step-* | tail -n 1)/actions.safetensors"
ranks 2 train clusters.yaml run.dir=masses tasks.groups.refresh=masses >/dev/null 2>err || fail "masses: $(cat err)"
check 'no targets are kept' test -z "$(find masses/checkpoints -name actions.safetensors)"

refuses 2 'tasks.groups.clusters: 321, but source s has 320 training rows' ranks 2 train clusters.yaml tasks.groups.clusters=321
refuses 2 'tasks.groups.clusters' "$trunkline" train clusters.yaml tasks.groups.clusters=1
refuses 2 'tasks.groups.start_step: 12, but the run ends after 10 steps; start sooner or train longer' ranks 2 train clusters.yaml train.epochs=1
refuses 2 'required key is missing' "$trunkline" train clusters.yaml 'tasks.groups={source: s, kind: clustering}'
refuses 2 'key "clusters" belongs to kind: clustering' "$trunkline" train clusters.yaml tasks.copy.clusters=3
refuses 2 'learns the input of its source; leave the key out' "$trunkline" train clusters.yaml tasks.copy.target=shape
for task in groups:clustering copy:reconstruction; do
  refuses 2 "a ${task#*:} has no labels to adapt to" "$trunkline" adapt whole --task "${task%:*}" --support f.h5#/train \
    --input f.h5#/test --output a.h5 --steps 1 --rate 0.1
done
refuses 2 'a clustering learns without labels' "$trunkline" train clusters.yaml tasks.groups.labels=5
refuses 2 'set loss: mse, or leave normalize out' ranks 2 train clusters.yaml sources.s.normalize=true
check 'nothing was written' test ! -e runs/clusters/checkpoints
finish
