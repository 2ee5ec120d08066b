#!/usr/bin/env bash
# A run that is cut by run.time_limit, again and again, ends with the same bytes as one without.
# shellcheck source=tests/app/fixture.sh
source "$(dirname "$0")/fixture.sh"
arguments=(c.yaml train.epochs=60 evaluate.every=10)

ranks 2 train "${arguments[@]}" run.dir=whole >/dev/null 2>err || fail "undisturbed: $(cat err)"
parts=0 code=85
while [ $code = 85 ] && [ $parts -lt 100 ]; do
  ranks 2 train "${arguments[@]}" run.dir=cut run.time_limit=0.5s --resume >/dev/null 2>err; code=$?
  parts=$((parts + 1))
done
check "done after $parts parts: $(tail -n 3 err)" test $code = 0
check 'cut at least once' test $parts -gt 1
check 'a part says how to go on' grep -q 'stopped on request after step .* of 600; go on with --resume' cut/log.txt
check 'bitwise' same_end whole cut
finish
