#!/usr/bin/env bash
# Trains on the ranks of several hosts that reach each other over TCP and see the same files.
#
#   launch/hosts.sh [-n RANKS] [-t THREADS] HOSTFILE CONFIG [KEY=VALUE…] [--resume]
#
# HOSTFILE has a line "NAME slots=RANKS" per host. RANKS: all slots unless given. THREADS: cores of a rank, 1 unless given.
# From the environment:
#   TRUNKLINE_NETWORK   network that the ranks talk over: an interface (eth1) or a subnet (10.0.0.0/24)
#   TRUNKLINE_AGENT     command that runs another one on a host; ssh unless given
#   TRUNKLINE_FORWARD   names of further variables that the ranks need
#   TRUNKLINE_BIND      none: do not bind ranks to cores, because others use the hosts too
#
# INT, TERM, HUP, USR1 and USR2: the step ends, the run is saved, exit code 85. A second INT ends it at once.
set -u
# shellcheck source=launch/ranks.sh
source "$(dirname "$0")/ranks.sh"

usage() { sed -n '2,13s/^# \?//p' "$0"; exit "$1"; }

ranks=() threads=1
while getopts n:t:h option; do
  case $option in
    n) ranks=(-n "$OPTARG") ;;
    t) threads=$OPTARG ;;
    h) usage 0 ;;
    *) usage 2 >&2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 1 ] || usage 2 >&2
hostfile=$1; shift
[ -r "$hostfile" ] || launch_fail "$hostfile: there is no such host file; a line per host: NAME slots=RANKS"
find_trunkline
default_command "$@"

export OMP_NUM_THREADS=$threads
# Threads that wait by spinning take the cores from those that work, once a rank has several.
[ "$threads" = 1 ] || export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

# shellcheck disable=SC2054,SC2207
launcher_options=($(as_root) "${ranks[@]}" --hostfile "$hostfile"
  --mca plm rsh --mca plm_rsh_agent "${TRUNKLINE_AGENT:-ssh}"  # also where a batch system is found on this host
  --mca pml ob1 --mca btl tcp,vader,self)                      # TCP between hosts, shared memory within one
# Ranks would else try every interface, and wait on one that leads nowhere, such as a bridge of containers.
[ -z "${TRUNKLINE_NETWORK:-}" ] ||
  launcher_options+=(--mca btl_tcp_if_include "$TRUNKLINE_NETWORK" --mca oob_tcp_if_include "$TRUNKLINE_NETWORK")
if [ "${TRUNKLINE_BIND:-core}" = none ]; then
  launcher_options+=(--bind-to none --mca mpi_yield_when_idle 1)
else
  launcher_options+=(--map-by "slot:PE=$threads" --bind-to core)
fi
# The agent's shell on another host starts with its own environment.
for variable in OMP_NUM_THREADS OMP_WAIT_POLICY LD_LIBRARY_PATH ${TRUNKLINE_FORWARD:-}; do
  [ -z "${!variable+set}" ] || launcher_options+=(-x "$variable")
done
run_ranks mpirun "${launcher_options[@]}" "${rank[@]}" "$trunkline" "${command[@]}"
