// SPDX-License-Identifier: Apache-2.0
import { rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OciRuntime } from "@runwasi/oci-runtime";
import type { ClaimedChild } from "../daemon/reaper.ts";
import type { InstanceHost, InstanceRequest } from "../instance.ts";
import { beginInit } from "./begin-init.ts";
import { openCriuFiles, withCriuReasons } from "./criu.ts";
import { readStdio, restoreConfig } from "./external-stdio.ts";
import { removeCgroup } from "./remove-cgroup.ts";

/**
 * Makes a container, running, from the images of a checkpoint. On failure nothing of it is left.
 *
 * @throws ShimError with what the OCI runtime says, and CRIU's reason.
 */
export async function restoreInit(
  runtime: OciRuntime,
  request: InstanceRequest,
  host: InstanceHost,
  { imagePath, cgroupsPath }: { readonly imagePath: string; readonly cgroupsPath: string | undefined },
): Promise<ClaimedChild> {
  const { id, bundle, stdio, options } = request;
  using files = openCriuFiles(bundle, restoreConfig(readStdio(imagePath)), options.criuWorkPath);
  const restore = {
    bundle: bundle.path,
    pidFile: bundle.pidFile,
    imagePath,
    workPath: files.workPath,
    stdio: stdio.child,
    consoleSocket: stdio.consoleSocket,
    noPivotRoot: options.noPivotRoot,
    folder: options.criuPath === "" ? undefined : dirname(options.criuPath),
    config: files.config,
  };
  try {
    return await beginInit(runtime, request, host, () => runtime.restore(id, restore));
  } catch (error) {
    removeCriuRoot(bundle.path);
    removeCgroup(cgroupsPath);
    throw withCriuReasons(error, join(files.workPath, "restore.log"));
  }
}

// Where crun mounts the rootfs for CRIU; it forgets the folder when that fails, and then refuses a second try.
function removeCriuRoot(bundle: string): void {
  try {
    rmdirSync(join(bundle, "criu-root"));
  } catch {
    // there is none; mounted still, it goes with the bundle's mounts
  }
}
