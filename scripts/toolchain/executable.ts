// SPDX-License-Identifier: Apache-2.0
import { access, constants, stat } from "node:fs/promises";

/** Whether `path` is a regular file that this process may execute. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Absent, or of no use to the caller: the same to one who asks whether it can run it.
    return false;
  }
}
