// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const FEATURES = { threads: true } as const;

/** Assembles `<folder>/<name>.wat`, and validates it; throws wabt's report when it is wrong. */
export async function compileWat(
  name: string,
  folder: "wat" | "components" = "wat",
): Promise<Uint8Array<ArrayBuffer>> {
  const { default: loadWabt } = await import("wabt");
  const wabt = await loadWabt();
  const file = join(import.meta.dir, folder, `${name}.wat`);
  const module = wabt.parseWat(file, await readFile(file), FEATURES);
  try {
    // Its type leaves out the features, without which shared memory is not valid.
    const validate: (features: typeof FEATURES) => void = module.validate.bind(module);
    validate(FEATURES);
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}
