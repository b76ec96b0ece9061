// SPDX-License-Identifier: Apache-2.0
import type { SignalDelivery } from "@runwasi/containerd-shimkit";
import { isObject, type SpecProcess } from "@runwasi/oci";
import type { MountedEngine } from "./engine-mounts.ts";
import type { Engine, WasmWorkload } from "./engine.ts";

const RLIMIT_STACK = "RLIMIT_STACK";
const NO_SIGNAL_MAP: ReadonlyMap<number, number> = new Map();

/** An engine as its files lie in a container. */
export type EngineFiles = Pick<MountedEngine, "argv" | "folder">;

/** What becomes of a container's `process`, its init's or an exec's, when an engine runs it. */
export interface EngineProcess {
  readonly process: SpecProcess;
  readonly signals: SignalDelivery;
}

/** Runs a workload on an engine in place of `process`: user, capabilities, limits and all else stay. */
export function engineProcess(
  engine: Engine,
  workload: WasmWorkload,
  { argv, folder }: EngineFiles,
  process: SpecProcess | undefined,
): EngineProcess {
  const { args, env, signalMap, stackBytes } = engine.command(workload, folder);
  return {
    process: {
      ...process,
      ...(stackBytes !== undefined && { rlimits: withStackLimit(process?.["rlimits"], stackBytes) }),
      // The engine works from the root: what lies in the guest's working directory is not its configuration.
      cwd: "/",
      args: [...argv, ...args],
      env: [...env],
    },
    signals: { kind: "terminate", map: signalMap ?? NO_SIGNAL_MAP },
  };
}

function withStackLimit(rlimits: unknown, bytes: number): readonly unknown[] {
  const given: readonly unknown[] = Array.isArray(rlimits) ? rlimits : [];
  const isSet = given.some((limit) => isObject(limit) && limit["type"] === RLIMIT_STACK);
  return isSet ? given : [...given, { type: RLIMIT_STACK, soft: bytes, hard: bytes }];
}
