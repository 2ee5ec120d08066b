#!/usr/bin/env bash
# Fine-tuning with the real program: the trunk is the parent's, what is frozen stays, and it resumes bit for bit.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"

ranks 2 train c.yaml run.dir=parent train.epochs=2 >/dev/null 2>err || fail "parent: $(cat err)"
"$trunkline" data generate shapes new.h5 --rows 200 --size 16 --seed 7 2>/dev/null
cat > new.yaml <<'YAML'
run: {name: new, seed: 4}
sources:
  few: {file: new.h5, batch: 16}
tasks:
  kind: {source: few, target: shape, kind: classification}
  place: {source: few, target: position, kind: regression}
train: {epochs: 6, optimizer: {kind: adamw, lr: 2e-3}, ema: 0.9}
checkpoint: {every_steps: 7}
YAML

# Layers are set free after epochs 2 and 4, in the middle of the resumed run as well.
way='finetune={freeze: trunk, unfreeze: {every: 2}, l2_sp: 0.1, lr: {trunk: 0.3, heads: 2}}'
ranks 2 finetune new.yaml --from parent "$way" run.dir=whole --json whole.json >/dev/null 2>err || fail "finetune: $(cat err)"
check 'says what is frozen' grep -q '2 of 2 layers of the trunk are frozen at first (conv0, conv1); one more is trained after every 2 epochs' whole/log.txt
check 'heads are new' grep -qE 'heads.kind +new' whole/log.txt
check 'the config knows the trunk' grep -q 'channels: \[8, 16\]' whole/config.yaml
for epochs in 1 3 5; do
  ranks 2 finetune new.yaml --from parent "$way" run.dir=parts$epochs train.epochs=$epochs >/dev/null 2>err ||
    fail "$epochs epochs: $(cat err)"
  ranks 2 train parts$epochs/config.yaml run.dir=parts$epochs train.epochs=6 --resume >/dev/null 2>err ||
    fail "resume after $epochs epochs: $(cat err)"
  check "bitwise, resumed after $epochs epochs" same_end whole parts$epochs
done
ranks 3 evaluate whole --split test --json e.json >/dev/null 2>err || fail "evaluate: $(cat err)"
check 'metrics of the new task' grep -q '"accuracy"' e.json

# Adapters are all that moves of the trunk, and they resume too.
way='finetune={lora: {rank: 2, alpha: 4}, lr: {trunk: 3}}'
ranks 2 finetune new.yaml --from parent "$way" run.dir=adapted >/dev/null 2>err || fail "adapters: $(cat err)"
check 'says what is trained' grep -q 'the trunk is frozen but for .* parameters of adapters of rank 2' adapted/log.txt
check 'adapters are new' grep -qE 'trunk +new +4 ' adapted/log.txt
ranks 2 finetune new.yaml --from parent "$way" run.dir=adapted3 train.epochs=3 >/dev/null 2>err || fail "adapters: $(cat err)"
ranks 2 train adapted3/config.yaml run.dir=adapted3 train.epochs=6 --resume >/dev/null 2>err || fail "resume: $(cat err)"
check 'bitwise, with adapters' same_end adapted adapted3

checkpoint=$(ls -d parent/checkpoints/step-* | tail -n 1)
"$trunkline" finetune new.yaml --from "$checkpoint" finetune.freeze=1 run.dir=one >/dev/null 2>err ||
  fail "from a checkpoint: $(cat err)"
"$trunkline" finetune new.yaml --from "$checkpoint/model.safetensors" 'trunk={kind: convnet, channels: [8, 16], norm: group}' \
  run.dir=file finetune.freeze=1 >/dev/null 2>err || fail "from a file: $(cat err)"
"$trunkline" export parent --output parent.safetensors >/dev/null 2>err || fail "export: $(cat err)"
"$trunkline" finetune new.yaml --from parent.safetensors run.dir=exported >/dev/null 2>err || fail "from an export: $(cat err)"
check 'the file knows the trunk' grep -q 'channels: \[8, 16\]' exported/config.yaml
refuses 2 'trunk.channels: [8, 12], but the trunk of parent.safetensors has' "$trunkline" finetune new.yaml --from parent.safetensors \
  'trunk={kind: convnet, channels: [8, 12]}' run.dir=no

refuses 2 'nothing is left to train' ranks 2 finetune new.yaml --from parent 'finetune={freeze: trunk, lr: {heads: 0}}'
refuses 2 'nothing is trained within' "$trunkline" finetune new.yaml --from parent \
  'finetune={freeze: trunk, unfreeze: {every: 1000}, lr: {heads: 0}}'
refuses 2 'no weight that gets adapters has a rank above' ranks 2 finetune new.yaml --from parent finetune.lora.rank=1000
refuses 2 'finetune.freeze: 3, but the trunk has 2 layers' "$trunkline" finetune new.yaml --from parent finetune.freeze=3
refuses 2 'expected none, trunk, or a number of layers' "$trunkline" finetune new.yaml --from parent finetune.freeze=half
refuses 2 'key "unfreeze" belongs to freeze: trunk or a number' "$trunkline" finetune new.yaml --from parent finetune.unfreeze.every=1
refuses 2 'finetune: needs init.from' "$trunkline" train c.yaml finetune.freeze=trunk
refuses 2 'trunk.channels: [8, 12], but the trunk of' ranks 2 finetune new.yaml --from parent 'trunk={kind: convnet, channels: [8, 12]}'
refuses 2 'trunk.kind: lenet, but the trunk of' "$trunkline" finetune new.yaml --from parent trunk.kind=lenet
refuses 2 'neither a run folder' "$trunkline" finetune new.yaml --from nowhere
refuses 2 '--from is required' "$trunkline" finetune new.yaml
check 'nothing was written' test ! -e runs/new/checkpoints
finish
