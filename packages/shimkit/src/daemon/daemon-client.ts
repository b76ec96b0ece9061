// SPDX-License-Identifier: Apache-2.0
// Apart from the daemon's side and loaded only when a socket is there: most `start` and `delete` commands find none.
import { connect } from "@runwasi/ttrpc";
import { DaemonDefinition } from "./daemon-service.ts";

/** A daemon that does not answer in this time is taken for hung, and `start` fails rather than waits. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Announces a task to the daemon that listens at `path`; false when none does (no socket, or one whose daemon was
 * killed).
 *
 * @throws TtrpcError when the daemon is there and does not answer.
 */
export async function announceTask(path: string, id: string): Promise<boolean> {
  let client;
  try {
    client = await connect({ path });
  } catch {
    return false; // nobody listens
  }
  using connection = client;
  await connection.call(
    DaemonDefinition,
    DaemonDefinition.methods.expect,
    { id, execId: "" },
    {
      timeoutMs: ANSWER_TIMEOUT_MS,
    },
  );
  return true;
}

/** Whether anybody listens at `path`. */
export async function isListening(path: string): Promise<boolean> {
  try {
    using _client = await connect({ path });
    return true;
  } catch {
    return false; // no socket, or one whose daemon was killed
  }
}
