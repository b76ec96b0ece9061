// SPDX-License-Identifier: Apache-2.0
// A native container under our shim is what it is under io.containerd.runc.v2, case by case, or the difference is listed
// with its reason. All of our shims are one executable, which looks at the engine for Wasm alone: one of them is run.
import { beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TarEntry } from "@runwasi/oci";
import type { Containerd } from "./harness/containerd.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { busyboxRootfs, writeRootfs } from "./harness/rootfs.ts";
import { narrow, type Runtime } from "./harness/runtimes.ts";
import { CASES } from "./parity/cases.ts";
import { isListed, misspeltDifferences } from "./parity/differences.ts";
import type { ParityCase } from "./parity/parity-case.ts";
import { createStage } from "./parity/stage.ts";

const RUNTIMES: readonly Runtime[] = narrow(["jsc", "runc"], "RUNWASI_E2E_RUNTIME").slice(0, 1);

async function play(one: ParityCase, containerd: Containerd, runtime: Runtime): Promise<unknown> {
  const id = `parity-${CASES.indexOf(one)}`;
  const folder = join(containerd.folder, "parity");
  await mkdir(folder);
  try {
    return await one.play(
      createStage({ containerd, runtime, id, folder, rootfs: rootfsOf(containerd, runtime) }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rootfs(): Promise<readonly TarEntry[]> {
  return [
    ...(await busyboxRootfs()),
    { kind: "folder", path: "mnt" },
    { kind: "symlink", path: "link-to-work", target: "/work" },
  ];
}

/** One for each, so that neither finds what the other has made in it. */
function rootfsOf(containerd: Containerd, runtime: Runtime): string {
  return join(containerd.folder, `rootfs-${runtime}`);
}

test("listed differences are of cases that there are", () => {
  expect(misspeltDifferences()).toEqual([]);
});

forEachShim(
  RUNTIMES,
  async () => [],
  ({ runtime, containerd, version }) => {
    beforeAll(async () => {
      // A user namespace's root is nobody on the way to the rootfs.
      await chmod(containerd().folder, 0o711);
      for (const each of new Set<Runtime>(["runc", runtime]))
        await writeRootfs(rootfsOf(containerd(), each), await rootfs());
    });

    test.each([...CASES])("$name", async (one) => {
      const reference = await play(one, containerd(), "runc");
      const ours = await play(one, containerd(), runtime);
      if (isListed(one.name, version)) return expect(ours).not.toEqual(reference);
      expect(reference).toMatchObject(one.expected);
      expect(ours).toEqual(reference);
    });
  },
);
