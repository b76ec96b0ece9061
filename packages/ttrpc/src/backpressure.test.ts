// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { RUNNING_CALLS_MAX } from "./call-dispatcher.ts";
import { connect } from "./client.ts";
import { QUEUED_REQUESTS_MAX_BYTES } from "./client-connection.ts";
import { encodeRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { QUEUED_REPLIES_MAX_BYTES } from "./server-connection.ts";
import { StatusCode } from "./status.ts";
import { BytesValue, EchoDefinition } from "./testing/echo.ts";
import { startEchoServer } from "./testing/echo-server.ts";
import { openRawPeer } from "./testing/raw-peer.ts";
import { rejectionOf } from "./testing/rejection.ts";
import { createSocketPath } from "./testing/socket-path.ts";

const REPLY_BYTES = 64 * 1024;
const REPLY = { value: new Uint8Array(REPLY_BYTES).fill(1) };
const { echo } = EchoDefinition.methods;

function requests(count: number, method = "Echo"): Uint8Array {
  const head = { service: EchoDefinition.fullName, method, timeoutMs: undefined, metadata: new Map() };
  const body = { codec: BytesValue, message: { value: new Uint8Array(0) } };
  return Buffer.concat(Array.from({ length: count }, (_, index) => encodeRequest(index * 2 + 1, head, body)));
}

test("a server stops reading from a peer that does not take its replies, and goes on when it does", async () => {
  let called = 0;
  await using server = startEchoServer({
    echo: async () => {
      called++;
      return REPLY;
    },
  });
  using peer = await openRawPeer(server.path);
  peer.pause();
  const count = 3000;
  const sent = peer.send(requests(count));
  const { queuedBytes } = await server.event("reading-paused");
  // What the kernel holds and one turn's worth of replies come on top of the limit.
  const mostReplies = (QUEUED_REPLIES_MAX_BYTES + 8 * 1024 * 1024) / REPLY_BYTES;
  expect(called).toBeLessThan(mostReplies);
  expect(queuedBytes).toBeLessThan(mostReplies * REPLY_BYTES);
  // Another connection is not held up.
  using other = await connect({ path: server.path });
  expect((await other.call(EchoDefinition, echo, { value: new Uint8Array(0) })).value.length).toBe(
    REPLY_BYTES,
  );
  expect(called).toBeLessThan(mostReplies);
  peer.resume();
  for (let i = 0; i < count; i++) {
    const frame = await peer.receive();
    expect(frame.streamId).toBe(i * 2 + 1);
    expect(frame.body.length).toBeGreaterThan(REPLY_BYTES);
  }
  await sent;
  expect(called).toBe(count + 1);
  expect(server.events.some((event) => event.kind === "reading-resumed")).toBeTrue();
});

test("a peer that hangs up with replies waiting is let go and its handlers' signals abort", async () => {
  const aborted = Promise.withResolvers<void>();
  await using server = startEchoServer({
    echo: async () => REPLY,
    wait: (request, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborted.resolve();
          resolve(request);
        });
      }),
  });
  const peer = await openRawPeer(server.path);
  peer.pause();
  await peer.send(requests(1, "Wait"));
  const rest = rejectionOf(peer.send(requests(200_000).subarray(requests(1).length)));
  await server.event("reading-paused");
  peer[Symbol.dispose]();
  await aborted.promise;
  await rest;
  expect(server.server.connections).toBe(0);
});

test("a connection runs a bounded number of calls and refuses more with ResourceExhausted", async () => {
  const release = Promise.withResolvers<void>();
  await using server = startEchoServer({
    wait: async (request) => {
      await release.promise;
      return request;
    },
  });
  using peer = await openRawPeer(server.path);
  await peer.send(requests(RUNNING_CALLS_MAX + 1, "Wait"));
  const refused = await peer.receive();
  expect(refused.streamId).toBe(RUNNING_CALLS_MAX * 2 + 1);
  expect(parseResponse(refused.body)).toMatchObject({ status: { code: StatusCode.ResourceExhausted } });
  release.resolve();
  for (let i = 0; i < RUNNING_CALLS_MAX; i++) {
    await peer.receive();
  }
});

test("a client refuses calls with ResourceExhausted when its server does not read", async () => {
  using socket = createSocketPath();
  const listener = Bun.listen({ unix: socket.path, socket: { open: (peer) => peer.pause(), data() {} } });
  const client = await connect({ path: socket.path });
  const value = new Uint8Array(4_000_000);
  const pending: Promise<unknown>[] = [];
  for (let queued = 0; queued <= QUEUED_REQUESTS_MAX_BYTES + 2 * value.length; queued += value.length) {
    pending.push(rejectionOf(client.call(EchoDefinition, echo, { value })));
  }
  expect(await pending.at(-1)).toMatchObject({ code: StatusCode.ResourceExhausted });
  client[Symbol.dispose]();
  expect(await pending[0]).toMatchObject({ code: StatusCode.Canceled });
  listener.stop(true);
});
