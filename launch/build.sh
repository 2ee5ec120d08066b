#!/usr/bin/env bash
# Sets up, configures and builds one preset: launch/build.sh [PRESET [TARGET…]]. Default: release, and all there is, tests
# included; the target trunkline is the program alone, in half the time. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
targets=("${@:2}")
# shellcheck source=launch/setup.sh
source launch/setup.sh "$preset"
cmake --preset "$preset" -DLIBTORCH="$LIBTORCH" >"/tmp/trunkline-configure-$$.log" 2>&1 ||
  { cat "/tmp/trunkline-configure-$$.log" >&2; echo "build: configuring failed" >&2; exit 1; }
rm -f "/tmp/trunkline-configure-$$.log"
cmake --build --preset "$preset" -j "$(setup_cores)" ${targets:+--target "${targets[@]}"}
