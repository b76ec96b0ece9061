// SPDX-License-Identifier: Apache-2.0
import {
  imageName,
  importImages,
  runtimeName,
  startContainerd,
  type Containerd,
  type ContainerdVersion,
} from "@runwasi/e2e";
import { ownProcesses, sumOfMemory } from "./own-processes.ts";
import { sleeperImages, sleeperRows, type Sleeper } from "./sleepers.ts";
import { table } from "./table.ts";

const COUNTS = [1, 10, 50] as const;

/** PSS of sleeping containers, each with a shim daemon of its own, and the private dirty memory of an idle daemon. */
export async function benchMemory(version: ContainerdVersion): Promise<string> {
  await using containerd = await startContainerd({ version });
  await importImages(containerd, await sleeperImages());
  const title = ({ runtime, image }: Sleeper) => `${runtime}, ${image}`;
  const rows = await sleeperRows(containerd, title, async (sleeper) => {
    const figures: number[] = [];
    let dirtyMb = 0;
    for (const count of COUNTS) {
      const { pssMb, daemonDirtyMb } = await measureSleeping(containerd, sleeper, count);
      figures.push(pssMb);
      dirtyMb = daemonDirtyMb;
    }
    return [...figures, dirtyMb];
  });
  return table(
    ["PSS per container, shim and workload, MB", ...COUNTS.map(String), "private dirty of a daemon, MB"],
    rows,
  );
}

async function measureSleeping(containerd: Containerd, { runtime, image }: Sleeper, count: number) {
  const ids = Array.from({ length: count }, () => containerd.nextId());
  for (const id of ids) {
    const run = ["run", "--detach", "--runtime", runtimeName(runtime), imageName(image), id];
    const { exitCode, stderr } = await containerd.ctr(run);
    if (exitCode !== 0) throw new Error(`${runtime} ${image}: ${stderr}`);
  }
  await Bun.sleep(2_000); // engines go on initialising after start; a figure, not a test
  const { all, daemons } = ownProcesses(containerd);
  const pssMb = sumOfMemory(all, "Pss") / count;
  const daemonDirtyMb = sumOfMemory(daemons, "Private_Dirty") / Math.max(daemons.length, 1);
  for (const id of ids) {
    await containerd.ctr(["task", "kill", "--signal", "SIGKILL", id]);
    await containerd.ctr(["task", "delete", "--force", id]);
    await containerd.ctr(["container", "delete", id]);
  }
  return { pssMb, daemonDirtyMb };
}
