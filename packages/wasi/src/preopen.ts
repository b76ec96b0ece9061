// SPDX-License-Identifier: Apache-2.0
import type { DirectoryDescriptor } from "./descriptor.ts";
import { openDirectory } from "./open-directory.ts";
import { WasiError } from "./wasi-error.ts";

/** A directory that the guest may use. */
export interface Preopen {
  readonly hostPath: string;
  /** What the guest calls it. */
  readonly guestPath: string;
  /** Nothing below it can be written, made, moved or removed (`PERM`). */
  readonly readOnly?: boolean;
}

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
