# shellcheck shell=bash disable=SC2034
# Sourced by local.sh and hosts.sh: where the program is, and how ranks are started so that a signal saves the run.

trap 'exit 85' TERM HUP USR1 USR2  # asked to stop before there is anything to stop

launch_fail() { echo "${0##*/}: $*" >&2; exit 2; }

# $TRUNKLINE, else the release build of this checkout, else PATH.
find_trunkline() {
  local built; built=$(realpath -m "$(dirname "${BASH_SOURCE[0]}")/../build/release/trunkline")
  trunkline=${TRUNKLINE:-$built}
  [ -x "$trunkline" ] || [ -n "${TRUNKLINE:-}" ] || trunkline=$(command -v trunkline)
  [ -x "$trunkline" ] || launch_fail "there is no trunkline; run launch/build.sh, or set TRUNKLINE to the program"
}

# Commands of the program that ranks share; anything else is the CONFIG of `train`.
default_command() {
  case ${1:-} in
    train | evaluate | predict | finetune | adapt) command=("$@") ;;
    *) command=(train "$@") ;;
  esac
}

# One rank. A signal that comes while libraries are still loading must not kill it: the program's own handler replaces this.
# shellcheck disable=SC2016
rank=(bash -c 'trap "" USR1 USR2; exec "$0" "$@"')

as_root() { [ "$(id -u)" -ne 0 ] || echo --allow-run-as-root; }  # containers have no other user, others need not be told

# Until the launcher ends, so that a request in the first moments is not lost either; asking twice does no harm. Not in
# its first two seconds: a rank that has just been made does not ignore signals yet.
ask_for_stop() {
  asked=1
  [ -n "${launcher:-}" ] && [ -z "${asking:-}" ] || return 0
  echo "${0##*/}: stopping: the step ends, the run is saved" >&2
  while sleep "$((SECONDS - started < 2 ? 2 : 0))"; kill -USR1 "$launcher" 2>/dev/null; do sleep 1; done &
  asking=$!
}

# run_ranks MPIRUN…: hands the exit code through. mpirun answers TERM and INT by killing its ranks, and passes USR1 on; so
# all of them become USR1, which lets the ranks save and exit 85. A second INT ends them at once.
run_ranks() {
  local code again=1
  trap 'again=1; ask_for_stop' TERM HUP USR1 USR2
  trap 'again=1; [ -z "${asking:-}" ] || kill -TERM "$launcher"; ask_for_stop' INT
  (trap '' USR1 USR2; exec setsid "$@") &  # a session of its own: the terminal's Ctrl-C must not reach mpirun
  launcher=$! started=$SECONDS
  [ -z "${asked:-}" ] || ask_for_stop  # before the launcher was known
  while ((again)); do again=0; wait "$launcher"; code=$?; done  # a trap ends the wait before the launcher ends
  [ -z "${asking:-}" ] || kill "$asking" 2>/dev/null
  exit "$code"
}
