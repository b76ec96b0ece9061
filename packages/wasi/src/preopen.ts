// SPDX-License-Identifier: Apache-2.0
import { constants, openSync } from "node:fs";
import type { DirectoryDescriptor } from "./descriptor.ts";
import { linuxErrnoOf } from "./errno.ts";
import { O_PATH } from "./linux-kernel.ts";
import { WasiError } from "./wasi-error.ts";

/** A directory that the guest may use. */
export interface Preopen {
  readonly hostPath: string;
  /** What the guest calls it. */
  readonly guestPath: string;
  /** Nothing below it can be written, made, moved or removed (`PERM`). */
  readonly readOnly?: boolean;
}

const EACCES = 13;

/** Opens a preopen; the descriptor is the caller's. Throws `WasiError` of kind `bad-preopen`. */
export function openPreopen(preopen: Preopen): DirectoryDescriptor {
  const { hostPath, guestPath, readOnly = false } = preopen;
  return { kind: "directory", hostFd: open(hostPath), readOnly, preopenName: Buffer.from(guestPath) };
}

function open(hostPath: string): number {
  try {
    return openDirectory(hostPath);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WasiError("bad-preopen", `cannot open directory "${hostPath}" for the guest: ${reason}`, {
      cause,
      names: [hostPath],
    });
  }
}

// A directory that this user may search and not read still serves to reach what is in it.
function openDirectory(hostPath: string): number {
  try {
    return openSync(hostPath, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (linuxErrnoOf(error) !== EACCES) throw error;
    return openSync(hostPath, O_PATH | constants.O_DIRECTORY);
  }
}
