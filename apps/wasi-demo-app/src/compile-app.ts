// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

const ASSEMBLY = join(import.meta.dir, "../assembly");

// `incremental` collects garbage: `daemon` runs for as long as it may. No environment: `abort` is compiled to nothing,
// memory is exported and top-level statements become `_start`.
const OPTIONS =
  "--outFile app.wasm --runtime incremental --exportStart _start --use abort= --use seed= --optimizeLevel 3 " +
  "--shrinkLevel 1 --noAssert --noColors";

/** Compiles the application, a WASI preview 1 command; throws the compiler's report when it is wrong. About a second. */
export async function compileApp(): Promise<Uint8Array> {
  const { default: asc } = await import("assemblyscript/asc");
  let wasm: Uint8Array | undefined;
  let report = "";
  const { error } = await asc.main(["main.ts", ...OPTIONS.split(" ")], {
    readFile: readSource,
    writeFile(_file, content) {
      if (typeof content !== "string") wasm = new Uint8Array(content);
    },
    listFiles: () => [],
    stderr: { write: (text) => void (report += text) },
  });
  if (error !== null || wasm === undefined)
    throw new Error(`cannot compile the demo application: ${report}`, { cause: error });
  return wasm;
}

// The compiler asks for .ts files, of its library too; ours are called .as so that nothing takes them for TypeScript.
async function readSource(file: string): Promise<string | null> {
  if (basename(file) !== file || !file.endsWith(".ts")) return null;
  const path = join(ASSEMBLY, file.replace(/\.ts$/, ".as"));
  return (await Bun.file(path).exists()) ? await readFile(path, "utf8") : null;
}
