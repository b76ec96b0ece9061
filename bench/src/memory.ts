// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import {
  imageName,
  runtimeName,
  startContainerd,
  type Containerd,
  type ContainerdVersion,
  type Runtime,
} from "@runwasi/e2e";
import { importBenchImages } from "./bench-images.ts";
import { table } from "./table.ts";

const COUNTS = [1, 10, 50] as const;
const SUBJECTS = [
  ["runc", "native-sleep"],
  ["jsc", "native-sleep"],
  ["jsc", "wasm-sleep"],
  ["wasmtime", "wasm-sleep"],
] as const;

/** PSS of sleeping containers, each with a shim daemon of its own, and the private dirty memory of an idle daemon. */
export async function benchMemory(version: ContainerdVersion): Promise<string> {
  await using containerd = await startContainerd({ version });
  await importBenchImages(containerd);
  const rows: (string | number)[][] = [];
  for (const [runtime, image] of SUBJECTS) {
    const row: (string | number)[] = [`${runtime}, ${image}`];
    let dirtyMb = 0;
    for (const count of COUNTS) {
      const { pssMb, daemonDirtyMb } = await measureSleeping(containerd, runtime, image, count);
      row.push(pssMb);
      dirtyMb = daemonDirtyMb;
    }
    rows.push([...row, dirtyMb]);
  }
  return table(
    ["PSS per container, shim and workload, MB", ...COUNTS.map(String), "private dirty of a daemon, MB"],
    rows,
  );
}

async function measureSleeping(containerd: Containerd, runtime: Runtime, image: string, count: number) {
  const ids = Array.from({ length: count }, () => containerd.nextId());
  for (const id of ids) {
    const run = ["run", "--detach", "--runtime", runtimeName(runtime), imageName(image), id];
    const { exitCode, stderr } = await containerd.ctr(run);
    if (exitCode !== 0) throw new Error(`${runtime} ${image}: ${stderr}`);
  }
  await Bun.sleep(2_000); // engines go on initialising after start; a figure, not a test
  const own = pids().filter((pid) => belongsTo(pid, containerd.namespace));
  const daemons = own.filter((pid) => /containerd-shim/.test(read(`/proc/${pid}/cmdline`)));
  const pssMb = sum(own, "Pss") / 1024 / count;
  const daemonDirtyMb = sum(daemons, "Private_Dirty") / 1024 / Math.max(daemons.length, 1);
  for (const id of ids) {
    await containerd.ctr(["task", "kill", "--signal", "SIGKILL", id]);
    await containerd.ctr(["task", "delete", "--force", id]);
    await containerd.ctr(["container", "delete", id]);
  }
  return { pssMb, daemonDirtyMb };
}

// A shim has the namespace among its arguments, a container in its cgroup's path. Other processes come and go.
function belongsTo(pid: number, namespace: string): boolean {
  const isShim = read(`/proc/${pid}/cmdline`).split("\0").includes(namespace);
  return isShim || read(`/proc/${pid}/cgroup`).includes(`/${namespace}/`);
}

function pids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** Sum of one field of smaps_rollup, in KiB. */
function sum(processes: readonly number[], field: string): number {
  return processes
    .map((pid) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
    )
    .reduce((total, kib) => total + kib, 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended, or is a kernel thread
  }
}
