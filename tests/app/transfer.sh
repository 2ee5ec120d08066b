#!/usr/bin/env bash
# A run that begins with another: what is taken, what it tells, what it refuses; the other one is only read.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
bytes() { find "$1" -type f -exec sha256sum {} + | sort; }

ranks 2 train c.yaml run.dir=parent train.epochs=2 checkpoint.keep=1 >/dev/null 2>err || fail "parent: $(cat err)"
checkpoint=$(ls -d parent/checkpoints/step-*)
sed -e '/attributes:/d' -e 's/position: .*/colour: {source: s, target: shape, kind: classification}/' c.yaml > child.yaml
before=$(bytes parent)

"$trunkline" train child.yaml init.from=parent --check >/dev/null 2>err || fail "--check: $(cat err)"
check 'the table: loaded' grep -qE '^ *trunk +loaded +8 ' err
check 'the table: new' grep -qE '^ *heads.colour +new +2 ' err
check 'the table: left over' grep -qE '^ *heads.position +left over +2 ' err
check 'a check writes nothing' test ! -e runs/r

ranks 2 train child.yaml init.from=parent run.dir=child --json child.json >/dev/null 2>err || fail "child: $(cat err)"
check 'the summary names what is new' grep -q '"heads.colour.out.weight"' child.json
check 'the state names the origin' grep -q '"origin"' child/checkpoints/step-00000040/state.json
ranks 2 train child.yaml init.from="$checkpoint" run.dir=same >/dev/null 2>err || fail "from a checkpoint: $(cat err)"
check 'a checkpoint is as good as its run' cmp {child,same}/checkpoints/step-00000040/model.safetensors
"$trunkline" train child.yaml init.from="$checkpoint/model.safetensors" run.dir=file train.epochs=1 >/dev/null 2>err ||
  fail "from a file: $(cat err)"
check 'the parent is as it was' test "$before" = "$(bytes parent)"

# Half of the run, then the parent goes away: the other half needs it no longer.
ranks 2 train child.yaml init.from=parent run.dir=half train.epochs=2 >/dev/null 2>err || fail "half: $(cat err)"
mv parent elsewhere
ranks 2 train half/config.yaml run.dir=half train.epochs=4 --resume >/dev/null 2>err || fail "resume: $(cat err)"
check 'bitwise without the parent' same_end child half
check 'the origin stays' grep -q '"origin"' half/checkpoints/step-00000040/state.json
mv elsewhere parent

from() { echo "init.from=$1"; }
refuses 2 '/nowhere: neither a run folder' "$trunkline" train child.yaml "$(from nowhere)"
refuses 2 'neither a run folder' ranks 2 train child.yaml "$(from nowhere)"
refuses 4 'tensor trunk.conv1.weight has shape (16, 8, 3, 3), but trunk.conv1.weight of the model has (12, 8, 3, 3)' \
  ranks 2 train child.yaml "$(from parent)" 'trunk.channels=[8, 12]'
refuses 4 'init.skip: heads.shape' "$trunkline" train child.yaml "$(from parent)" 'tasks.shape.head.widths=[4]'
refuses 2 'has no "heads.positon"; did you mean "heads.position"' ranks 2 train child.yaml "$(from parent)" 'init.map={heads.positon: heads.colour}'
refuses 2 'the model has no "heads.color"; did you mean "heads.colour"' "$trunkline" train child.yaml "$(from parent)" 'init.map={heads.shape: heads.color}'
refuses 2 'would begin heads.shape.out' "$trunkline" train child.yaml "$(from parent)" 'init.map={heads.attributes: heads.shape}'
refuses 2 'key "map" belongs to from: PATH' "$trunkline" train child.yaml 'init.map={a: trunk}'
refuses 2 'give one name for a' "$trunkline" train child.yaml "$(from parent)" 'init.map={a: [trunk, heads]}'
echo '<html>' > text.safetensors
refuses 4 'text.safetensors: header' "$trunkline" train child.yaml "$(from text.safetensors)"
mkdir empty && cp parent/config.yaml empty
refuses 4 '/empty: the run has no checkpoint yet' ranks 2 train child.yaml "$(from empty)"
refuses 4 'the trunk is of another model' ranks 2 train child.yaml "$(from parent)" 'trunk={kind: mlp, widths: [8]}'
cp -r parent damaged
printf 'x' | dd of="damaged/checkpoints/$(basename "$checkpoint")/model.safetensors" bs=1 seek=5000 conv=notrunc 2>/dev/null
refuses 4 'every checkpoint is damaged' ranks 2 train child.yaml "$(from damaged)"
refuses 4 'hash differs' ranks 2 train child.yaml "$(from "damaged/checkpoints/$(basename "$checkpoint")")"
check 'nothing was written' test ! -e runs/r/checkpoints
finish
