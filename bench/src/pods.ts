// SPDX-License-Identifier: Apache-2.0
import {
  runPod,
  startCriNode,
  type ContainerSetting,
  type CriNode,
  type Pod,
  type Runtime,
} from "@runwasi/e2e";
import { ownProcesses, sumOfMemory } from "./own-processes.ts";
import { summarize } from "./samples.ts";
import { sleeperImages, sleeperRows, type Sleeper } from "./sleepers.ts";
import { table } from "./table.ts";

/** Engines go on initialising after start, and a daemon gives back memory when it has done nothing for a while. */
const SETTLING_MS = 2_000;
/** containerd's CRI plugin asks for Stats every second: what that takes is there at one time and not at another. */
const SAMPLES = 7;
const SAMPLE_EVERY_MS = 700;
const COUNTS = [1, 10, 30] as const;

/** PSS of pods through CRI: the daemon, the native pause container and one container that sleeps. */
export async function benchPods(): Promise<string> {
  await using node = await startCriNode();
  const names = new Map<string, string>();
  for (const image of await sleeperImages()) names.set(image.name, await node.pull(image));
  const title = ({ runtime, image }: Sleeper) => `${runtime}, pause + ${image}`;
  const rows = await sleeperRows(node.containerd, title, async ({ runtime, image }) => {
    const setting = { name: "app", image: names.get(image) ?? "" };
    const figures: number[] = [];
    for (const count of COUNTS) figures.push(await measurePods(node, runtime, setting, count));
    return figures;
  });
  return table(["PSS per pod, MB", ...COUNTS.map(String)], rows);
}

async function measurePods(
  node: CriNode,
  runtime: Runtime,
  setting: ContainerSetting,
  count: number,
): Promise<number> {
  await using pods = new AsyncDisposableStack();
  for (let index = 0; index < count; index += 1) {
    const pod: Pod = pods.use(await runPod(node, runtime));
    await pod.start(setting);
  }
  await Bun.sleep(SETTLING_MS);
  const { all } = ownProcesses(node.containerd);
  const samples: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    await Bun.sleep(SAMPLE_EVERY_MS);
    samples.push(sumOfMemory(all, "Pss") / count);
  }
  return summarize(samples).median;
}
