#!/usr/bin/env bash
# Which checkpoints are left behind: the newest checkpoint.keep, and the best.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
left() { ls "$1/checkpoints" | sed 's/step-0*//' | xargs; }

ranks 2 train c.yaml run.dir=newest evaluate.every=0 checkpoint.every_steps=5 checkpoint.keep=3 >/dev/null 2>err ||
  fail "newest: $(cat err)"
check 'the newest three' test "$(left newest)" = '30 35 40'

# The mean loss is largest after the first epoch, so that by this measure step 10 is the best and stays.
ranks 2 train c.yaml run.dir=best checkpoint.keep=1 'checkpoint.best={metric: loss, mode: max}' >/dev/null 2>err ||
  fail "best: $(cat err)"
check 'the newest, and the best' test "$(left best)" = '10 40'
ranks 2 evaluate best --json best.json >/dev/null 2>err || fail "evaluate: $(cat err)"
check 'the best is what is evaluated' grep -q '"step": 10' best.json
finish
