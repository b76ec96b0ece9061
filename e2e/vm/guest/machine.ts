// SPDX-License-Identifier: Apache-2.0
import { readFile, symlink, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, runCommand, runForBytes } from "../../src/harness/command.ts";
import type { Containerd } from "../../src/harness/containerd.ts";
import { waitUntil } from "../../src/harness/wait-until.ts";

const NAMESPACE = "vm-node";
const FOLDER = "/tmp/vm";
const ENV = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", CONTAINERD_SUPPRESS_DEPRECATION_WARNINGS: "1" };

let ids = 0;

/**
 * The machine's own containerd, a service of systemd, in the form that the harness knows one in. Nothing is
 * configured: it finds the shims on its PATH.
 */
export const machine: Containerd = {
  version: "Debian's",
  folder: FOLDER,
  namespace: NAMESPACE,
  cgroup: NAMESPACE,
  mounts: {
    holderPid: 1,
    runFolder: "/run",
    nodeFolder: "/var/lib/runwasi",
    enter: (argv) => [...argv],
    async [Symbol.asyncDispose]() {},
  },
  pid: () => {
    throw new Error("the service may have a new pid at any time: ask systemctl");
  },
  ctrCommand: (args) => ["ctr", "--namespace", NAMESPACE, ...args],
  ctr: (args, options) => runCommand(machine.ctrCommand(args), { env: ENV, ...options }),
  ctrForBytes: (args, options) => runForBytes(machine.ctrCommand(args), { env: ENV, ...options }),
  log: () => mustRun(["journalctl", "--unit", "containerd", "--output", "cat"]),
  nextId: () => `c${(ids += 1)}`,
  async kill() {
    await mustRun(["systemctl", "kill", "--signal", "KILL", "--kill-whom", "main", "containerd"]);
  },
  async start() {
    await mustRun(["systemctl", "restart", "containerd"]);
    await waitUntil("containerd to serve", async () =>
      (await machine.ctr(["version"])).exitCode === 0 ? true : undefined,
    );
  },
  async [Symbol.asyncDispose]() {},
};

/** Makes the folder that the harness looks for bundles in, and imports the job's images. */
export async function prepareMachine(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await symlink("/run/containerd", join(FOLDER, "state"));
  await symlink("/var/lib/containerd", join(FOLDER, "root"));
  await mustRun(machine.ctrCommand(["image", "import", "/job/images.tar"]));
}

/** The directory of a process's cgroup. */
export async function cgroupOf(pid: number): Promise<string> {
  const line = (await readFile(`/proc/${pid}/cgroup`, "utf8")).trim();
  if (!line.startsWith("0::/")) throw new Error(`process ${pid} is in no cgroup of v2 alone: ${line}`);
  return join("/sys/fs/cgroup", line.slice("0::".length));
}
