// SPDX-License-Identifier: Apache-2.0
import type { Containerd } from "../harness/containerd.ts";
import type { Run } from "../harness/run.ts";
import type { Runtime } from "../harness/runtimes.ts";

/** The OCI runtimes that a node may name by the option BinaryName. */
export const OCI_RUNTIMES = ["crun", "runc", "youki"] as const;
export type OciRuntimeName = (typeof OCI_RUNTIMES)[number];

/** What a case runs with. */
export interface RuntimeContext {
  readonly containerd: Containerd;
  /** Of the shims that is ours. */
  readonly shim: Runtime;
  /** A run of the image whose parts are given, by the OCI runtime under test. */
  readonly run: (parts: Omit<Run, "runtime">) => Run;
}

/** Something that every OCI runtime has to do under our shims. Throws when it does not. */
export interface RuntimeCase {
  readonly name: string;
  readonly check: (context: RuntimeContext) => Promise<void>;
}

/** An image with a shell, its tools, and `/hello.wasm` and `/sleep.wasm`. */
export const IMAGE = "runwasi.test/mixed:latest";
