// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A path for a socket in a folder of its own, which goes when disposed. */
export interface SocketPath extends Disposable {
  readonly path: string;
}

export function createSocketPath(): SocketPath {
  const folder = mkdtempSync(join(tmpdir(), "ttrpc-"));
  return {
    path: join(folder, "s"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
