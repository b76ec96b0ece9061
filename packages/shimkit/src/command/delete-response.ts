// SPDX-License-Identifier: Apache-2.0
import { DeleteResponse } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import type { ExitStatus } from "../daemon/reaper.ts";
import { exitFields } from "../task/exit-fields.ts";

/** What the `delete` command prints for a task that ended so. */
export function encodeDeleteResponse(exit: ExitStatus): Uint8Array {
  return DeleteResponse.encode(exitFields(exit)).finish();
}
