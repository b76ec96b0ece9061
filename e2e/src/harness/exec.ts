// SPDX-License-Identifier: Apache-2.0
import type { CommandOptions, CommandResult } from "./command.ts";
import type { Containerd } from "./containerd.ts";
import type { DetachedContainer } from "./detached.ts";
import { startDetached } from "./detached.ts";
import type { Run } from "./run.ts";

/** One `ctr task exec`. */
export interface Execution {
  readonly args: readonly string[];
  readonly execId?: string;
  readonly flags?: readonly string[];
}

let executions = 0;

/** Runs a process in a container to its end. */
export function execIn(
  containerd: Containerd,
  container: DetachedContainer,
  { args, execId = `e${(executions += 1)}`, flags = [] }: Execution,
  options: CommandOptions = {},
): Promise<CommandResult> {
  const argv = ["task", "exec", "--exec-id", execId, ...flags, container.id, ...args];
  return containerd.ctr(argv, options);
}

/** Runs the same executions, one after the other, in a container of runc's shim and in one of `run`'s. */
export async function execBoth(
  containerd: Containerd,
  run: Run,
  executions: readonly Execution[],
): Promise<{ readonly reference: readonly CommandResult[]; readonly ours: readonly CommandResult[] }> {
  const all = async (runtime: Run["runtime"]): Promise<CommandResult[]> => {
    await using container = await startDetached(containerd, { ...run, runtime });
    const results: CommandResult[] = [];
    for (const execution of executions) results.push(await execIn(containerd, container, execution));
    return results;
  };
  return { reference: await all("runc"), ours: await all(run.runtime) };
}
