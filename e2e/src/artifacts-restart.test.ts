// SPDX-License-Identifier: Apache-2.0
// containerd dies while a container of an image of Wasm layers is being created.
import { expect, test } from "bun:test";
import { forEachArtifactShim } from "./artifacts/for-each-artifact-shim.ts";
import { importLayout, layersImage, moduleLayer } from "./artifacts/wasm-layers.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions, type Possessions } from "./harness/leftovers.ts";
import { runContainer } from "./harness/run.ts";
import { runtimeName } from "./harness/runtimes.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** How many processes a container has at most while it is created: ctr is not among them. */
const MOMENTS = [1, 2, 3] as const;

forEachArtifactShim((runtime, containerd) => {
  test.each([...MOMENTS])("killed when %i processes more are there, nothing is left", async (more) => {
    await importLayout(containerd(), layersImage("killed", [await moduleLayer("sleep")]));
    const run = { runtime, image: imageName("killed") };
    await runContainer(containerd(), { ...run, args: ["sleep.wasm", "0"] });
    const before = await listPossessions(containerd());
    const id = containerd().nextId();
    const create = ["container", "create", "--runtime", runtimeName(runtime), run.image, id];
    const created = await containerd().ctr([...create, "sleep.wasm", "1000"]);
    expect(created).toMatchObject({ exitCode: 0 });
    const starting = containerd().ctr(["task", "start", id]);
    await waitUntil("container to be on its way", async () => {
      const { processes } = await listPossessions(containerd());
      return processes.length >= before.processes.length + more ? true : undefined;
    });
    await containerd().kill();
    await starting;
    await containerd().start();
    await containerd().ctr(["task", "delete", "--force", id]);
    await containerd().ctr(["container", "delete", id]);
    await assertNothingLeft(containerd(), withNewPid(before, await listPossessions(containerd())));
    expect((await containerd().ctr(["leases", "ls", "--quiet"])).stdout).toBe("");
    expect((await containerd().ctr(["container", "ls", "--quiet"])).stdout).toBe("");
    expect((await runContainer(containerd(), { ...run, args: ["sleep.wasm", "0"] })).exitCode).toBe(0);
  });
});

/** Another containerd has another pid, and opens its files as it comes to need them: their number tells nothing. */
function withNewPid(before: Possessions, { processes }: Possessions): Possessions {
  const isContainerd = (process: string) => process.endsWith(" containerd");
  const others = before.processes.filter((process) => !isContainerd(process));
  const containerdFds = [String(Number.POSITIVE_INFINITY)];
  return { ...before, containerdFds, processes: [...others, ...processes.filter(isContainerd)].sort() };
}
