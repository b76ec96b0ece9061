#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs containerd's client suite where nothing of the host is within its reach: sandbox.sh FOLDER CGROUP ARGUMENT ...
# FOLDER brings registry.json (a registry with TLS on port 443), hosts, and empty folders lib and tmp; the suite runs in it.
# HIDDEN in the environment lists files that are not to be found.
# CGROUP names the cgroup, of each hierarchy, that everything in here is below.
# The second stage is process 1 of the namespaces; everything ends with it.
set -eu

case $1 in
  inside) shift ;;
  *)
    for hierarchy in $(awk '$3 == "cgroup" { print $2 }' /proc/mounts); do
      mkdir "$hierarchy/$2"
      # Those of cpuset begin empty, and take no process then.
      for setting in cpuset.cpus cpuset.mems; do
        [ ! -e "$hierarchy/$setting" ] || cat "$hierarchy/$setting" >"$hierarchy/$2/$setting"
      done
      echo $$ >"$hierarchy/$2/cgroup.procs"
    done
    exec unshare --mount --propagation private --net --cgroup --pid --fork --kill-child --mount-proc sh "$0" inside "$@"
    ;;
esac

folder=$1
shift 2
ip link set lo up
# What is mounted anew is this cgroup namespace's. crun refuses cgroup2 beside cgroup v1.
for hierarchy in $(awk '$3 == "cgroup" { print $2 }' /proc/mounts); do
  controllers=$(awk -v at="$hierarchy" '$2 == at { print $4 }' /proc/mounts | sed 's/^rw,\(relatime\|noatime\),//')
  umount "$hierarchy"
  mount -t cgroup -o "$controllers" cgroup "$hierarchy"
done
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi

mount -t tmpfs tmpfs /run
mkdir /run/suite
mount --bind "$folder" /run/suite
mount --bind /run/suite/hosts /etc/hosts
mount --bind /run/suite/lib /var/lib
# What there is stays to be seen, as what this very script runs may be; what is written goes no further.
for covered in /opt /tmp; do
  mkdir -p "/run/covers$covered/upper" "/run/covers$covered/work"
  mount -t overlay overlay -o "lowerdir=$covered,upperdir=/run/covers$covered/upper,workdir=/run/covers$covered/work" "$covered"
done
for program in ${HIDDEN-}; do mount --bind /dev/null "$program"; done
cd /run/suite

registry serve registry.json >registry.log 2>&1 &
registry=$!
until ss -Hltn 'sport = 443' | grep -q .; do
  kill -0 "$registry" || { cat registry.log >&2; exit 1; }
  sleep 0.1
done
"$@"
