// SPDX-License-Identifier: Apache-2.0
import { Empty } from "@runwasi/containerd-api/gen/google/protobuf/empty.ts";
import { WaitRequest } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { connect, service, type Service } from "@runwasi/ttrpc";

/** A daemon that does not answer in this time is taken for hung, and `start` fails rather than waits. */
const ANSWER_TIMEOUT_MS = 5_000;

// Between the `start` command and the daemon of a pod, both of this version or another: the message must stay
// readable, so it is one of the Task API's (`id` is all that is used).
const DaemonDefinition = {
  name: "Daemon",
  fullName: "runwasi.shim.v1.Daemon",
  methods: {
    expect: {
      name: "Expect",
      requestType: WaitRequest,
      requestStream: false,
      responseType: Empty,
      responseStream: false,
      options: {},
    },
  },
} as const;

/** The daemon's side: `expect` announces a task whose `start` command was given this daemon's address. */
export function daemonService(expect: (id: string) => void): Service {
  return service(DaemonDefinition, {
    async expect({ id }) {
      expect(id);
      return {};
    },
  });
}

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
