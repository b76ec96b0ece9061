// SPDX-License-Identifier: Apache-2.0
// Apart from the daemon's side and loaded only when a socket is there: most `start` and `delete` commands find none.
import { connect, StatusCode, TtrpcError } from "@runwasi/ttrpc";
import { ShimError } from "../error.ts";
import { DaemonDefinition } from "./daemon-service.ts";

/** A daemon that does not answer in this time is taken for hung, and `start` fails rather than waits. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Announces a task to the daemon that listens at `path`; false when none does (no socket, or one whose daemon was
 * killed) or it is ending. Once this is true the daemon stays for the task's Create.
 *
 * @throws ShimError DeadlineExceeded when the daemon is there and does not answer.
 */
export async function announceTask(path: string, id: string): Promise<boolean> {
  let client;
  try {
    client = await connect({ path });
  } catch {
    return false; // nobody listens
  }
  using connection = client;
  try {
    const request = { id, execId: "" };
    await connection.call(DaemonDefinition, DaemonDefinition.methods.expect, request, {
      timeoutMs: ANSWER_TIMEOUT_MS,
    });
    return true;
  } catch (error) {
    if (error instanceof TtrpcError && error.code === StatusCode.Unavailable) return false;
    const reason = "its shim daemon does not answer (end that process, and the pod can be made anew)";
    throw new ShimError("DeadlineExceeded", `cannot start task "${id}": ${reason}`, { cause: error });
  }
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
