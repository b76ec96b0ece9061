// SPDX-License-Identifier: Apache-2.0
import { openNodeConfig, type Containerd, type Runtime, type TestImage } from "@runwasi/e2e";
import { benchImages } from "./bench-images.ts";
import { engineImages } from "./engine-images.ts";

/** Who runs which image that sleeps, where memory is measured. */
export interface Sleeper {
  readonly runtime: Runtime;
  readonly image: string;
}

const OWN: readonly Sleeper[] = [
  { runtime: "jsc", image: "native-sleep" },
  { runtime: "jsc", image: "wasm-sleep" },
  { runtime: "wasmtime", image: "wasm-sleep" },
  { runtime: "wamr", image: "wasm-sleep" },
];
/** Under runc's shim, where an image has to bring the engine that runs its module. */
const OF_RUNC: readonly Sleeper[] = [
  { runtime: "runc", image: "native-sleep" },
  { runtime: "runc", image: "sleep-with-jsc" },
  { runtime: "runc", image: "sleep-with-wasmtime" },
  { runtime: "runc", image: "sleep-with-wamr" },
];

/** The images of all of them. */
export async function sleeperImages(): Promise<readonly TestImage[]> {
  return [...(await benchImages()), ...(await engineImages())];
}

/** A row of a table for each of them, runc's first, and once more for ours where the node has one daemon for all. */
export async function sleeperRows(
  containerd: Containerd,
  title: (sleeper: Sleeper) => string,
  measure: (sleeper: Sleeper) => Promise<readonly number[]>,
): Promise<(string | number)[][]> {
  const rows: (string | number)[][] = [];
  for (const sleeper of [...OF_RUNC, ...OWN]) rows.push([title(sleeper), ...(await measure(sleeper))]);
  const config = await openNodeConfig(containerd);
  await using _file = await config.write('daemon = "node"\n');
  for (const sleeper of OWN)
    rows.push([`${title(sleeper)}, one daemon for the node`, ...(await measure(sleeper))]);
  return rows;
}
