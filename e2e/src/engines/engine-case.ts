// SPDX-License-Identifier: Apache-2.0
import type { InstallableEngine } from "../../../scripts/toolchain/engine.ts";
import type { CommandResult } from "../harness/command.ts";
import type { Containerd } from "../harness/containerd.ts";
import type { DetachedContainer } from "../harness/detached.ts";

/** What a container is given beside its program and arguments. */
interface ContainerOptions {
  /** Flags of `ctr run`. */
  readonly flags?: readonly string[];
  readonly stdin?: string;
}

/** An engine under a real containerd, for one case of the table. */
export interface CaseContext {
  readonly engine: InstallableEngine;
  readonly containerd: Containerd;
  /** A test module that the image holds as /<name>.wasm. */
  readonly module: (name: string) => Uint8Array;
  /** Runs a container of the image to its end: modules, and /work/note.txt with "a note". */
  readonly run: (args: readonly string[], options?: ContainerOptions) => Promise<CommandResult>;
  /** Starts one, which the caller disposes. */
  readonly start: (args: readonly string[], options?: ContainerOptions) => Promise<DetachedContainer>;
}

/** A row of the table: something that every engine should do. */
export interface EngineCase {
  /** Lower-case words with hyphens, by which engines-unsupported.json calls it. */
  readonly name: string;
  readonly title: string;
  /** The test module whose known differences are no failure of this case. */
  readonly module?: string;
  /** Throws when the engine does otherwise. */
  check(context: CaseContext): Promise<void>;
}

/** Rows that belong together. */
export interface CaseGroup {
  readonly title: string;
  readonly cases: readonly EngineCase[];
}
