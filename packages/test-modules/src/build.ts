// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compileAssembly } from "./compile-assembly.ts";
import { compileWat } from "./compile-wat.ts";
import { componentizeJavascript } from "./componentize-javascript.ts";
import { componentizeWat } from "./componentize-wat.ts";
import { TEST_COMPONENTS } from "./components.ts";
import { TEST_MODULES } from "./modules.ts";
import type { TestModule } from "./test-module.ts";

/** A module that has been written to a folder. */
export interface BuiltModule {
  readonly module: TestModule;
  /** `<outDir>/<name>.wasm`. */
  readonly path: string;
}

/** Builds every core module into `outDir`, which is made when missing; about 3 seconds. The files are the caller's. */
export async function buildTestModules(outDir: string): Promise<readonly BuiltModule[]> {
  return await buildAll(TEST_MODULES, outDir);
}

/** Builds every component into `outDir`, which is made when missing; about 6 seconds. The files are the caller's. */
export async function buildTestComponents(outDir: string): Promise<readonly BuiltModule[]> {
  return await buildAll(TEST_COMPONENTS, outDir);
}

/** Builds one module or component; throws for a name that is in neither list. */
export async function testModule(name: string): Promise<Uint8Array> {
  const module = [...TEST_MODULES, ...TEST_COMPONENTS].find((candidate) => candidate.name === name);
  if (module === undefined) throw new Error(`cannot build test module "${name}": there is none of that name`);
  return await compile(module);
}

async function buildAll(modules: readonly TestModule[], outDir: string): Promise<readonly BuiltModule[]> {
  await mkdir(outDir, { recursive: true });
  const built: BuiltModule[] = [];
  // One after the other: the compilers are single-threaded and not re-entrant.
  for (const module of modules) {
    const path = join(outDir, `${module.name}.wasm`);
    await writeFile(path, await compile(module));
    built.push({ module, path });
  }
  return built;
}

async function compile(module: TestModule): Promise<Uint8Array> {
  switch (module.source.kind) {
    case "wat":
      return await compileWat(module.name);
    case "assembly":
      return await compileAssembly(module.name);
    case "component-wat":
      return await componentizeWat(module.name);
    case "component-javascript":
      return await componentizeJavascript(module.name);
    case "generated":
      return module.source.bytes();
    case "bytes":
      return await module.source.bytes();
    default:
      return module.source satisfies never;
  }
}
