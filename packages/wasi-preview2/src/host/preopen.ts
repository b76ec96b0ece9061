// SPDX-License-Identifier: Apache-2.0
import { ComponentError } from "../component-error.ts";
import { Descriptor } from "./descriptor.ts";
import { openDirectory } from "@runwasi/wasi/system";

/** A directory that the guest may use. */
export interface Preopen {
  readonly hostPath: string;
  /** What the guest calls it. */
  readonly guestPath: string;
  /** Nothing below it can be written, made, moved or removed. */
  readonly readOnly?: boolean;
}

/** Opens a preopen; the descriptor is the caller's. Throws `ComponentError` of kind `bad-preopen`. */
export function openPreopen({ hostPath, readOnly = false }: Preopen): Descriptor {
  try {
    return new Descriptor(openDirectory(hostPath), { read: true, write: false, mutateDirectory: !readOnly });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ComponentError("bad-preopen", `cannot open directory "${hostPath}" for the guest: ${reason}`, {
      cause,
      names: [hostPath],
    });
  }
}
