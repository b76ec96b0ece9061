// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { connect, type TtrpcClient } from "./client.ts";
import type { TtrpcEvent } from "./event.ts";
import { FRAME_BODY_MAX_BYTES } from "./frame.ts";
import { StatusCode } from "./status.ts";
import { createRandom, fromHex, randomBytes } from "./testing/bytes.ts";
import { EchoDefinition } from "./testing/echo.ts";
import { startEchoServer } from "./testing/echo-server.ts";
import { rejectionOf } from "./testing/rejection.ts";
import { createSocketPath } from "./testing/socket-path.ts";
import { TtrpcError } from "./ttrpc-error.ts";

const BYTES = { value: fromHex("01020304") };
const { echo, fail, wait } = EchoDefinition.methods;

interface Scripted extends Disposable {
  readonly client: TtrpcClient;
  readonly events: readonly TtrpcEvent[];
}

/** A client whose server answers the first bytes it gets with the given ones, and then hangs up if told. */
async function connectToScript(answer: Uint8Array, hangUp = false): Promise<Scripted> {
  const socket = createSocketPath();
  const listener = Bun.listen({
    unix: socket.path,
    socket: {
      data(peer) {
        peer.write(answer);
        if (hangUp) {
          peer.end();
        }
      },
    },
  });
  const events: TtrpcEvent[] = [];
  const client = await connect({ path: socket.path, log: (event) => events.push(event) });
  return {
    client,
    events,
    [Symbol.dispose]() {
      client[Symbol.dispose]();
      listener.stop(true);
      socket[Symbol.dispose]();
    },
  };
}

test("1000 calls run at once on one connection and each gets its own answer, in whatever order", async () => {
  const random = createRandom(5);
  await using server = startEchoServer({
    echo: async (request) => {
      const bytes = { value: request.value.slice() };
      if (random(2) === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return bytes;
    },
  });
  using client = await connect({ path: server.path });
  const requests = Array.from({ length: 1000 }, () => ({ value: randomBytes(random, 1 + random(2000)) }));
  const responses = await Promise.all(requests.map((request) => client.call(EchoDefinition, echo, request)));
  expect(responses).toEqual(requests);
  expect(server.server.connections).toBe(1);
});

test("messages of nearly 4 MiB go both ways", async () => {
  await using server = startEchoServer({ echo: async (request) => request });
  using client = await connect({ path: server.path });
  const value = new Uint8Array(FRAME_BODY_MAX_BYTES - 100).fill(42);
  const responses = await Promise.all([1, 2, 3].map(() => client.call(EchoDefinition, echo, { value })));
  expect(responses.every((response) => Buffer.compare(response.value, value) === 0)).toBeTrue();
});

test("a status reaches the caller with code, message and details", async () => {
  const details = [{ typeUrl: "t/x", value: fromHex("beef") }];
  await using server = startEchoServer({
    fail: () => Promise.reject(new TtrpcError(StatusCode.NotFound, "gone", { details })),
  });
  using client = await connect({ path: server.path });
  const error = await rejectionOf(client.call(EchoDefinition, fail, { value: "" }));
  expect(error).toBeInstanceOf(TtrpcError);
  expect(error).toMatchObject({ code: StatusCode.NotFound, message: "gone", details });
});

test("a call that gets no answer in time rejects with DeadlineExceeded and the connection goes on", async () => {
  await using server = startEchoServer({
    wait: () => new Promise(() => {}),
    echo: async (request) => request,
  });
  using client = await connect({ path: server.path });
  const error = await rejectionOf(client.call(EchoDefinition, wait, BYTES, { timeoutMs: 5 }));
  expect(error).toMatchObject({ code: StatusCode.DeadlineExceeded });
  expect(await client.call(EchoDefinition, echo, BYTES, { timeoutMs: 60_000 })).toEqual(BYTES);
  expect(await client.call(EchoDefinition, echo, BYTES, { timeoutMs: Infinity })).toEqual(BYTES);
});

test("a call without time left rejects without being sent", async () => {
  let called = 0;
  await using server = startEchoServer({
    echo: async (request) => {
      called++;
      return request;
    },
  });
  using client = await connect({ path: server.path });
  for (const timeoutMs of [0, -1, Number.NaN]) {
    const error = await rejectionOf(client.call(EchoDefinition, echo, BYTES, { timeoutMs }));
    expect(error).toMatchObject({ code: StatusCode.DeadlineExceeded });
  }
  await client.call(EchoDefinition, echo, BYTES);
  expect(called).toBe(1);
});

test("an aborted signal rejects the call with Canceled, before and after it is sent; a late answer is ignored", async () => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await using server = startEchoServer({
    wait: async (request) => {
      started.resolve();
      await release.promise;
      return request;
    },
    echo: async (request) => request,
  });
  const events: TtrpcEvent[] = [];
  using client = await connect({ path: server.path, log: (event) => events.push(event) });
  const controller = new AbortController();
  const running = client.call(EchoDefinition, wait, BYTES, { signal: controller.signal });
  await started.promise;
  controller.abort("enough");
  expect(await rejectionOf(running)).toMatchObject({ code: StatusCode.Canceled, cause: "enough" });
  const late = client.call(EchoDefinition, echo, BYTES, { signal: controller.signal });
  expect(await rejectionOf(late)).toMatchObject({ code: StatusCode.Canceled });
  release.resolve();
  expect(await client.call(EchoDefinition, echo, BYTES)).toEqual(BYTES);
  expect(events).toEqual([{ kind: "frame-ignored", streamId: 1, type: 2 }]);
});

test("a request over 4 MiB rejects with ResourceExhausted and nothing is sent", async () => {
  await using server = startEchoServer({ echo: async (request) => request });
  using client = await connect({ path: server.path });
  const value = new Uint8Array(FRAME_BODY_MAX_BYTES);
  const error = await rejectionOf(client.call(EchoDefinition, echo, { value }));
  expect(error).toMatchObject({ code: StatusCode.ResourceExhausted });
  expect(await client.call(EchoDefinition, echo, BYTES)).toEqual(BYTES);
  expect(server.events).toEqual([]);
});

test("a server that hangs up makes pending and later calls reject with Unavailable", async () => {
  using script = await connectToScript(new Uint8Array(0), true);
  const pending = rejectionOf(script.client.call(EchoDefinition, echo, BYTES));
  expect(await pending).toMatchObject({ code: StatusCode.Unavailable });
  await script.client.closed;
  const later = await rejectionOf(script.client.call(EchoDefinition, echo, BYTES));
  expect(later).toMatchObject({ code: StatusCode.Unavailable });
});

test("disposing the client makes pending and later calls reject with Canceled", async () => {
  using script = await connectToScript(new Uint8Array(0));
  const pending = script.client.call(EchoDefinition, echo, BYTES, { timeoutMs: 60_000 });
  script.client[Symbol.dispose]();
  script.client[Symbol.dispose]();
  expect(await rejectionOf(pending)).toMatchObject({ code: StatusCode.Canceled });
  await script.client.closed;
  const later = await rejectionOf(script.client.call(EchoDefinition, echo, BYTES));
  expect(later).toMatchObject({ code: StatusCode.Canceled });
  expect(script.events).toEqual([]);
});

test("an oversize response ends the connection: the call rejects with Unavailable and the reason is logged", async () => {
  using script = await connectToScript(fromHex("00400001 00000001 02 00"));
  const error = await rejectionOf(script.client.call(EchoDefinition, echo, BYTES));
  expect(error).toMatchObject({ code: StatusCode.Unavailable });
  expect(script.events).toMatchObject([
    { kind: "connection-broken", reason: expect.stringContaining("4194305") },
  ]);
});

test("an answer that cannot be read, or a data frame, rejects its call with Internal", async () => {
  for (const hex of [
    "00000002 00000001 02 00 12ff",
    "00000004 00000001 02 00 12020aff",
    "00000001 00000001 03 00 00",
  ]) {
    using script = await connectToScript(fromHex(hex));
    const error = await rejectionOf(script.client.call(EchoDefinition, echo, BYTES));
    expect(error).toMatchObject({ code: StatusCode.Internal });
  }
});

test("a server that hangs up in the middle of a frame is logged", async () => {
  using script = await connectToScript(fromHex("00000002 0000"), true);
  const error = await rejectionOf(script.client.call(EchoDefinition, echo, BYTES));
  expect(error).toMatchObject({ code: StatusCode.Unavailable });
  expect(script.events).toMatchObject([
    { kind: "connection-broken", reason: expect.stringContaining("middle") },
  ]);
});

test("connect() rejects with Unavailable at once when nobody listens", async () => {
  using socket = createSocketPath();
  const error = await rejectionOf(connect({ path: socket.path }));
  expect(error).toMatchObject({ code: StatusCode.Unavailable, message: expect.stringContaining("ENOENT") });
});

test("connect() with a timeout waits for a server to come", async () => {
  using socket = createSocketPath();
  const connecting = connect({ path: socket.path, timeoutMs: 10_000 });
  await new Promise((resolve) => setImmediate(resolve));
  const listener = Bun.listen({ unix: socket.path, socket: { data() {} } });
  using client = await connecting;
  expect(client.closed).toBeInstanceOf(Promise);
  listener.stop(true);
});

test("connect() with a timeout gives up with Unavailable", async () => {
  using socket = createSocketPath();
  const error = await rejectionOf(connect({ path: socket.path, timeoutMs: 12 }));
  expect(error).toMatchObject({ code: StatusCode.Unavailable });
});
