#!/usr/bin/env bash
# A trunk made in Python: it trains, resumes and predicts without the original, and can be exported again.
here=$(cd "$(dirname "$0")" && pwd)  # the fixture changes the folder
# shellcheck source=tests/app/fixture.sh
source "$here/fixture.sh"
modules=$here/../golden/torchscript
cp "$modules/encoder.pt" given.pt
sed 's/^trunk: .*/trunk: {kind: torchscript}/' c.yaml > script.yaml
echo 'init: {from: given.pt}' >> script.yaml

ranks 2 train script.yaml run.dir=whole train.epochs=2 >/dev/null 2>err || fail "train: $(cat err)"
check 'warns of code' grep -q 'given.pt is a TorchScript module, which is code that runs here' err
check 'once' test "$(grep -c 'which is code' err)" = 1
check 'keeps a copy' cmp -s given.pt whole/trunk.pt
check 'tells what was loaded' grep -qE '^ *trunk +loaded +8 ' whole/log.txt
ranks 2 train script.yaml run.dir=parts train.epochs=1 >/dev/null 2>err || fail "first part: $(cat err)"
mv given.pt elsewhere.pt
ranks 2 train parts/config.yaml run.dir=parts train.epochs=2 --resume >/dev/null 2>err || fail "resume: $(cat err)"
check 'bitwise without the original' same_end whole parts
check 'no further warning' bash -c '! grep -q "which is code" err'
mv whole moved
ranks 3 evaluate moved --split test --json e.json >/dev/null 2>err || fail "evaluate: $(cat err)"
check 'metrics' grep -q '"accuracy"' e.json
"$trunkline" predict moved --task position --input f.h5 --split test --output position.h5 >/dev/null 2>err || fail "predict: $(cat err)"
"$trunkline" export moved --task position --output position.pt >/dev/null 2>err || fail "export: $(cat err)"
"$trunkline" export moved --output whole.pt >/dev/null 2>err || fail "export: $(cat err)"
"$trunkline" export moved --output model.safetensors >/dev/null 2>err || fail "export: $(cat err)"

# A run on such a run, and adapters on such a trunk.
cat > few.yaml <<'YAML'
run: {name: few, seed: 4}
sources:
  s: {file: f.h5, batch: 32}
tasks:
  shape: {source: s, target: shape, kind: classification, labels: 50}
train: {steps: 6}
YAML
ranks 2 finetune few.yaml --from moved run.dir=child 'finetune.lora.rank=2' >/dev/null 2>err || fail "finetune: $(cat err)"
check 'the child has its copy' cmp -s moved/trunk.pt child/trunk.pt
check 'few labels' grep -q 'task shape: trains on 50 of ' child/log.txt
"$trunkline" predict child --task shape --input f.h5 --split test --output shape.h5 >/dev/null 2>err || fail "predict: $(cat err)"
"$trunkline" export child --task shape --output shape.pt >/dev/null 2>err || fail "export: $(cat err)"

for bad in flat.pt:'forward gives (1536) for two rows' across.pt:'depends on the other rows' mixing.pt:'batch normalisation in training mode' \
           learning.pt:'norm is batch normalisation in training mode; call eval()' noisy.pt:'draws random numbers (aten::randn_like)' \
           dropping.pt:'draws random numbers (aten::dropout' counting.pt:'forward changes the buffer count' pair.pt:'expected one tensor' \
           state.pt:'not a TorchScript module' frozen.pt:'has no parameters' make.py:'needs init.from: FILE.pt' \
           none.pt:'no such file'; do
  refuses 2 "${bad#*:}" ranks 2 train script.yaml init.from="$modules/${bad%%:*}" run.dir=bad
done
refuses 2 'needs init.from: FILE.pt' "$trunkline" train script.yaml init.from=f.h5 run.dir=bad
refuses 2 'finetune.lora.rank' "$trunkline" finetune few.yaml --from moved finetune.lora.rank=0 run.dir=bad
refuses 2 'linear9 is no linear layer or convolution of the trunk; it has conv, block.0, out' \
  "$trunkline" finetune few.yaml --from moved 'finetune.lora={rank: 1, layers: [linear9]}' run.dir=bad
refuses 2 'with finetune.lora the trunk itself is frozen anyway' \
  "$trunkline" finetune few.yaml --from moved 'finetune={freeze: 1, lora: {rank: 1}}' run.dir=bad
refuses 2 'key "alpha" belongs to rank: a number' "$trunkline" finetune few.yaml --from moved 'finetune.lora={alpha: 2}' run.dir=bad
refuses 2 'tasks.shape.labels: 500, but source s has' "$trunkline" finetune few.yaml --from moved tasks.shape.labels=500 run.dir=bad

if [ -z "${TRUNKLINE_PYTHON:-}" ]; then
  echo 'skipped: TRUNKLINE_PYTHON names no Python with torch, h5py and safetensors; training was not compared there'
else
  one='train={steps: 1, optimizer: {kind: sgd, lr: LR}}'
  for lr in 0.1 1e-30; do
    "$trunkline" train script.yaml init.from=elsewhere.pt run.dir=lr$lr 'tasks={shape: {source: s, target: shape}}' \
      sources.s.batch=320 "${one/LR/$lr}" >/dev/null 2>err || fail "one step: $(cat err)"
  done
  "$TRUNKLINE_PYTHON" "$here/compare_torchscript.py" f.h5 elsewhere.pt lr1e-30 lr0.1 || fail 'Python trains otherwise'
  "$TRUNKLINE_PYTHON" "$here/compare_export.py" f.h5 '' position.pt position.h5 shape.pt shape.h5 || fail 'Python predicts otherwise'
fi
finish
