// SPDX-License-Identifier: Apache-2.0
import { timestampFromMs } from "@runwasi/containerd-api";
import { DeleteResponse } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import type { ExitStatus } from "../daemon/reaper.ts";

/** What the `delete` command prints for a task that ended so. */
export function encodeDeleteResponse({ pid, status, exitedAtMs }: ExitStatus): Uint8Array {
  return DeleteResponse.encode({ pid, exitStatus: status, exitedAt: timestampFromMs(exitedAtMs) }).finish();
}
