#!/usr/bin/env bash
# Exported models are those of the run: what they predict in Python is what `trunkline predict` writes.
here=$(cd "$(dirname "$0")" && pwd)  # the fixture changes the folder
# shellcheck source=tests/app/fixture.sh
source "$here/fixture.sh"

# exported RUN TASK…: exports RUN/TASK.pt and the whole run, and what `predict` says of each task in $data
data=f.h5
exported() {
  local run=$1 task; shift
  for task in "$@"; do
    "$trunkline" export "$run" --task "$task" --output "$run/$task.pt" >"$run/$task.txt" 2>err || fail "export: $(cat err)"
    "$trunkline" predict "$run" --task "$task" --input "$data" --split test --output "$run/$task.h5" >/dev/null 2>err ||
      fail "predict: $(cat err)"
    pairs+=("$run/$task.pt" "$run/$task.h5")
  done
  "$trunkline" export "$run" --output "$run/all.safetensors" >/dev/null 2>err || fail "export: $(cat err)"
}
pairs=()

train() { local run=$1; shift; ranks 2 train c.yaml run.dir="$run" train.epochs=1 "$@" >/dev/null 2>err || fail "$run: $(cat err)"; }
statistics='sources.s.normalize=true'
train convnet train.ema=0.9
train mlp 'trunk={kind: mlp, widths: [24, 12], norm: layer, activation: gelu}' $statistics \
  tasks.position.standardize=true tasks.position.loss=quantile 'tasks.position.quantiles=[0.1, 0.5, 0.8]' 'tasks.shape.head.widths=[8]'
train lenet 'trunk={kind: lenet, dropout: 0.2}' tasks.position.standardize=true tasks.position.loss=gaussian
train resnet 'trunk={kind: resnet18, base_width: 4, groups: 2}' $statistics
train stem 'trunk={kind: mlp, widths: [12]}' 'sources.s.stem={kind: convnet, channels: [4, 8]}' train.precision=float64
train conv 'sources.s.stem={kind: conv, channels: [3], size: [8, 8]}'
train patches 'trunk={kind: transformer, patch: 4, width: 16, layers: 1, heads: 2, pooling: cls}'
train experts 'trunk={kind: ple, expert: mlp, widths: [8], experts: 2}' tasks.shape.head.adapter=4
train gates 'trunk={kind: mmoe, expert: convnet, channels: [4, 4], experts: 2}'
train identity 'trunk={kind: identity}'
cat > lora.yaml <<'YAML'
run: {name: lora, seed: 4}
sources:
  s: {file: f.h5, batch: 32}
tasks:
  shape: {source: s, target: shape, kind: classification}
train: {steps: 12, optimizer: {kind: adamw, lr: 1e-2}}
YAML
ranks 2 finetune lora.yaml --from convnet run.dir=lora 'finetune.lora={rank: 2, alpha: 4}' >/dev/null 2>err || fail "lora: $(cat err)"
for run in convnet mlp lenet resnet stem conv; do exported $run shape position attributes; done
exported lora shape
for run in patches experts gates identity; do exported $run shape position; done

# Kinds of heads; "class" and "in" are words of the language that modules are written in.
cat > heads.yaml <<'YAML'
run: {name: heads, seed: 4}
sources:
  in: {file: dense.h5, batch: 32, normalize: true, stem: {kind: conv, channels: [3], size: [16, 16]}}
trunk: {kind: convnet, channels: [8, 16], norm: group}
tasks:
  class: {source: in, target: shape, kind: classification}
  picture: {source: in, kind: reconstruction}
  groups: {source: in, kind: clustering, clusters: 3}
  mask: {source: in, target: mask, kind: dense_classification, head: {channels: [8, 8], skip: true}}
  distance: {source: in, target: distance, kind: dense_regression, head: {channels: [8, 8]}}
train: {epochs: 1, optimizer: {kind: adamw, lr: 3e-3}}
YAML
printf 'area,town,rooms,heating,price,kind\n' > houses.csv
for i in $(seq 200); do
  echo "$((i * 37 % 160)).5,$((i % 2))town,$((i % 5)),$((i % 3))fuel,$((i * 13 % 100)).25,$((i % 4))th"
done >> houses.csv
cat > table.yaml <<'YAML'
run: {name: table, seed: 4}
sources:
  houses: {file: houses.h5, batch: 32, normalize: true, stem: {kind: table}}
trunk: {kind: mlp, widths: [8]}
tasks:
  price: {source: houses, target: price, standardize: true}
  kind: {source: houses, target: kind}
train: {epochs: 1}
YAML
"$trunkline" data generate shapes dense.h5 --rows 200 --size 16 --dense >/dev/null 2>err || fail "dense: $(cat err)"
"$trunkline" data convert csv houses.csv houses.h5 --target price --target kind:classification --text codes \
  --split train=0.8,test=0.2 >/dev/null 2>err || fail "houses: $(cat err)"
for run in heads table; do ranks 2 train $run.yaml run.dir=$run >/dev/null 2>err || fail "$run: $(cat err)"; done
shapes=("${pairs[@]}") pairs=() data=dense.h5
exported heads class picture groups mask distance
heads=("${pairs[@]}") pairs=() data=houses.h5
exported table price kind
tables=("${pairs[@]}")

check 'says what goes in' grep -q 'input: x of source s, U8 (n, 3, 16, 16), as the files hold it' convnet/shape.txt
check 'says what comes out' grep -q 'output: a dictionary of prediction, probability' convnet/shape.txt
"$trunkline" export convnet --output whole.pt --json whole.json >/dev/null 2>err || fail "whole: $(cat err)"
check 'all tasks by name' grep -q '"position.prediction"' whole.json
check 'adapters are merged' bash -c '! grep -q lora_ lora/all.safetensors'

# An export is a model to begin with.
ranks 2 finetune lora.yaml --from lora/all.safetensors run.dir=again 'trunk={kind: convnet, channels: [8, 16], norm: group}' \
  train.steps=1 >/dev/null 2>err || fail "again: $(cat err)"
check 'the head too' grep -qE 'heads.shape +loaded' again/log.txt
step=$(basename "$(ls -d convnet/checkpoints/step-* | tail -n 1)" | sed 's/step-0*//')
"$trunkline" export convnet --checkpoint "$step" --task shape --output one.safetensors >/dev/null 2>err || fail "$(cat err)"

refuses 2 'expected FILE.safetensors or FILE.pt' "$trunkline" export convnet --output model.onnx
refuses 2 'the file exists; choose another name' "$trunkline" export convnet --output whole.pt
refuses 2 'the run has no such task; it has shape, position, attributes' "$trunkline" export convnet --task form --output n.pt
refuses 2 'the run has no checkpoint of this step; it has 10' "$trunkline" export convnet --checkpoint 777 --output n.pt
refuses 2 'not a run folder' "$trunkline" export nowhere --output n.pt
refuses 2 'there is no folder' "$trunkline" export convnet --output nowhere/n.pt
refuses 4 'is an adapter for which the model has no place' "$trunkline" finetune lora.yaml --from lora run.dir=n
cat > two.yaml <<'YAML'
run: {name: two, seed: 4}
sources:
  s: {file: f.h5, batch: 32}
  t: {file: f.h5, batch: 16}
trunk: {kind: lenet}
tasks:
  shape: {source: s, target: shape, kind: classification}
  position: {source: t, target: position, kind: regression}
train: {steps: 2}
YAML
"$trunkline" train two.yaml run.dir=two >/dev/null 2>err || fail "two: $(cat err)"
refuses 2 'tasks shape and position read different sources' "$trunkline" export two --output n.pt
check 'nothing was written' test ! -e n.pt

if [ -z "${TRUNKLINE_PYTHON:-}" ]; then
  echo 'skipped: TRUNKLINE_PYTHON names no Python with torch, h5py and safetensors; the files were not compared there'
else
  "$TRUNKLINE_PYTHON" "$here/compare_export.py" f.h5 whole.pt "${shapes[@]}" || fail 'Python predicts otherwise'
  "$TRUNKLINE_PYTHON" "$here/compare_export.py" dense.h5 '' "${heads[@]}" || fail 'Python predicts otherwise of heads'
  "$TRUNKLINE_PYTHON" "$here/compare_export.py" houses.h5 '' "${tables[@]}" || fail 'Python predicts otherwise of tables'
fi
finish
