#!/usr/bin/env bash
# Two hosts made of network namespaces with a link of a given rate, for run.py --hosts. Needs root, iproute2 and a kernel with tbf.
#   hosts.sh up RATE      e.g. 1gbit; prints nothing
#   hosts.sh peers COMMAND…   runs it on both hosts with --rank N and a --folder, and prints what rank 0 leaves there
#   hosts.sh mpirun ARGUMENTS…   Open MPI with one rank on each
#   hosts.sh sent         bytes that host 0 has sent so far
#   hosts.sh down
set -euo pipefail
net=tkbench
# A host has its own name: launchers take ranks of one name for ranks of one memory.
on() {
  local n=$1; shift
  ip netns exec $net"$n" unshare --uts bash -c 'hostname bench"$0"; "$@"' "$n" "$@"
}
case $1 in
  up)
    for n in 0 1; do ip netns add $net$n; done
    ip -n ${net}0 link add eth0 type veth peer name eth0 netns ${net}1
    for n in 0 1; do
      ip -n $net$n addr add 10.78.0.$((n + 1))/24 dev eth0
      ip -n $net$n link set eth0 up
      ip -n $net$n link set lo up
      ip netns exec $net$n tc qdisc add dev eth0 root tbf rate "$2" burst 128kb latency 50ms
    done ;;
  peers)
    shift
    folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
    export GLOO_SOCKET_IFNAME=eth0
    ip netns exec ${net}1 "$@" --rank 1 --folder "$folder" & other=$!
    ip netns exec ${net}0 "$@" --rank 0 --folder "$folder"
    wait $other
    cat "$folder/result.json" ;;
  mpirun)
    shift
    hosts=$(mktemp); trap 'rm -f "$hosts"' EXIT
    printf '10.78.0.%s slots=1\n' 1 2 > "$hosts"
    on 0 mpirun --hostfile "$hosts" --mca plm rsh --mca plm_rsh_agent "$0 agent" --mca pml ob1 --mca btl tcp,self \
      --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 --bind-to none -x OMP_NUM_THREADS -x LD_LIBRARY_PATH "$@" ;;
  agent)  # what ssh would be; called with an address and a shell command
    n=$((${2##*.} - 1)); shift 2
    on "$n" bash -c "$*" ;;
  sent) ip netns exec ${net}0 cat /sys/class/net/eth0/statistics/tx_bytes ;;
  down) for n in 0 1; do ip netns del $net$n; done ;;
  *) sed -n '2,8s/^# \?//p' "$0"; exit 2 ;;
esac
