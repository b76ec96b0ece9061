// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import type { CommandResult } from "./command.ts";
import type { Containerd } from "./containerd.ts";
import { runContainer, type Run } from "./run.ts";

/** Turns output into a form in which two right runs are equal, such as without device numbers. */
export type Normalize = (stdout: string) => unknown;

/**
 * Runs the same container under containerd's own runc shim and then under `run.runtime`, expects the same
 * output and exit code, and answers ours.
 */
export async function expectParity(
  containerd: Containerd,
  run: Run,
  normalize: Normalize = (stdout) => stdout,
): Promise<CommandResult> {
  const id = run.id ?? containerd.nextId();
  const reference = await runContainer(containerd, { ...run, id, runtime: "runc" });
  const ours = await runContainer(containerd, { ...run, id });
  const comparable = (result: CommandResult) => ({ ...result, stdout: normalize(result.stdout) });
  expect(comparable(ours)).toEqual(comparable(reference));
  return ours;
}
