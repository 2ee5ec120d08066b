#!/usr/bin/env bash
# Every mistake is one line that says what, where and what to do, and ends all ranks alike.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"

refuses 2 'did you mean "epochs"' "$trunkline" train c.yaml train.epohcs=3
sed 's/^train:/trian:/' c.yaml > misspelt.yaml
refuses 2 'misspelt.yaml:9' "$trunkline" train misspelt.yaml
(cat c.yaml; echo 'trunk: {kind: mlp}') > twice.yaml
refuses 2 'trunk' "$trunkline" train twice.yaml
refuses 2 'integer expected' "$trunkline" train c.yaml train.epochs=many
refuses 2 'did you mean "adamw"' "$trunkline" train c.yaml train.optimizer.kind=adamww
refuses 2 'no-such.yaml' "$trunkline" train no-such.yaml
refuses 2 'no source "t"' "$trunkline" train c.yaml tasks.shape.source=t
refuses 2 'frobnicate' "$trunkline" frobnicate
refuses 2 'trunkline data: no command "generat"; did you mean "generate"?' "$trunkline" data generat shapes x.h5
refuses 2 'did you mean "multi-mnist"' ranks 2 data convert multi-mnits . x.h5
refuses 2 'did you mean "train"' "$trunkline" trian c.yaml
refuses 3 'sources.s.file: /' "$trunkline" train c.yaml sources.s.file=nowhere.h5
refuses 3 'nowhere.h5' "$trunkline" train c.yaml sources.s.file=nowhere.h5
refuses 3 'nowhere.h5' ranks 2 train c.yaml sources.s.file=nowhere.h5
refuses 3 'colour' "$trunkline" train c.yaml tasks.shape.target=colour
echo '<html>' > page.h5
refuses 3 'page.h5' "$trunkline" train c.yaml sources.s.file=page.h5
refuses 3 'tasks.shape.classes: 2, but' "$trunkline" train c.yaml tasks.shape.classes=2
refuses 3 'f.h5:/train/shape has 4 classes' "$trunkline" train c.yaml tasks.shape.classes=2
refuses 2 'tasks.shape.class_weights: 2 values, but shape has 4 classes' "$trunkline" train c.yaml 'tasks.shape.class_weights=[1, 2]'
refuses 2 'tasks.attributes.class_weights: 1 value, but attributes has' ranks 2 train c.yaml 'tasks.attributes.class_weights=[2]'
refuses 2 '"heavy" is no positive number' "$trunkline" train c.yaml 'tasks.shape.class_weights=[1, heavy, 1, 1]'
refuses 2 'did you mean "huber"' "$trunkline" train c.yaml tasks.position.loss=hubert
refuses 2 'expected one of cross_entropy, focal' "$trunkline" train c.yaml tasks.shape.loss=mse
refuses 2 'key "huber_delta" belongs to loss: huber' "$trunkline" train c.yaml tasks.position.huber_delta=2
refuses 2 'required key is missing' "$trunkline" train c.yaml tasks.position.loss=quantile
refuses 2 'ascending numbers between 0 and 1' "$trunkline" train c.yaml tasks.position.loss=quantile 'tasks.position.quantiles=[0.9, 0.1]'
refuses 2 'key "standardize" belongs to kind: regression' "$trunkline" train c.yaml tasks.shape.standardize=true
refuses 2 'must be below 1' "$trunkline" train c.yaml tasks.shape.label_smoothing=1
refuses 2 'task attributes has no rank' ranks 2 train c.yaml layout.kind=explicit 'layout.tasks={shape: [0], position: [1]}'
refuses 2 'rank 1 of 2 has no task' ranks 2 train c.yaml layout.kind=explicit 'layout.tasks={shape: [0], position: [0], attributes: [0]}'
refuses 2 'sources.s.batch: 1 rows are too few for the 2 ranks' ranks 2 train c.yaml sources.s.batch=1
refuses 2 'rank 1 is there twice' ranks 2 train c.yaml layout.kind=explicit 'layout.tasks={shape: [0], position: [1, "0-1"], attributes: 0}'
refuses 2 'did you mean "balanced"?' "$trunkline" train c.yaml tasks.shape.class_weights=ballanced
refuses 2 'a reconstruction learns without labels' "$trunkline" train c.yaml 'tasks.again={source: s, kind: reconstruction, labels: 5}'
refuses 2 'beyond the world of 2 ranks' ranks 2 train c.yaml layout.kind=explicit 'layout.tasks={shape: [0], position: [1], attributes: "1-5"}'
refuses 5 'task shape is not finite' ranks 2 train c.yaml run.dir=wild 'train={steps: 20, optimizer: {kind: sgd, lr: 1e30}}'
check 'nothing was written' test ! -e runs/r/checkpoints

# A build without CUDA and a machine without a GPU say the same thing first.
if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L >/dev/null 2>&1; then
  refuses 2 'device cuda:' "$trunkline" train c.yaml run.device=cuda
  refuses 2 'device cuda:' ranks 2 train c.yaml run.device=cuda
  check 'nothing was written' test ! -e runs/r/checkpoints
fi

mkdir -p full && touch full/thesis.tex
refuses 2 '--resume' ranks 2 train c.yaml run.dir=full
check 'left alone' test "$(ls full | grep -v -e lock -e log.txt)" = thesis.tex

"$trunkline" train c.yaml train.epochs=1 >/dev/null 2>&1 || fail 'a plain run'
refuses 2 '--resume' "$trunkline" train c.yaml
refuses 4 'another model' ranks 2 train c.yaml --resume 'trunk.channels=[8, 12]'
exec 9>>runs/r/lock && flock -n 9
refuses 2 'in use' "$trunkline" train c.yaml --resume
exec 9>&-
refuses 2 'the run has no such task' "$trunkline" predict runs/r --task size --input f.h5 --split test --output p.h5
refuses 2 '--task: choose one of shape, position, attributes' "$trunkline" predict runs/r --input f.h5 --split test --output p.h5
refuses 2 'several splits' "$trunkline" predict runs/r --task shape --input f.h5 --output p.h5
refuses 3 '--input: nowhere.h5: no such file' "$trunkline" predict runs/r --task shape --input nowhere.h5 --output p.h5
touch p.h5
refuses 2 'p.h5' ranks 2 predict runs/r --task shape --input f.h5 --split test --output p.h5
refuses 2 'not a run folder' "$trunkline" evaluate full
finish
