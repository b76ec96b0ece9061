// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Assembles `wat/<name>.wat`, and validates it; throws wabt's report when it is wrong. */
export async function compileWat(name: string): Promise<Uint8Array> {
  const { default: loadWabt } = await import("wabt");
  const wabt = await loadWabt();
  const file = join(import.meta.dir, "wat", `${name}.wat`);
  const module = wabt.parseWat(file, await readFile(file));
  try {
    module.validate();
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}
