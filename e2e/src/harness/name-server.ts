// SPDX-License-Identifier: Apache-2.0
// A name server as a process in another network namespace, on port 53 of 127.0.0.1. That process runs this very file.
import type { NetworkNamespace } from "./network-namespace.ts";

/** The name that it knows, and where that leads; of any other it says that there is none. */
export const KNOWN_NAME = "service.test";
export const KNOWN_ADDRESS = "192.0.2.7";

/** RFC 1035: where a message's first question begins, the types that are asked for, and what is answered. */
const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_ERROR = 0x8180;
const NO_SUCH_NAME = 0x8183;
const TTL_SECONDS = 60;

/** Serves names in a namespace; the caller disposes. */
export async function serveNames(network: NetworkNamespace): Promise<AsyncDisposable> {
  const child = Bun.spawn(network.enter([process.execPath, import.meta.path]), {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { done } = await child.stdout.getReader().read();
  if (done) throw new Error(`cannot serve names: the server ended with ${await child.exited}`);
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** The answer to a query of one question. */
function answer(query: Buffer): Buffer {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length !== 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5; // the root's empty label, type and class
  const isKnown = labels.join(".") === KNOWN_NAME;
  const hasAddress = isKnown && query.readUInt16BE(at + 1) === TYPE_A;
  const reply = Buffer.from(query.subarray(0, end));
  reply.writeUInt16BE(isKnown ? NO_ERROR : NO_SUCH_NAME, 2);
  reply.writeUInt16BE(hasAddress ? 1 : 0, 6);
  reply.fill(0, 8, HEADER_BYTES);
  if (!hasAddress) return reply;
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, TTL_SECONDS, 0, 4]);
  return Buffer.concat([reply, record, Buffer.from(KNOWN_ADDRESS.split(".").map(Number))]);
}

if (import.meta.main) {
  await Bun.udpSocket({
    hostname: "127.0.0.1",
    port: 53,
    socket: {
      data: (socket, query, port, address) => void socket.send(answer(query), port, address),
    },
  });
  process.stdout.write("ready");
}
