// SPDX-License-Identifier: Apache-2.0
import { imageName, runContainer, startContainerd, type ContainerdVersion, type Runtime } from "@runwasi/e2e";
import { importBenchImages } from "./bench-images.ts";
import { measureInTurn, timeMs } from "./samples.ts";
import { table } from "./table.ts";

const ROUNDS = 40;

/** `ctr run --rm` from start to end, native under runc's shim and ours, Wasm under each engine, in one run. */
export async function benchCtrRun(version: ContainerdVersion): Promise<string> {
  await using containerd = await startContainerd({ version });
  await importBenchImages(containerd);
  const run = (runtime: Runtime, image: string) => async () => {
    const { exitCode, stderr } = await runContainer(containerd, { runtime, image: imageName(image) });
    if (exitCode !== 0) throw new Error(`${runtime} ${image}: ${stderr}`);
  };
  const subjects = new Map(
    (
      [
        ["native, io.containerd.runc.v2 with runc", run("runc", "native")],
        ["native, io.containerd.jsc.v1 with crun", run("jsc", "native")],
        ["Wasm hello, io.containerd.jsc.v1", run("jsc", "wasm")],
        ["Wasm hello, io.containerd.wasmtime.v1", run("wasmtime", "wasm")],
      ] as const
    ).map(([name, work]) => [name, () => timeMs(work)]),
  );
  const results = [...(await measureInTurn(subjects, ROUNDS))];
  const baseline = results[0]?.[1].median ?? Number.NaN;
  return table(
    ["`ctr run --rm`", "median ms", "min", "max", "ratio"],
    results.map(([name, { median, min, max }]) => [name, median, min, max, (median / baseline).toFixed(2)]),
  );
}
