// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TaskV2Definition, type TaskDefinition } from "@runwasi/containerd-api";
import { connect, TtrpcError, type TtrpcClient } from "@runwasi/ttrpc";
import type { Containerd } from "./containerd.ts";
import { PATIENCE } from "./patience.ts";

/** Folder of a task that exists. */
export function bundleOf(containerd: Containerd, id: string): string {
  return join(containerd.folder, "state", "io.containerd.runtime.v2.task", containerd.namespace, id);
}

/** The socket of the daemon that serves a container, as a path of the host. */
export async function socketOf(containerd: Containerd, id: string): Promise<string> {
  const address = await readFile(join(bundleOf(containerd, id), "address"), "utf8");
  return address.trim().replace("unix:///run", containerd.mounts.runFolder);
}

/** Connects to a container's daemon as containerd does; the caller disposes. */
export async function connectTo(containerd: Containerd, id: string): Promise<TtrpcClient> {
  return await connect({ path: await socketOf(containerd, id), timeoutMs: 5_000 * PATIENCE });
}

/** The status code and message that a call is refused with; throws when it is not refused. */
export async function refusal(call: Promise<unknown>): Promise<{ code: number; message: string }> {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof TtrpcError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error(`call was not refused: ${Bun.inspect(answer)}`);
}

export const TASK: TaskDefinition = TaskV2Definition;
