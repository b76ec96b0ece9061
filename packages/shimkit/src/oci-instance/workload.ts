// SPDX-License-Identifier: Apache-2.0
import type { RuntimeSpec, SpecProcess } from "@runwasi/oci";
import type { InstanceHost, InstanceRequest } from "../instance.ts";

/**
 * How signals reach the container's init.
 *
 * - `as-sent`: what Linux does.
 * - `terminate`: init is a program that cannot handle signals, so one whose default is to terminate ends it, also
 *   when it is PID 1 of its namespace and Linux would drop the signal. `map` replaces signals before that.
 */
export type SignalDelivery =
  | { readonly kind: "as-sent" }
  | { readonly kind: "terminate"; readonly map: ReadonlyMap<number, number> };

/** What the OCI runtime is to run, decided from the spec that containerd wrote. */
export interface Workload {
  /** For the log. */
  readonly description: string;
  /** The spec to run when it differs from the one that came. */
  readonly spec?: RuntimeSpec;
  readonly signals: SignalDelivery;
  /** Set when the program may not be one that the kernel executes: the reason to give when Create or Start fails. */
  readonly doubt?: string;
  /** Why its processes cannot be checkpointed and restored; absent where they can. */
  readonly noCheckpoint?: string;
  /**
   * Decides what an exec runs, from its process and the spec that the container runs with. Absent: what it names. Throws
   * ShimError to refuse it.
   */
  readonly exec?: (process: SpecProcess, spec: RuntimeSpec) => Promise<ExecWorkload>;
}

/** What the OCI runtime is to execute beside a container's init. */
export interface ExecWorkload {
  readonly process: SpecProcess;
  readonly signals: SignalDelivery;
  /** As a workload's. */
  readonly doubt?: string;
}

/** Decides what to run; must not change `spec`. Throws ShimError to refuse the container. */
export type DecideWorkload = (
  spec: RuntimeSpec,
  request: InstanceRequest,
  host: InstanceHost,
) => Promise<Workload>;

/** Runs every container as it came. */
export const runAsItCame: DecideWorkload = () =>
  Promise.resolve({ description: "native container", signals: { kind: "as-sent" } });
