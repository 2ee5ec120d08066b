# shellcheck shell=bash
# Sourced by the scripts beside it: a temporary folder with a small data set and config, and checks that count failures.
#   program PROGRAM MPIEXEC      $trunkline, ranks N ARGUMENTS… (the program under mpirun)
set -u
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
trunkline=$1 mpiexec=$2
folder=$(mktemp -d) && cd "$folder" || exit 1
clean_up() { :; }  # what a script has to end or remove besides the folder
trap 'clean_up; cd /; rm -rf "$folder"' EXIT
failures=0 checks=0

# ranks N ARGUMENTS…; a command and not a function, so that timeout can run it
mkdir commands
cat > commands/ranks <<COMMAND
#!/usr/bin/env bash
n=\$1; shift
exec "$mpiexec" --oversubscribe --mca mpi_yield_when_idle 1 -n "\$n" "$trunkline" "\$@"
COMMAND
chmod +x commands/ranks
PATH=$folder/commands:$PATH

fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# check NAME CONDITION…: runs a test command
check() { local name=$1; shift; checks=$((checks + 1)); "$@" || fail "$name: $*"; }

# refuses CODE TEXT COMMAND…: the command ends with CODE and says TEXT in its only line that begins with "error: "
refuses() {
  local code=$1 text=$2; shift 2
  checks=$((checks + 1))
  timeout 60 "$@" >out 2>err; local got=$?
  [ "$got" = "$code" ] || fail "exit code $got, expected $code: $*: $(head -c 500 err)"
  [ "$(grep -c '^error: ' err)" = 1 ] || fail "expected one error line: $*: $(head -c 900 err)"
  grep '^error: ' err | grep -qF -- "$text" || fail "expected \"$text\": $*: $(grep '^error: ' err)"
  ! grep -q 'HDF5-DIAG' err || fail "HDF5 diagnostics: $*"
}

# start_ranks N ARGUMENTS…: the same as ranks, in the background; $launcher is mpirun
start_ranks() { ranks "$@" >/dev/null 2>err & launcher=$!; }
rank_processes() { pgrep -P "$launcher"; }
running() { kill -0 "$launcher" 2>/dev/null; }

# lines FILE: how many it has; 0 where it does not exist
lines() { wc -l 2>/dev/null < "$1" || echo 0; }

# await SECONDS CONDITION…: until a test command succeeds
await() {
  local end=$((SECONDS + $1)); shift
  until "$@"; do [ $SECONDS -lt "$end" ] || return 1; sleep 0.05; done
}

# same_end RUN RUN: the last checkpoints and the metrics are the same bit for bit, but for times and what depends on them
same_end() {
  local last file; last=$(basename "$(ls -d "$1"/checkpoints/step-* | tail -n 1)")
  for file in "$1/checkpoints/$last"/*.safetensors; do
    cmp -s "$file" "$2/checkpoints/$last/$(basename "$file")" || return 1
  done
  cmp -s <(sed 's/"metrics_offset": *[0-9]*//' "$1/checkpoints/$last/state.json") \
         <(sed 's/"metrics_offset": *[0-9]*//' "$2/checkpoints/$last/state.json") &&
    cmp -s <(grep -v -e samples_per_s -e wait_s "$1/metrics.jsonl") <(grep -v -e samples_per_s -e wait_s "$2/metrics.jsonl")
}

same() {  # numbers of two JSON files agree to 1e-5
  paste <(grep -oE '[0-9.]+(e-?[0-9]+)?' "$1") <(grep -oE '[0-9.]+(e-?[0-9]+)?' "$2") |
    awk '{d = $1 - $2; if (d < 0) d = -d; if (d > 1e-5 * (1 + ($1 < 0 ? -$1 : $1))) exit 1}'
}
same_rows() {  # of two summaries of predictions
  for summary in "$1" "$2"; do sed -n '/first_rows/,$p' "$summary" | grep -v -e seconds -e output > "$summary.rows"; done
  same "$1.rows" "$2.rows"
}

finish() { echo "$((checks - failures)) passed, $failures failed"; [ "$failures" = 0 ]; }

"$trunkline" data generate shapes f.h5 --rows 400 --size 16 2>/dev/null || exit 1
cat > c.yaml <<'YAML'
run: {name: r, seed: 3}
sources:
  s: {file: f.h5, batch: 32}
trunk: {kind: convnet, channels: [8, 16], norm: group, dropout: 0.1}
tasks:
  shape: {source: s, target: shape, kind: classification}
  position: {source: s, target: position, kind: regression}
  attributes: {source: s, target: attributes, kind: multilabel}
train:
  epochs: 4
  optimizer: {kind: adamw, lr: 3e-3}
YAML
