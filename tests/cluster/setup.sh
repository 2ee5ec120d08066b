# shellcheck shell=bash
# Sourced by the cluster tests: what they need, or the sentence that says why they are skipped (exit code 77).
#   TRUNKLINE_CLUSTER_SETUP=1 lets them install Debian packages.
skip() { echo "skipped: $*"; exit 77; }

# needs COMMAND… -- PACKAGE…
needs() {
  local commands=() command missing=()
  while [ "$1" != -- ]; do commands+=("$1"); shift; done; shift
  [ "$(id -u)" = 0 ] || skip 'only root can start a cluster on one machine'
  for command in "${commands[@]}"; do command -v "$command" >/dev/null || missing+=("$command"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "${TRUNKLINE_CLUSTER_SETUP:-}" = 1 ] ||
    skip "${missing[*]} not found; TRUNKLINE_CLUSTER_SETUP=1 installs the packages $*"
  local log; log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  apt-get update >"$log" 2>&1 && apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1 ||
    skip "the packages $* could not be installed: $(tail -n 1 "$log")"
  rm -f "$log"
}
