#!/usr/bin/env bash
# Trains on the ranks of this machine.
#
#   launch/local.sh [-n RANKS] CONFIG [KEY=VALUE…] [--resume]     RANKS: one per core unless given
#   launch/local.sh [-n RANKS] evaluate RUN …                     so for every command that runs on ranks
#
# INT, TERM, HUP, USR1 and USR2: the step ends, the run is saved, exit code 85. A second INT ends it at once.
set -u
# shellcheck source=launch/ranks.sh
source "$(dirname "$0")/ranks.sh"

# Prints the number of physical cores that this process may use (no more than the CPU time that its container gets), and
# 1 if they are all of the machine's: only then may ranks be bound, because others might be bound to the same cores.
count_cores() {
  local allowed quota=max period=1
  allowed=$(awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status)
  [ ! -r /sys/fs/cgroup/cpu.max ] || read -r quota period < /sys/fs/cgroup/cpu.max
  lscpu -p=CPU,SOCKET,CORE | awk -F, -v allowed="$allowed" -v quota="$quota" -v period="$period" '
    BEGIN {
      parts = split(allowed, part, ",")
      for (i = 1; i <= parts; ++i) {
        ends = split(part[i], range, "-")
        for (cpu = range[1]; cpu <= range[ends]; ++cpu) may[cpu] = 1
      }
      whole = 1
    }
    /^#/ { next }
    !($1 in may) { whole = 0; next }
    !seen[$2, $3]++ { ++cores }
    END {
      if (quota != "max" && quota / period < cores) { whole = 0; cores = int((quota + period - 1) / period) }
      print (cores < 1 ? 1 : cores), whole
    }'
}

usage() { sed -n '2,7s/^# \?//p' "$0"; exit "$1"; }

ranks=
while getopts n:h option; do
  case $option in
    n) ranks=$OPTARG ;;
    h) usage 0 ;;
    *) usage 2 >&2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage 2 >&2
find_trunkline
default_command "$@"
read -r cores whole < <(count_cores)
ranks=${ranks:-$cores}
[[ $ranks =~ ^[1-9][0-9]*$ ]] || launch_fail "-n $ranks: expected a number of ranks"

threads=$((ranks < cores ? cores / ranks : 1))
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-$threads}
# Threads that wait by spinning take the cores from those that work, once a rank has several.
[ "$OMP_NUM_THREADS" = 1 ] || export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

# shellcheck disable=SC2207
launcher_options=($(as_root) -n "$ranks")
if ((ranks * OMP_NUM_THREADS > cores)); then
  echo "local.sh: $ranks ranks of $OMP_NUM_THREADS threads on $cores cores: they take turns, which is slow" >&2
  launcher_options+=(--oversubscribe --bind-to none --mca mpi_yield_when_idle 1)
elif ((whole)); then
  launcher_options+=(--map-by "slot:PE=$OMP_NUM_THREADS" --bind-to core)
else
  launcher_options+=(--oversubscribe --bind-to none)  # mpirun counts the machine's cores, not those of this process
fi
run_ranks mpirun "${launcher_options[@]}" "${rank[@]}" "$trunkline" "${command[@]}"
