// SPDX-License-Identifier: Apache-2.0
import {
  BASE_FOLDERS,
  importImages,
  imageName,
  startContainerd,
  type Containerd,
  type ContainerdVersion,
} from "@runwasi/e2e";
import { testModule } from "@runwasi/test-modules";
import { engineVersion, SHIM_ENGINES } from "../../e2e/src/harness/engines.ts";
import { runArguments } from "../../e2e/src/harness/run.ts";
import type { InstallableEngine } from "../../scripts/toolchain/engine.ts";
import { measureInTurn } from "./samples.ts";
import { table } from "./table.ts";

const ROUNDS = 9;
const IMAGE = "first-line";
const MODULES = ["hello", "big"] as const;
const LINE = "hello world";

/** What each engine does with a module before it runs, as our shims start it. */
const TRANSLATION: Readonly<Record<InstallableEngine, string>> = {
  jsc: "interprets at first, compiles what is called often",
  wasmtime: "compiles all of it, optimised (Cranelift)",
  wasmedge: "interprets",
  wasmer: "compiles all of it, optimised (Cranelift)",
  wamr: "interprets",
};

/** From the start of `ctr run` to the first line of a module's output, of a small module and of one of two megabytes. */
export async function benchFirstLine(version: ContainerdVersion): Promise<string> {
  await using containerd = await startContainerd({ version });
  const sizes = await importModules(containerd);
  const subjects = new Map(
    SHIM_ENGINES.flatMap((engine) =>
      MODULES.map(
        (module) => [`${engine} ${module}`, () => timeToFirstLine(containerd, engine, module)] as const,
      ),
    ),
  );
  const results = await measureInTurn(subjects, ROUNDS);
  const rows: string[][] = [];
  for (const engine of SHIM_ENGINES) {
    const figures = MODULES.flatMap((module) => {
      const summary = results.get(`${engine} ${module}`);
      return [summary?.median, summary?.min].map((ms) => (ms ?? Number.NaN).toFixed(1));
    });
    rows.push([await engineVersion(engine), ...figures, TRANSLATION[engine]]);
  }
  const header = MODULES.flatMap((module) => [`\`${module}\`, ${sizes.get(module)} bytes: median ms`, "min"]);
  return table(["`ctr run` to the first line", ...header, "the engine"], rows);
}

/** Answers the modules' sizes in bytes. */
async function importModules(containerd: Containerd): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const files = [];
  for (const name of MODULES) {
    const content = await testModule(name);
    sizes.set(name, content.length);
    files.push({ kind: "file" as const, path: `${name}.wasm`, content });
  }
  const process = { entrypoint: [`/${MODULES[0]}.wasm`] };
  await importImages(containerd, [{ name: IMAGE, process, layers: [[...BASE_FOLDERS, ...files]] }]);
  return sizes;
}

async function timeToFirstLine(
  containerd: Containerd,
  runtime: InstallableEngine,
  module: string,
): Promise<number> {
  const run = { runtime, image: imageName(IMAGE), flags: ["--rm"], args: [`/${module}.wasm`] };
  const argv = containerd.ctrCommand(runArguments(containerd, run));
  const startedAt = performance.now();
  const child = Bun.spawn(argv, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  let lineAt = Number.NaN;
  let printed = "";
  for await (const bytes of child.stdout) {
    printed += new TextDecoder().decode(bytes);
    if (Number.isNaN(lineAt) && printed.includes("\n")) lineAt = performance.now();
  }
  const exitCode = await child.exited;
  if (exitCode !== 0 || printed.trimEnd() !== LINE) {
    throw new Error(`${runtime} ${module}: ${exitCode}, ${printed}${await child.stderr.text()}`);
  }
  return lineAt - startedAt;
}
