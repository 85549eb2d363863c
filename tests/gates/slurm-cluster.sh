#!/bin/bash
# A Slurm cluster of two nodes on this machine, without systemd, for as long as standard input stays open; then nothing is left of it.
#   slurm-cluster.sh FOLDER CONTROLLER_PORT PORT_1 PORT_2       writes FOLDER/ready, or says what went wrong and ends with 1
set -u
folder=$1
groups=/sys/fs/cgroup
over=no
export SLURM_CONF=$folder/slurm.conf

# All that was started here and all that jobs left have the variable; this shell itself has not, as it was set later.
members() {
    grep -lzsxF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ | grep -oE '[0-9]+'
}

stop() {
    trap '' INT TERM HUP
    for _ in 1 2 3 4 5; do
        for pid in $(members); do
            [ "$pid" = $$ ] || kill -9 "$pid" 2> /dev/null
        done
        sleep 0.3
    done
    for node in n1 n2; do
        for kind in memory freezer cpuset devices; do
            [ ! -d "$groups/$kind/slurm_$node" ] || find "$groups/$kind/slurm_$node" -depth -type d -exec rmdir {} \; 2> /dev/null
        done
    done
    [ "$over" = no ] || rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

# Limits of memory need control groups of version 1; without them jobs are only followed.
limits=no
track='ProctrackType=proctrack/linuxproc
TaskPlugin=task/none'
if mkdir "$groups/memory/slurm_n1" "$groups/freezer/slurm_n1" 2> /dev/null; then
    limits=yes
    track='ProctrackType=proctrack/cgroup
TaskPlugin=task/cgroup'
fi
echo $limits > "$folder/limits"

# munged wants a socket that all can reach.
chmod 755 "$folder"
mkdir -p "$folder/state" "$folder/n1" "$folder/n2"
host=$(hostname -s)
cat > "$SLURM_CONF" << END
ClusterName=liver
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$2
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
$track
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=10
MessageTimeout=10
SchedulerParameters=sched_interval=5,bf_interval=5
MpiDefault=none
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$3 CPUs=1 RealMemory=4000
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$4 CPUs=1 RealMemory=4000
PartitionName=all Nodes=ALL Default=YES State=UP
END
cat > "$folder/cgroup.conf" << END
CgroupPlugin=cgroup/v1
CgroupMountpoint=$groups
CgroupAutomount=no
ConstrainRAMSpace=yes
END

head -c 128 /dev/urandom > "$folder/munge.key"
chmod 600 "$folder/munge.key"
munged --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" \
    --seed-file="$folder/munge.seed" && slurmctld -c && slurmd -N n1 && slurmd -N n2 || exit 1

for _ in $(seq 60); do
    if [ "$(sinfo -h -N -o '%N %T' 2> /dev/null)" = $'n1 idle\nn2 idle' ]; then
        touch "$folder/ready"
        cat > /dev/null
        over=yes
        exit 0
    fi
    sleep 0.5
done
tail -n 20 "$folder"/*.log
exit 1
