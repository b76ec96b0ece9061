// SPDX-License-Identifier: Apache-2.0
import type { OciRuntime } from "@runwasi/oci-runtime";
import { readPidFile } from "../bundle.ts";
import type { ClaimedChild } from "../daemon/reaper.ts";
import { ShimError } from "../error.ts";
import type { InstanceHost, InstanceRequest } from "../instance.ts";
import { translated } from "./runtime-for.ts";

/**
 * Has the OCI runtime make a container, by `create` or `restore`, and claims its init. On failure nothing of it is left.
 *
 * @param begin the call, which has the runtime write `bundle.pidFile`
 */
export async function beginInit(
  runtime: OciRuntime,
  { id, bundle }: Pick<InstanceRequest, "id" | "bundle">,
  { reaper }: Pick<InstanceHost, "reaper">,
  begin: () => Promise<void>,
): Promise<ClaimedChild> {
  using exits = reaper.watch();
  const isOthers = runtime.hasState(id); // a container of this id that is not ours: creating it fails, and it stays
  try {
    await translated(begin);
  } catch (error) {
    // A runtime that was killed half-way leaves its state and a cgroup. Why it failed is what has to be told.
    if (!isOthers && runtime.hasState(id)) await runtime.delete(id).catch(() => {});
    throw error;
  }
  const pid = readPidFile(bundle.pidFile);
  if (pid === undefined) {
    await runtime.delete(id);
    throw new ShimError(
      "Internal",
      `cannot create container "${id}": ${runtime.executable} wrote no pid file`,
    );
  }
  return exits.claim(pid);
}

/** Creates a container; its init waits, and is this daemon's to reap. On failure nothing of it is left. */
export function createInit(
  runtime: OciRuntime,
  request: InstanceRequest,
  host: InstanceHost,
): Promise<ClaimedChild> {
  const { id, bundle, stdio, options } = request;
  return beginInit(runtime, request, host, () =>
    runtime.create(id, {
      bundle: bundle.path,
      pidFile: bundle.pidFile,
      stdio: stdio.child,
      consoleSocket: stdio.consoleSocket,
      noPivotRoot: options.noPivotRoot,
      noNewKeyring: options.noNewKeyring,
    }),
  );
}
