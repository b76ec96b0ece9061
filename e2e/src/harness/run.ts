// SPDX-License-Identifier: Apache-2.0
import type { CommandOptions, CommandResult } from "./command.ts";
import type { Containerd } from "./containerd.ts";
import { findTask } from "./tasks.ts";
import { waitUntil } from "./wait-until.ts";
import { runtimeName, type Runtime } from "./runtimes.ts";

/** One `ctr run`. */
export interface Run {
  readonly runtime: Runtime;
  /** Full name of an imported image; none with `flags` that hold --config. */
  readonly image?: string;
  readonly id?: string;
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  readonly stdin?: string | Uint8Array;
  readonly timeoutMs?: number;
}

/** Arguments of ctr for a run; --rm or --detach is among the flags. */
export function runArguments(containerd: Containerd, run: Run): string[] {
  const { runtime, image, id = containerd.nextId(), flags = [], args = [] } = run;
  return [
    "run",
    "--runtime",
    runtimeName(runtime),
    ...flags,
    ...(image === undefined ? [] : [image]),
    id,
    ...args,
  ];
}

/** Runs a container to its end and removes it. */
export function runContainer(containerd: Containerd, run: Run): Promise<CommandResult> {
  const id = run.id ?? containerd.nextId();
  const flags = ["--rm", ...(run.flags ?? [])];
  return containerd.ctr(runArguments(containerd, { ...run, id, flags }), inputOptions(containerd, id, run));
}

/**
 * ctr passes the end of its stdin on only when it comes after the task was created (a race of its own), so
 * stdin stays open until the container runs.
 */
export function inputOptions(containerd: Containerd, id: string, run: Run): CommandOptions {
  const { stdin, timeoutMs } = run;
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(stdin === undefined ? {} : { stdin, stdinOpenUntil: () => isStarted(containerd, id) }),
  };
}

/** Gives up silently after some seconds: the container may have come and gone between two looks. */
function isStarted(containerd: Containerd, id: string): Promise<unknown> {
  return waitUntil(`task ${id} to start`, async () => {
    const task = await findTask(containerd, id);
    return task !== undefined && task.status !== "CREATED" ? task : undefined;
  }).catch(() => undefined);
}
