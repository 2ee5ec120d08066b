#!/usr/bin/env bash
# Another project finds the installed trunkline, wherever that was moved to, and trains with a task kind of its own.
#   consumer.sh CMAKE BUILD SOURCE MPIEXEC
set -eu
cmake=$1 build=$2 source=$3 mpiexec=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
quietly() { "$@" >"$folder/output" 2>&1 || { cat "$folder/output"; fail "$*"; }; }
unset LIBTORCH   # the package knows where it was

quietly "$cmake" --install "$build" --prefix "$folder/first"
mv "$folder/first" "$folder/prefix"
package=$folder/prefix/lib/cmake/trunkline
! grep -F -e "$build" -e "$source" -e "$folder/first" "$package"/trunklineTargets*.cmake || fail 'absolute paths in the package'
quietly "$folder/prefix/bin/trunkline" --version

cp -r "$source/examples/cpp" "$folder/example"
quietly "$cmake" -S "$folder/example" -B "$folder/built" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$folder/prefix"
quietly "$cmake" --build "$folder/built"

cd "$folder"
quietly prefix/bin/trunkline data generate shapes shapes.h5 --rows 400 --size 16
arguments=(example/keypoints.yaml sources.shapes.file="$folder/shapes.h5" train.epochs=1)
quietly built/keypoints "${arguments[@]}" run.dir=alone
quietly "$mpiexec" --oversubscribe -n 2 built/keypoints "${arguments[@]}" run.dir=ranks
for run in alone ranks; do
  grep -q '"split":"valid","task":"position","metric":"mae"' $run/metrics.jsonl || fail "$run: no metrics of the own task"
done
# A run in a program that only predicts, and what the program of the package says of the same rows.
quietly prefix/bin/trunkline data generate shapes small.h5 --rows 20 --size 8
cat > small.yaml <<'YAML'
sources: {s: {file: small.h5, batch: 8}}
tasks: {position: {source: s, target: position, kind: regression}}
trunk: {kind: mlp, widths: [8]}
train: {steps: 5}
YAML
quietly prefix/bin/trunkline train small.yaml run.dir=small
for _ in 1 2; do seq 0 191; done | built/predict small position >output 2>&1 || { cat output; fail predict; }
[ "$(wc -l < output)" = 2 ] && [ "$(sort -u output | wc -l)" = 1 ] || fail "two equal rows: $(cat output)"
if built/predict small place </dev/null >output 2>&1; then fail 'an unknown task'; fi
grep -q 'it has position' output || fail "$(cat output)"

if built/keypoints example/keypoints.yaml tasks.position.kind=keypoint >output 2>&1; then fail 'an unknown kind'; fi
grep -q 'did you mean "keypoints"' output || fail "$(cat output)"
echo passed
