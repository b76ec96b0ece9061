// SPDX-License-Identifier: Apache-2.0
// Who a process is and what it may do.
import { shellCase, type ParityCase } from "../parity-case.ts";

const USER = { uid: 1000, gid: 1000 };
const SHOW_CAPABILITIES = "grep ^Cap /proc/self/status | cut -f2";

function capabilities(names: readonly string[], ambient: readonly string[] = []) {
  return { bounding: names, effective: names, permitted: names, inheritable: ambient, ambient };
}

/** Values of the five sets in the kernel's order, as hexadecimal masks. */
function masks(
  inheritable: number,
  permitted: number,
  effective: number,
  bounding: number,
  ambient: number,
): string {
  return [inheritable, permitted, effective, bounding, ambient]
    .map((mask) => `${mask.toString(16).padStart(16, "0")}\n`)
    .join("");
}

export const PROCESS_CASES: readonly ParityCase[] = [
  shellCase({
    name: "user, group and supplementary groups",
    spec: { process: { user: { ...USER, additionalGids: [10, 2000] } } },
    script: "id -u; id -g; id -G",
    stdout: "1000\n1000\n1000 10 2000\n",
  }),
  shellCase({
    name: "a umask",
    spec: { process: { user: { uid: 0, gid: 0, umask: 0o27 } } },
    script: "umask; touch /tmp/masked; stat -c %a /tmp/masked; rm /tmp/masked",
    stdout: "0027\n640\n",
  }),
  shellCase({
    name: "HOME of a user without one",
    spec: { process: { user: USER } },
    script: "echo $HOME",
    stdout: "/home/user\n",
  }),
  shellCase({
    name: "a working folder that is not there is made",
    spec: { process: { cwd: "/work/made/below" } },
    script: "pwd; stat -c '%a %u' .; cd /; rm -r /work/made",
    stdout: "/work/made/below\n755 0\n",
  }),
  shellCase({
    name: "capabilities of root",
    spec: { process: { capabilities: capabilities(["CAP_CHOWN", "CAP_KILL"]) } },
    script: SHOW_CAPABILITIES,
    stdout: masks(0, 0x21, 0x21, 0x21, 0),
  }),
  shellCase({
    name: "capabilities of a user",
    spec: { process: { user: USER, capabilities: capabilities(["CAP_CHOWN", "CAP_KILL"]) } },
    script: SHOW_CAPABILITIES,
    stdout: masks(0, 0, 0, 0x21, 0),
  }),
  shellCase({
    name: "ambient capabilities of a user",
    spec: {
      process: {
        user: USER,
        capabilities: capabilities(["CAP_NET_BIND_SERVICE"], ["CAP_NET_BIND_SERVICE"]),
      },
    },
    script: SHOW_CAPABILITIES,
    stdout: masks(0x400, 0x400, 0x400, 0x400, 0x400),
  }),
  shellCase({
    name: "privileges that may grow",
    spec: { process: { noNewPrivileges: false } },
    script: "grep NoNewPrivs /proc/self/status | cut -f2",
    stdout: "0\n",
  }),
  shellCase({
    name: "an oom_score_adj",
    spec: { process: { oomScoreAdj: 321 } },
    script: "cat /proc/self/oom_score_adj",
    stdout: "321\n",
  }),
  shellCase({
    name: "rlimits",
    spec: {
      process: {
        rlimits: [
          { type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
          { type: "RLIMIT_CORE", soft: 0, hard: 0 },
          { type: "RLIMIT_STACK", soft: 1_048_576, hard: 2_097_152 },
        ],
      },
    },
    script: "for limit in -n -c -s; do ulimit -S $limit; ulimit -H $limit; done",
    stdout: "100\n200\n0\n0\n1024\n2048\n",
  }),
];
