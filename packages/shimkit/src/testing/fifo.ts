// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";

/** Makes a FIFO in a folder; gives its path. */
export function makeFifo(folder: string, name: string): string {
  const path = join(folder, name);
  const { exitCode } = Bun.spawnSync(["mkfifo", path]);
  if (exitCode !== 0) throw new Error(`mkfifo "${path}" failed`);
  return path;
}
