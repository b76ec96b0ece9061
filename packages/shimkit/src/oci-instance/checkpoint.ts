// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, ShimError } from "../error.ts";
import { hasErrno } from "../linux/errno.ts";
import type { CheckpointRequest } from "../instance.ts";
import { openCriuFiles, withCriuReasons } from "./criu.ts";
import type { ExecContainer } from "./exec.ts";
import { dumpConfig, externalStdio, writeStdio } from "./external-stdio.ts";
import { translated } from "./runtime-for.ts";

/**
 * Writes a container's processes to files by the OCI runtime and CRIU. On failure it goes on as before, and the folder is
 * away again if it was made here.
 *
 * @throws ShimError Unimplemented for a workload that cannot be restored, NotFound for a folder whose parent is not there,
 * or what the OCI runtime says, with CRIU's reason.
 */
export async function checkpointContainer(
  { id, bundle, runtime, workload, criuPath }: ExecContainer & { readonly criuPath: string },
  pid: number,
  request: CheckpointRequest,
): Promise<void> {
  if (workload.noCheckpoint !== undefined) {
    throw new ShimError("Unimplemented", `cannot checkpoint task "${id}": ${workload.noCheckpoint}`);
  }
  using undo = new DisposableStack();
  ensureFolder(request.path, id, undo);
  const stdio = externalStdio(pid);
  using files = openCriuFiles(bundle, dumpConfig(stdio), request.workPath);
  const { path, exit, openTcp, ...rest } = request;
  const checkpoint = {
    ...rest,
    imagePath: path,
    workPath: files.workPath,
    leaveRunning: !exit,
    tcpEstablished: openTcp,
    folder: criuPath === "" ? undefined : dirname(criuPath),
    config: files.config,
  };
  try {
    await translated(() => runtime.checkpoint(id, checkpoint));
  } catch (error) {
    throw withCriuReasons(error, join(files.workPath, "dump.log"));
  }
  writeStdio(path, stdio);
  undo.move();
}

/** The folder itself is made where it is missing, as OCI runtimes do; its parent has to be there. */
function ensureFolder(path: string, id: string, undo: DisposableStack): void {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = hasErrno(error, "ENOENT", "ENOTDIR", "EEXIST") ? "NotFound" : "Internal";
    throw new ShimError(code, `cannot checkpoint task "${id}" to "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
  undo.defer(() => rmSync(path, { recursive: true, force: true }));
}
