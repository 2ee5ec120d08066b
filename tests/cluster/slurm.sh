#!/usr/bin/env bash
# launch/slurm.sbatch on a real Slurm of one node: srun and mpirun train what mpirun alone trains, exit codes come through,
# a stopped job is requeued, goes on and ends with the same bytes.
#   slurm.sh PROGRAM MPIEXEC
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cluster/setup.sh
source "$here/setup.sh"
needs munged slurmctld slurmd sbatch srun -- munge slurmctld slurmd slurm-client
# shellcheck source=tests/app/fixture.sh
source "$here/../app/fixture.sh"
# shellcheck source=tests/cluster/slurm_node.sh
source "$here/slurm_node.sh"
export TRUNKLINE=$trunkline OMPI_MCA_mpi_yield_when_idle=1  # jobs share the cores here
arguments=(c.yaml train.epochs=40 evaluate.every=10)

# submit LAUNCHER RUN [ARGUMENTS…]: prints the job's number
submit() {
  TRUNKLINE_LAUNCH=$1 sbatch --parsable --output="$2.log" "$here/../../launch/slurm.sbatch" "${@:3}" run.dir="$2"
}
job() { scontrol show job "$1" | grep -oE "\b$2=[^ ]*" | head -n 1 | cut -d= -f2; }
ended() { [[ $(job "$1" JobState) =~ ^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL)$ ]]; }
exit_codes() { grep -oE "_job_complete: JobId=$1 WEXITSTATUS [0-9]+" slurm/log/slurmctld.log | grep -oE '[0-9]+$' | xargs; }
stop() {  # as Slurm does before the time limit: to the batch script
  await 60 test -s "$2/metrics.jsonl" || fail "$2 does not train: $(tail -n 5 "$2.log")"
  scancel --signal=USR1 --batch "$1"
}

start_slurm
ranks 2 train "${arguments[@]}" run.dir=direct >/dev/null 2>err || fail "direct: $(cat err)"

by_srun=$(submit srun by_srun "${arguments[@]}")
plain=$(submit auto plain "${arguments[@]}")
refused=$(submit srun refused c.yaml train.epohcs=3)
refused_mpirun=$(submit mpirun refused_mpirun c.yaml train.epohcs=3)
cancelled=$(submit srun cancelled c.yaml train.epochs=4000)
stop "$by_srun" by_srun
await 60 eval '[ "$(job $by_srun Restarts)" = 1 ]' || fail "$by_srun is not requeued: $(job "$by_srun" JobState)"
await 60 ended "$refused" && await 60 ended "$refused_mpirun"
check 'a refused config, srun' test "$(job "$refused" ExitCode)" = 2:0
check 'a refused config, mpirun' test "$(job "$refused_mpirun" ExitCode)" = 2:0
await 60 test -s cancelled/metrics.jsonl
scancel "$cancelled"

# Where Slurm has no rule for 85, the job asks for its restart.
forget_requeue_rule
by_mpirun=$(submit mpirun by_mpirun "${arguments[@]}")
stop "$by_mpirun" by_mpirun

for run in by_srun by_mpirun plain; do
  await 90 ended "${!run}" || fail "$run does not end: $(job "${!run}" JobState): $(tail -n 5 $run.log)"
  check "state of $run" test "$(job "${!run}" JobState)" = COMPLETED
  check "the checkpoint of $run is that of mpirun alone" same_end direct $run
done
check 'plain runs once' test "$(job "$plain" Restarts)" = 0
check 'auto is srun: the job has a step' grep -q "StepId=$plain.0" slurm/log/slurmd.log
check 'stopped with 85, then done' test "$(exit_codes "$by_srun")" = '85 0'
for run in by_srun by_mpirun; do
  check "$run starts once more" test "$(job "${!run}" Restarts)" = 1
  check "$run is stopped" grep -q 'stopped on request after step' $run.log
  check "$run goes on" grep -q 'resuming after step [1-9]' $run.log
done
check 'cancelled for good' test "$(job "$cancelled" JobState) $(job "$cancelled" Restarts)" = 'CANCELLED 0'
check 'a cancelled run is saved' grep -q 'stopped on request after step' cancelled.log
finish
