// SPDX-License-Identifier: Apache-2.0
import type { Errno } from "./errno.ts";
import type { FdTable } from "./fd-table.ts";
import type { GuestMemory } from "./guest-memory.ts";
import type { Kernel } from "./kernel.ts";
import type { OpenBeneath } from "./open-beneath.ts";

/** What the preview 1 functions of one running guest work on. */
export interface WasiContext {
  readonly memory: GuestMemory;
  readonly fds: FdTable;
  /** Without their terminating NUL. */
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  /** Loads the system calls that `node:fs` lacks when they are first needed: it costs about 0.4 ms. */
  readonly kernel: () => Kernel;
  /** Resolves guest paths; loads the system calls as `kernel` does. */
  readonly openBeneath: () => OpenBeneath;
}

/** Functions of preview 1 by name; they take what WebAssembly passes, 32 bit numbers as signed ones. */
export type WasiFunctions = Readonly<Record<string, (context: WasiContext, ...args: never[]) => Errno>>;
