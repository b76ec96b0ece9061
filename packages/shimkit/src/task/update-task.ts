// SPDX-License-Identifier: Apache-2.0
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { MalformedError, parseJsonObject } from "@runwasi/oci";
import { ShimError } from "../error.ts";
import type { Task } from "./task.ts";

/**
 * Changes a task's limits to `resources` of Update: `linux.resources` of the OCI runtime specification as JSON, whose
 * members are the OCI runtime's to judge.
 *
 * @throws ShimError InvalidArgument for what is no JSON object, Unimplemented, or what the instance throws.
 */
export async function updateTask({ id, instance }: Task, resources: Any | undefined): Promise<void> {
  if (!instance.update) throw new ShimError("Unimplemented", `cannot update task "${id}"`);
  if (resources === undefined) {
    throw new ShimError("InvalidArgument", `cannot update task "${id}": the request has no resources`);
  }
  const text = new TextDecoder().decode(resources.value);
  try {
    parseJsonObject(text, "resources");
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new ShimError("InvalidArgument", `cannot update task "${id}": ${error.message}`, { cause: error });
  }
  await instance.update(text);
}
