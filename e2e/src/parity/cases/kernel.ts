// SPDX-License-Identifier: Apache-2.0
// What the kernel is told of a container: sysctls, hidden and write-protected paths, seccomp, security modules.
import { refusedCase, shellCase, type ParityCase } from "../parity-case.ts";
import type { JsonMap } from "../../harness/spec.ts";

const ERROR_ONLY = "2>&1 | sed 's/.*: //'";

function seccomp(rule: JsonMap): JsonMap {
  const { arch } = process;
  const architecture = arch === "x64" ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64";
  return {
    linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", architectures: [architecture], syscalls: [rule] } },
  };
}

export const KERNEL_CASES: readonly ParityCase[] = [
  shellCase({
    name: "sysctls of the container's own namespaces",
    spec: { linux: { sysctl: { "net.ipv4.ip_forward": "1", "kernel.shmmni": "128" } } },
    script: "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni",
    stdout: "1\n128\n",
  }),
  refusedCase("a sysctl of the host", { linux: { sysctl: { "vm.swappiness": "7" } } }),
  shellCase({
    name: "masked paths",
    spec: { linux: { maskedPaths: ["/etc/passwd", "/home", "/not/there"] } },
    script: "wc -c </etc/passwd; ls -A /home | wc -l",
    stdout: "0\n0\n",
  }),
  shellCase({
    name: "read-only paths",
    spec: { linux: { readonlyPaths: ["/work", "/not/there"] } },
    script: `touch /work/x ${ERROR_ONLY}; touch /tmp/x && rm /tmp/x && echo else`,
    stdout: "Read-only file system\nelse\n",
  }),
  shellCase({
    name: "a read-only rootfs",
    spec: async ({ rootfs }) => ({ root: { path: rootfs, readonly: true } }),
    script: `touch /work/x ${ERROR_ONLY}; touch /dev/shm/x && echo else`,
    stdout: "Read-only file system\nelse\n",
  }),
  shellCase({
    name: "a system call that seccomp refuses",
    spec: seccomp({ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }),
    script: `mkdir /tmp/x ${ERROR_ONLY}`,
    stdout: "Operation not permitted\n",
  }),
  shellCase({
    name: "a system call that seccomp refuses with an errno of its own",
    spec: seccomp({ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38 }),
    script: `mkdir /tmp/x ${ERROR_ONLY}`,
    stdout: "Function not implemented\n",
  }),
  shellCase({
    name: "a system call for whose arguments seccomp kills",
    spec: seccomp({
      names: ["kill"],
      action: "SCMP_ACT_KILL_PROCESS",
      args: [{ index: 1, value: 10, op: "SCMP_CMP_EQ" }],
    }),
    script: "kill -0 $$ && echo fine; sh -c 'kill -USR1 $$' 2>/dev/null; echo $?",
    stdout: "fine\n159\n",
  }),
  refusedCase("an action that seccomp does not know", seccomp({ names: ["kill"], action: "SCMP_ACT_NOPE" })),
  refusedCase("an AppArmor profile where there is no AppArmor", {
    process: { apparmorProfile: "none-of-that-name" },
  }),
];
