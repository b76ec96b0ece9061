// SPDX-License-Identifier: Apache-2.0
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecContainer } from "./exec.ts";
import { translated } from "./runtime-for.ts";

/** Changes a container's limits by the OCI runtime. @param resources `linux.resources` of its specification, as JSON */
export async function updateContainer(
  { id, bundle, runtime }: Pick<ExecContainer, "id" | "bundle" | "runtime">,
  resources: string,
): Promise<void> {
  const path = join(bundle.path, `update-${Bun.randomUUIDv7()}.json`);
  try {
    writeFileSync(path, resources, { mode: 0o600 });
    await translated(() => runtime.update(id, path));
  } finally {
    rmSync(path, { force: true });
  }
}
