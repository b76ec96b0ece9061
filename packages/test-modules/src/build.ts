// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compileAssembly } from "./compile-assembly.ts";
import { compileWat } from "./compile-wat.ts";
import { TEST_MODULES } from "./modules.ts";
import type { TestModule } from "./test-module.ts";

/** A module that has been written to a folder. */
export interface BuiltModule {
  readonly module: TestModule;
  /** `<outDir>/<name>.wasm`. */
  readonly path: string;
}

/** Builds every module into `outDir`, which is made when missing; about 3 seconds. The files are the caller's. */
export async function buildTestModules(outDir: string): Promise<readonly BuiltModule[]> {
  await mkdir(outDir, { recursive: true });
  const built: BuiltModule[] = [];
  // One after the other: the compilers are single-threaded and not re-entrant.
  for (const module of TEST_MODULES) {
    const path = join(outDir, `${module.name}.wasm`);
    await writeFile(path, await compile(module));
    built.push({ module, path });
  }
  return built;
}

/** Builds one module; throws for a name that is not in `TEST_MODULES`. */
export async function testModule(name: string): Promise<Uint8Array> {
  const module = TEST_MODULES.find((candidate) => candidate.name === name);
  if (module === undefined) throw new Error(`cannot build test module "${name}": there is none of that name`);
  return await compile(module);
}

async function compile(module: TestModule): Promise<Uint8Array> {
  switch (module.source.kind) {
    case "wat":
      return await compileWat(module.name);
    case "assembly":
      return await compileAssembly(module.name);
    case "bytes":
      return await module.source.bytes();
    default:
      return module.source satisfies never;
  }
}
