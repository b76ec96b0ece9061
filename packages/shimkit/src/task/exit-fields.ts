// SPDX-License-Identifier: Apache-2.0
import { timestampFromMs } from "@runwasi/containerd-api";
import type { Timestamp } from "@runwasi/containerd-api/gen/google/protobuf/timestamp.ts";
import type { ExitStatus } from "../daemon/reaper.ts";

/** An exit as containerd's messages and events spell it: `pid`, `exit_status`, `exited_at`. */
export function exitFields({ pid, status, exitedAtMs }: ExitStatus): {
  readonly pid: number;
  readonly exitStatus: number;
  readonly exitedAt: Timestamp;
} {
  return { pid, exitStatus: status, exitedAt: timestampFromMs(exitedAtMs) };
}
