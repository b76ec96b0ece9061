// SPDX-License-Identifier: Apache-2.0
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { CommandResult } from "../harness/command.ts";
import type { Containerd } from "../harness/containerd.ts";
import { startDetached, type DetachedContainer } from "../harness/detached.ts";
import { runContainer, type Run } from "../harness/run.ts";
import type { Runtime } from "../harness/runtimes.ts";
import { findTask } from "../harness/tasks.ts";
import { toMap, writeSpecFor, type JsonMap } from "../harness/spec.ts";

/** Where a case is played: a containerd, one of the two runtimes, and a container id that is the same for both. */
export interface Stage {
  readonly containerd: Containerd;
  readonly runtime: Runtime;
  readonly id: string;
  /** A folder of this case and runtime, for files and mounts. */
  readonly folder: string;
  /** Of all containers of this runtime: busybox, which they may write to. */
  readonly rootfs: string;
  /** Runs a shell script in a container of containerd's default spec with `patch` over it. */
  readonly run: (patch: JsonMap, script: string, options?: RunOptions) => Promise<CommandResult>;
  /** Starts one that goes on; its output is in a file. */
  readonly start: (patch: JsonMap, script: string, id?: string) => Promise<DetachedContainer>;
}

type RunOptions = Pick<Run, "flags" | "stdin">;

/** Makes a stage. */
export function createStage(parts: Omit<Stage, "run" | "start">): Stage {
  const { containerd, runtime, rootfs } = parts;
  const specOf = async (patch: JsonMap, script: string, id: string) => {
    const process = { args: ["sh", "-c", script], env: ["PATH=/bin"], ...toMap(patch["process"]) };
    return writeSpecFor(containerd, { id, rootfs }, { root: { path: rootfs }, ...patch, process });
  };
  return {
    ...parts,
    async run(patch, script, options = {}) {
      const { id, flags } = await specOf(patch, script, parts.id);
      return runContainer(containerd, {
        runtime,
        id,
        ...options,
        flags: [...flags, ...(options.flags ?? [])],
      });
    },
    async start(patch, script, id = parts.id) {
      await rm(join(containerd.folder, `${id}.out`), { force: true }); // of the other runtime's container
      const { flags } = await specOf(patch, script, id);
      return startDetached(containerd, { runtime, id, flags });
    },
  };
}

/** The status of a stage's container as `ctr task ls` shows it; undefined when there is no task. */
export async function statusOf({
  containerd,
  id,
}: Pick<Stage, "containerd" | "id">): Promise<string | undefined> {
  return (await findTask(containerd, id))?.status;
}

/** How many processes `ctr task ps` lists of a container in which one more has been executed. */
export async function processesWithExec(
  { containerd, id }: Stage,
  afterExec?: () => Promise<void>,
): Promise<number> {
  await containerd.ctr(["task", "exec", "--detach", "--exec-id", "long", id, "sleep", "1000"]);
  await afterExec?.();
  const { stdout } = await containerd.ctr(["task", "ps", id]);
  return stdout.trimEnd().split("\n").length - 1;
}
