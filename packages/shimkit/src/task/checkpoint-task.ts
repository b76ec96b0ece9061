// SPDX-License-Identifier: Apache-2.0
import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { unpackAny } from "@runwasi/containerd-api";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import type { CheckpointTaskRequest } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { CheckpointOptions } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import { messageOf, ShimError } from "../error.ts";
import type { Process } from "./process.ts";
import type { Task } from "./task.ts";

const OPTIONS = "containerd.runc.v1.CheckpointOptions";
/** criu(8), --manage-cgroups. */
const CGROUPS_MODES: readonly string[] = ["", "soft", "full", "strict", "ignore"];

/**
 * Writes the processes of a task that runs, or is paused, to files.
 *
 * @throws ShimError Unimplemented, FailedPrecondition in another state, InvalidArgument for a path or options that cannot be
 * used, or what the instance throws.
 */
export async function checkpointTask(
  { id, instance }: Task,
  init: Process,
  { path, options }: CheckpointTaskRequest,
): Promise<void> {
  if (!instance.checkpoint) throw new ShimError("Unimplemented", `cannot checkpoint task "${id}"`);
  if (init.state.kind !== "running" && init.state.kind !== "paused") throw init.wrongState("checkpoint");
  if (!isAbsolute(path)) {
    throw new ShimError("InvalidArgument", `cannot checkpoint task "${id}": "${path}" is no absolute path`);
  }
  const parsed = parseOptions(id, options);
  if (!CGROUPS_MODES.includes(parsed.cgroupsMode)) {
    const needed = "soft, full, strict or ignore";
    const said = `its mode for cgroups is "${parsed.cgroupsMode}" (${needed})`;
    throw new ShimError("InvalidArgument", `cannot checkpoint task "${id}": ${said}`);
  }
  await instance.checkpoint({ ...parsed, path });
}

function parseOptions(id: string, options: Any | undefined): CheckpointOptions {
  if (options === undefined || options.typeUrl === "") return CheckpointOptions.decode(new Uint8Array(0));
  try {
    const parsed = unpackAny(options, OPTIONS, CheckpointOptions);
    if (parsed !== undefined) return parsed;
  } catch (error) {
    const said = `its options cannot be read: ${messageOf(error)}`;
    throw new ShimError("InvalidArgument", `cannot checkpoint task "${id}": ${said}`, { cause: error });
  }
  const said = `its options are of type "${options.typeUrl}" (${OPTIONS})`;
  throw new ShimError("InvalidArgument", `cannot checkpoint task "${id}": ${said}`);
}

/**
 * Refuses a checkpoint to restore that is not there.
 *
 * @throws ShimError InvalidArgument, NotFound, or Unimplemented for a parent: images find theirs by a link of their own.
 */
export function assertCheckpoint(id: string, path: string, parentCheckpoint: string): void {
  if (parentCheckpoint !== "") {
    const said = "a parent checkpoint is found by the link that its dump left in the images";
    throw new ShimError("Unimplemented", `cannot create task "${id}": ${said}`);
  }
  if (!isAbsolute(path)) {
    throw new ShimError("InvalidArgument", `cannot restore task "${id}": "${path}" is no absolute path`);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ShimError("NotFound", `cannot restore task "${id}": there is no folder "${path}"`);
  }
}
