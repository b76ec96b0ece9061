#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What containerd runs as containerd-shim-<name>-v1, in front of the executable of that name in ../libexec/containerd-shims.
# containerd waits for a process to end at each start and, in 1.6, at each deletion. The executable takes 5 to 10 ms to
# boot and this shell one, so it lets the daemon itself answer `start`, and answers `delete` for a task that the daemon
# has deleted. The executable does all this alone, too, only later.
shim=${0%/*}/../libexec/containerd-shims/${0##*/}
[ -x "$shim" ] || { self=$(readlink -f -- "$0") && shim=${self%/*}/../libexec/containerd-shims/${0##*/}; }
# A copy, which a container's runtime path may name, runs the executable of the installed one.
[ -x "$shim" ] || {
  self=$(command -v -- "${0##*/}") && self=$(readlink -f -- "$self") && shim=${self%/*}/../libexec/containerd-shims/${0##*/}
}

# To move a process to another cgroup, as an OCI runtime does with each container's, the kernel waits for all processors (a grace
# period of RCU: 10 to 20 ms), unless it has just done so. It does for a process that stays where it is, too: so it waits
# while the daemon boots. Where this process may not, the OCI runtime waits.
enter_own_cgroup() {
  exec >/dev/null 2>&1 3<&- # not for this call only, which would keep them open meanwhile
  while IFS=: read -r _ controllers path; do
    case $controllers in
      name=*) ;;
      *) echo 0 >"/sys/fs/cgroup/$controllers$path/cgroup.procs" && return ;;
    esac
  done </proc/self/cgroup
}

action=
for action do :; done
case $action in
  start)
    # Without the command the executable serves; it answers on stdout and then lets go of it.
    left=$#
    for argument do
      shift
      left=$((left - 1))
      [ "$left" -eq 0 ] || set -- "$@" "$argument"
    done
    # The daemon's whole environment; what steers Bun or the loader does not go on. Not by env(1), whose execution takes
    # half a millisecond. A line of a value may name a variable, too: then that one is unset once more.
    set -f
    IFS='
'
    for line in $(export -p); do
      name=${line#export }
      name=${name%%=*}
      case $name in
        PATH | TTRPC_ADDRESS | XDG_RUNTIME_DIR | DBUS_SESSION_BUS_ADDRESS | '' | [0-9]* | *[!A-Za-z0-9_]*) ;;
        *) command unset -v "$name" ;; # command: a variable that must stay (bash has some) ends no script
      esac
    done
    export PATH="${PATH-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
    # Its code runs briefly and rarely: without the optimising compilers, and with one thread that collects garbage, it
    # needs 0.6 MB and three threads less. Bun looks once a second for garbage: idle, that is most of what a daemon does.
    export BUN_JSC_useDFGJIT=0 BUN_JSC_useConcurrentJIT=0 BUN_JSC_numberOfGCMarkers=1 BUN_GC_TIMER_INTERVAL=10000
    exec 3<&0
    answer=$(
      "$shim" "$@" <&3 3<&- &
      enter_own_cgroup &
    )
    [ -n "$answer" ] || exit 1 # the reason is on stderr
    printf %s "$answer"
    ;;
  delete)
    bundle= previous=
    for argument do
      [ "$previous" = -bundle ] && bundle=$argument
      previous=$argument
    done
    # Written by the daemon when nothing of the task was left. Its socket, which is the pod's, it unlinks itself; a daemon
    # that was killed did not, and has no exe even while nobody has reaped it.
    if [ -r "$bundle/deleted" ] && read -r pid answer <"$bundle/deleted" && [ -e "/proc/$pid/exe" ]; then
      printf %b "$answer"
    else
      exec "$shim" "$@"
    fi
    ;;
  *) exec "$shim" "$@" ;;
esac
