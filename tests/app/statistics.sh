#!/usr/bin/env bash
# What a run knows of its training rows goes with it: resuming, evaluating and predicting use it.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
arguments=(c.yaml sources.s.normalize=true tasks.position.standardize=true tasks.position.loss=gaussian
  tasks.shape.class_weights=balanced tasks.shape.label_smoothing=0.1)

ranks 2 train "${arguments[@]}" run.dir=whole >/dev/null 2>err || fail "train: $(cat err)"
ranks 2 train "${arguments[@]}" run.dir=parts train.epochs=2 >/dev/null 2>err || fail "first part: $(cat err)"
ranks 2 train "${arguments[@]}" run.dir=parts --resume >/dev/null 2>err || fail "second part: $(cat err)"
check 'a resumed run ends alike' same_end whole parts
check 'the state holds the numbers' grep -q '"deviation"' whole/checkpoints/step-00000040/state.json

"$trunkline" evaluate whole --split test --json with.json >/dev/null 2>err || fail "evaluate: $(cat err)"
check 'metrics of the mean' grep -q '"r2"' with.json
cp f.h5 new.h5
"$trunkline" predict whole --task position --input new.h5 --split test --output a.h5 --json a.json >/dev/null 2>err ||
  fail "predict: $(cat err)"
check 'a standard deviation' grep -q standard_deviation a.json
rm f.h5
ranks 3 predict whole --task position --input new.h5 --split test --output b.h5 --json b.json >/dev/null 2>err ||
  fail "predict without the training data: $(cat err)"
check 'the same predictions' same_rows a.json b.json
mv new.h5 f.h5

"$trunkline" train c.yaml run.dir=plain train.epochs=1 tasks.position.loss=quantile \
  'tasks.position.quantiles=[0.1, 0.5, 0.9]' >/dev/null 2>err || fail "a plain run: $(cat err)"
"$trunkline" predict plain --task position --input f.h5 --split test --output q.h5 --json q.json >/dev/null 2>err ||
  fail "predict quantiles: $(cat err)"
check 'quantiles' grep -q '"quantiles"' q.json
sed -i 's/normalize: none/normalize: "true"/' plain/config.yaml
refuses 4 'no statistics for sources.s.normalize' ranks 2 evaluate plain
finish
