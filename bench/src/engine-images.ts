// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { BASE_FOLDERS, DIST, withLibraries, type TestImage } from "@runwasi/e2e";
import { testModule } from "@runwasi/test-modules";
import { ensureEngine, type InstallableEngine } from "../../scripts/toolchain/engine.ts";

/**
 * Wasm as it runs where no shim knows of it: native images `sleep-with-<engine>` that bring the engine's executable along,
 * for the module of `wasm-sleep`. That of jsc is this project's own.
 */
export async function engineImages(): Promise<readonly TestImage[]> {
  const shim = join(DIST, "../libexec/containerd-shims/containerd-shim-jsc-v1");
  return [
    await engineImage("jsc", shim, [
      "run-guest",
      "jsc",
      "--dir",
      "/",
      "/",
      "--",
      "/sleep.wasm",
      "/sleep.wasm",
    ]),
    await engineImage("wasmtime", await installed("wasmtime", "wasmtime"), ["run", "--dir=/", "/sleep.wasm"]),
    await engineImage("wamr", await installed("wamr", "iwasm"), ["--dir=/", "/sleep.wasm"]),
  ];
}

async function engineImage(engine: string, executable: string, args: readonly string[]): Promise<TestImage> {
  const module = { kind: "file", path: "sleep.wasm", content: await testModule("sleep") } as const;
  return {
    name: `sleep-with-${engine}`,
    process: { entrypoint: ["/engine", ...args, "3600"] },
    layers: [[...BASE_FOLDERS, module], await withLibraries(executable, "engine")],
  };
}

async function installed(engine: InstallableEngine, executable: string): Promise<string> {
  return join((await ensureEngine(engine)) ?? "", executable);
}
