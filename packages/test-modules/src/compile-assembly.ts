// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

// No environment: `abort` is compiled to nothing, memory is exported and top-level statements become `_start`.
const OPTIONS =
  "--outFile module.wasm --runtime stub --exportStart _start --use abort= --optimizeLevel 0 --noColors";

/** Compiles `assembly/<name>.as` with AssemblyScript; throws the compiler's report when it is wrong. */
export async function compileAssembly(name: string): Promise<Uint8Array> {
  const { default: asc } = await import("assemblyscript/asc");
  let wasm: Uint8Array | undefined;
  let report = "";
  const { error } = await asc.main([`${name}.ts`, ...OPTIONS.split(" ")], {
    readFile: readSource,
    writeFile(_file, content) {
      if (typeof content !== "string") wasm = new Uint8Array(content);
    },
    listFiles: () => [],
    stderr: { write: (text) => void (report += text) },
  });
  if (error !== null || wasm === undefined) {
    throw new Error(`cannot compile "${name}.as": ${report}`, { cause: error });
  }
  return wasm;
}

// The compiler asks for .ts files, of its library too; ours are called .as so that nothing takes them for TypeScript.
async function readSource(file: string): Promise<string | null> {
  if (basename(file) !== file || !file.endsWith(".ts")) return null;
  const path = join(import.meta.dir, "assembly", file.replace(/\.ts$/, ".as"));
  return (await Bun.file(path).exists()) ? await readFile(path, "utf8") : null;
}
