#!/usr/bin/env bash
# launch/hosts.sh over TCP between hosts made of network namespaces: what is trained is what one process trains.
#   hosts.sh PROGRAM MPIEXEC COMPARE_CHECKPOINTS
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cluster/setup.sh
source "$here/setup.sh"
needs ip unshare hostname -- iproute2 util-linux hostname
compare=$3
# shellcheck source=tests/app/fixture.sh
source "$here/../app/fixture.sh"

# Names are unique to this process; the bridge lives in a namespace of its own, out of reach of the machine's firewall.
net=tk$$ hosts=(h1 h2 h3)
clean_up() {
  local host
  for host in switch "${hosts[@]}"; do ip netns del $net-$host 2>/dev/null; done
}

connect_hosts() {
  local host number=0
  ip netns add $net-switch && ip -n $net-switch link add bridge type bridge && ip -n $net-switch link set bridge up || return
  for host in "${hosts[@]}"; do
    number=$((number + 1))
    ip netns add $net-$host &&
      ip -n $net-$host link add eth0 type veth peer name to-$host netns $net-switch &&
      ip -n $net-switch link set to-$host master bridge up &&
      ip -n $net-$host addr add 10.77.0.$number/24 dev eth0 &&
      ip -n $net-$host link set eth0 up && ip -n $net-$host link set lo up || return
  done
}
connect_hosts 2>err || skip "network namespaces cannot be made here: $(tail -n 1 err)"

# What ssh would be between real hosts: on_host HOST COMMAND…
cat > commands/on_host <<AGENT
#!/usr/bin/env bash
host=\$1; shift
exec ip netns exec $net-\$host unshare --uts bash -c 'hostname "\$0"; eval "\$1"' "\$host" "\$*"
AGENT
chmod +x commands/on_host
on_host h1 true 2>err || skip "a namespace cannot have its own host name here: $(tail -n 1 err)"

export TRUNKLINE=$trunkline TRUNKLINE_NETWORK=10.77.0.0/24 TRUNKLINE_AGENT=$folder/commands/on_host TRUNKLINE_BIND=none
# on_hosts HOSTS ARGUMENTS…: launch/hosts.sh on the first of HOSTS, with $ranks ranks (default 1) on each
on_hosts() {
  local names=$1; shift
  printf "%s slots=${ranks:-1}\n" $names > hostfile
  timeout 120 on_host "${names%% *}" "cd $folder && exec $here/../../launch/hosts.sh hostfile $(printf '%q ' "$@")"
}
sent() { on_host "$1" 'cat /sys/class/net/eth0/statistics/tx_bytes'; }

wide='trunk={kind: mlp, widths: [256, 256]}'  # long enough for the ring between hosts, also in float32 on three
f64='train={steps: 30, precision: float64, optimizer: {kind: sgd, lr: 0.05, momentum: 0.9}}'
f32='train={steps: 30, optimizer: {kind: sgd, lr: 0.05}}'
for precision in f64 f32; do
  "$trunkline" train c.yaml "$wide" "${!precision}" run.dir=single-$precision >/dev/null 2>err || fail "single, $precision: $(cat err)"
done

# same_as_single RUN LIMIT HOSTS ARGUMENTS…
same_as_single() {
  local run=$1 limit=$2 names=$3 precision=${1#*-} found; shift 3
  on_hosts "$names" c.yaml run.dir="$run" "$wide" "${!precision}" "$@" >out 2>err || fail "$run: $(tail -n 20 err)"
  found=$("$compare" "$run/checkpoints/step-00000030" "single-$precision/checkpoints/step-00000030" "$limit") ||
    fail "$run differs from a single process by $found"
  checks=$((checks + 1))
  echo "$run on $names: $found from a single process"
}
same_as_single two-f64 1e-10 'h1 h2'
check 'the trunk went over the network' test "$(sent h1)" -gt $((30 * 65536 * 8))
check 'each host has its rank' test "$(grep -oE '"h[0-9]"' two-f64/environment.json | xargs)" = 'h1 h2'
same_as_single three-f64 1e-10 'h1 h2 h3' layout.kind=task
same_as_single three-f32 1e-5 'h1 h2 h3'

# Several ranks on each host: slices of what a host has summed in shared memory go around the ring.
ranks=2
same_as_single four-f64 1e-10 'h1 h2'
check 'each host has its two ranks' test "$(grep -oE '"h[0-9]"' four-f64/environment.json | xargs)" = 'h1 h1 h2 h2'
ranks=3
same_as_single nine-f64 1e-10 'h1 h2 h3' layout.kind=task
ranks=1

# A signal to the launcher saves the run on all hosts.
on_hosts 'h1 h2' c.yaml run.dir=stopped train.epochs=2000 >/dev/null 2>err & launcher=$!
await 60 test -s stopped/metrics.jsonl || fail "no training: $(cat err)"
kill -TERM "$(pgrep -P $launcher)"
wait $launcher; code=$?
check 'stopped with 85' test $code = 85
check 'saved' grep -q 'stopped on request after step' stopped/log.txt
finish
