# shellcheck shell=bash
# Sourced: a Slurm of one node in the folder slurm/, with its own key, ports and daemons, which clean_up ends.
#   start_slurm; forget_requeue_rule
daemons=()
clean_up() {
  local i
  [ ${#daemons[@]} = 0 ] || timeout 10 scancel --user=root 2>/dev/null
  for ((i = ${#daemons[@]} - 1; i >= 0; --i)); do
    kill "${daemons[i]}" 2>/dev/null
    await 5 eval "! kill -0 ${daemons[i]} 2>/dev/null" || kill -KILL "${daemons[i]}" 2>/dev/null
  done
}

# A daemon ends with this script, even if that is killed.
daemon() { local name=$1; shift; setpriv --pdeathsig TERM "$@" >"slurm/log/$name.out" 2>&1 & daemons+=($!); }

free_port() {  # no system gives a way to ask for two that stay free; one taken meanwhile skips the test
  local port=$((20000 + RANDOM % 10000))
  while (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do port=$((port + 1)); done
  echo $port
}

write_slurm_conf() {
  local host; host=$(hostname -s)
  cat <<CONF
ClusterName=trunkline
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
# a requeued job waits until its old credential has expired; five seconds is the least
AuthInfo=socket=$PWD/slurm/munge.sock,cred_expire=5
StateSaveLocation=$PWD/slurm/state
SlurmdSpoolDir=$PWD/slurm/spool
SlurmctldPidFile=$PWD/slurm/slurmctld.pid
SlurmdPidFile=$PWD/slurm/slurmd.pid
SlurmctldLogFile=$PWD/slurm/log/slurmctld.log
SlurmdLogFile=$PWD/slurm/log/slurmd.log
# without the kernel's control groups, which a container seldom lets one change
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=2
JobRequeue=1
RequeueExit=85
# more than the machine may have, so that jobs of two ranks need not wait for each other
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=16
PartitionName=all Nodes=ALL Default=YES State=UP
CONF
}

start_slurm() {
  mkdir -p slurm/state slurm/spool slurm/log
  write_slurm_conf > slurm/slurm.conf
  export SLURM_CONF=$PWD/slurm/slurm.conf
  (umask 077; head -c 1024 /dev/urandom > slurm/munge.key)
  daemon munged munged --force --foreground --key-file="$PWD/slurm/munge.key" --socket="$PWD/slurm/munge.sock" \
    --pid-file="$PWD/slurm/munged.pid" --log-file="$PWD/slurm/log/munged.log" --seed-file="$PWD/slurm/munge.seed"
  await 10 test -S slurm/munge.sock || skip "munged does not start here: $(tail -n 1 slurm/log/munged.out)"
  daemon slurmctld slurmctld -D -f "$SLURM_CONF"
  daemon slurmd slurmd -D -f "$SLURM_CONF"
  await 30 eval '[ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]' ||
    skip "Slurm does not start here: $(tail -qn 1 slurm/log/slurmctld.log slurm/log/slurmd.log)"
}

# Whether Slurm by itself requeues what ends with 85.
forget_requeue_rule() {
  sed -i '/^RequeueExit/d' "$SLURM_CONF"
  scontrol reconfigure
  await 10 eval 'scontrol show config | grep -qE "^RequeueExit += \(null\)"' || fail 'the rule stays'
}
