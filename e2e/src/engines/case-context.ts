// SPDX-License-Identifier: Apache-2.0
import { TEST_COMPONENTS, TEST_MODULES, testModule } from "@runwasi/test-modules";
import type { InstallableEngine } from "../../../scripts/toolchain/engine.ts";
import type { Containerd } from "../harness/containerd.ts";
import { startDetached } from "../harness/detached.ts";
import { imageName, importImages } from "../harness/images.ts";
import { BASE_FOLDERS } from "../harness/rootfs.ts";
import { runContainer } from "../harness/run.ts";
import type { CaseContext } from "./engine-case.ts";

const image = imageName("engines");
/** An engine that compiles a component of a megabyte, beside others on a loaded machine. */
const RUN_TIMEOUT_MS = 90_000;

/** Test modules by name. */
export type BuiltModules = ReadonlyMap<string, Uint8Array>;

/** Builds what the cases run, some ten seconds, and imports it as one image. */
export async function prepareModules(containerd: Containerd): Promise<BuiltModules> {
  const modules = new Map<string, Uint8Array>();
  // One after the other: their compilers are not re-entrant.
  for (const { name } of [...TEST_MODULES, ...TEST_COMPONENTS]) modules.set(name, await testModule(name));
  const files = [...modules].map(
    ([name, content]) => ({ kind: "file", path: `${name}.wasm`, content }) as const,
  );
  const note = { kind: "file", path: "work/note.txt", content: "a note\n" } as const;
  await importImages(containerd, [
    {
      name: "engines",
      process: { entrypoint: ["/hello.wasm"] },
      layers: [[...BASE_FOLDERS, note, ...files]],
    },
  ]);
  return modules;
}

/** What a case of the table gets. */
export function caseContext(
  engine: InstallableEngine,
  containerd: Containerd,
  modules: BuiltModules,
): CaseContext {
  return {
    engine,
    containerd,
    module(name) {
      const module = modules.get(name);
      if (module === undefined) throw new Error(`cannot find test module "${name}"`);
      return module;
    },
    run: (args, options = {}) =>
      runContainer(containerd, { runtime: engine, image, args, timeoutMs: RUN_TIMEOUT_MS, ...options }),
    start: (args, options = {}) => startDetached(containerd, { runtime: engine, image, args, ...options }),
  };
}
