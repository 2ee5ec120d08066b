#!/usr/bin/env bash
# Tests under sanitizers: addresses and undefined behaviour in the rooms that parse files, races where threads meet.
#
#   launch/sanitize.sh             both
#   launch/sanitize.sh asan|tsan   one of them
#
# Only rooms whose code is ours from end to end: LibTorch and MPI are not instrumented, so that reports on what goes
# through them would say little. The presets asan and tsan build everything where more is wanted.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=${1:-all}
case $wanted in all|asan|tsan) ;; *) echo "sanitize: $wanted? asan or tsan, or nothing for both" >&2; exit 2;; esac
# shellcheck source=launch/setup.sh
source launch/setup.sh
export OMP_NUM_THREADS=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/cmake/tsan.supp

# Newer kernels place memory more at random than the sanitizers of g++ 12 can map.
still=()
setarch -R true 2>/dev/null && still=(setarch -R)

# starts FLAG: whether a program that is built with it starts on this machine; in some containers none does.
starts() {
  local folder good=yes; folder=$(mktemp -d)
  echo 'int main() {}' > "$folder/nothing.cpp"
  g++ "-fsanitize=$1" "$folder/nothing.cpp" -o "$folder/nothing"
  "${still[@]}" "$folder/nothing" 2>"$folder/log" || good=
  [ "$good" ] || echo "sanitize: skipped, programs with -fsanitize=$1 do not start here: $(head -n 1 "$folder/log")" >&2
  rm -r "$folder"
  [ "$good" ]
}

sanitize() {  # PRESET TEST…
  local preset=$1; shift
  cmake --preset "$preset" -DLIBTORCH="$LIBTORCH" >/dev/null
  echo "sanitize: building $preset: $*" >&2
  cmake --build --preset "$preset" -j "$(setup_cores)" --target "${@/%/_test}"
  "${still[@]}" ctest --preset "$preset" -j "$(setup_cores)" -R "^($(IFS='|'; echo "$*"))$"
}

if [ "$wanted" != tsan ] && starts address; then sanitize asan core h5 convert store report plan; fi
if [ "$wanted" != asan ] && starts thread; then sanitize tsan core data comm watch; fi
