// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { connect } from "./client.ts";
import { createFrameWriter, type Frame, FRAME_BODY_MAX_BYTES, finishFrame, MessageType } from "./frame.ts";
import { encodeRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { serve } from "./server.ts";
import { type Status, StatusCode } from "./status.ts";
import { fromHex } from "./testing/bytes.ts";
import { BytesValue, EchoDefinition } from "./testing/echo.ts";
import { startEchoServer } from "./testing/echo-server.ts";
import { openRawPeer } from "./testing/raw-peer.ts";
import { rejectionOf } from "./testing/rejection.ts";
import { TtrpcError } from "./ttrpc-error.ts";

const BYTES = { value: fromHex("01020304") };
const { echo, fail, wait, describe } = EchoDefinition.methods;

function echoFrame(
  streamId: number,
  options: { method?: string; service?: string; timeoutMs?: number } = {},
): Uint8Array {
  const { method = "Echo", service = EchoDefinition.fullName, timeoutMs } = options;
  const head = { service, method, timeoutMs, metadata: new Map() };
  return encodeRequest(streamId, head, { codec: BytesValue, message: BYTES });
}

function statusOf(frame: Frame): Status | undefined {
  const response = parseResponse(frame.body);
  return response.kind === "error" ? response.status : undefined;
}

function isOk(frame: Frame): boolean {
  return parseResponse(frame.body).kind === "message";
}

test("a call gets its handler's response, and the handler the request, method and metadata", async () => {
  await using server = startEchoServer({
    describe: async ({ value }, { method, metadata }) => ({
      value: `${value} ${method} ${metadata.get("k")?.join()}`,
    }),
  });
  using client = await connect({ path: server.path });
  const metadata = new Map([["K", ["1", "2"]]]);
  const response = await client.call(EchoDefinition, describe, { value: "hi" }, { metadata });
  expect(response).toEqual({ value: "hi /runwasi.ttrpc.test.Echo/Describe 1,2" });
  expect(server.events).toEqual([]);
});

test("an unknown service, an unknown method and one without handler answer Unimplemented by name", async () => {
  await using server = startEchoServer({ echo: async (request) => request });
  using peer = await openRawPeer(server.path);
  await peer.send(echoFrame(1, { service: "no.Such" }));
  await peer.send(echoFrame(3, { method: "Nothing" }));
  await peer.send(echoFrame(5, { method: "Fail" }));
  for (const [streamId, name] of [
    [1, "no.Such"],
    [3, "Nothing"],
    [5, "Fail"],
  ] as const) {
    const frame = await peer.receive();
    expect(frame.streamId).toBe(streamId);
    expect(statusOf(frame)?.code).toBe(StatusCode.Unimplemented);
    expect(statusOf(frame)?.message).toContain(name);
  }
});

test("what a handler throws, now or later, becomes the owner's status", async () => {
  await using server = startEchoServer({
    fail: ({ value }) => {
      if (value === "now") {
        throw new Error(value);
      }
      return Promise.reject(new Error(value));
    },
  });
  using client = await connect({ path: server.path });
  for (const value of ["now", "later"]) {
    expect(await rejectionOf(client.call(EchoDefinition, fail, { value }))).toMatchObject({
      code: StatusCode.Unknown,
      message: `Error: ${value}`,
    });
  }
});

test("a toStatus that throws, says Ok or breaks its type still answers an error", async () => {
  const statuses: (() => Status)[] = [
    () => {
      throw new Error("no status");
    },
    () => ({ code: StatusCode.Ok, message: "no status" }),
    () => new TtrpcError(StatusCode.Ok, "no status"),
    () => JSON.parse('{"code":"x"}'),
  ];
  for (const toStatus of statuses) {
    await using server = startEchoServer({ fail: () => Promise.reject(new Error("x")) }, toStatus);
    using client = await connect({ path: server.path });
    expect(await rejectionOf(client.call(EchoDefinition, fail, { value: "" }))).toMatchObject({
      code: StatusCode.Unknown,
    });
  }
});

test("a reply over 4 MiB becomes ResourceExhausted and the connection goes on", async () => {
  await using server = startEchoServer({
    describe: async ({ value }) => ({ value: value.repeat(FRAME_BODY_MAX_BYTES) }),
    echo: async (request) => request,
  });
  using client = await connect({ path: server.path });
  expect(await rejectionOf(client.call(EchoDefinition, describe, { value: "x" }))).toMatchObject({
    code: StatusCode.ResourceExhausted,
  });
  expect(await client.call(EchoDefinition, echo, BYTES)).toEqual(BYTES);
  expect(server.events).toMatchObject([
    { kind: "reply-replaced", method: "/runwasi.ttrpc.test.Echo/Describe" },
  ]);
});

test("a response that cannot be encoded becomes Internal", async () => {
  await using server = startEchoServer({ echo: async () => JSON.parse("null") });
  using client = await connect({ path: server.path });
  expect(await rejectionOf(client.call(EchoDefinition, echo, BYTES))).toMatchObject({
    code: StatusCode.Internal,
  });
});

test("a deadline aborts the handler's signal, and rejecting with its reason answers DeadlineExceeded", async () => {
  await using server = startEchoServer({
    wait: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
  using peer = await openRawPeer(server.path);
  await peer.send(echoFrame(1, { method: "Wait", timeoutMs: 5 }));
  expect(statusOf(await peer.receive())?.code).toBe(StatusCode.DeadlineExceeded);
});

test("a call whose deadline has passed is answered without its handler", async () => {
  let called = 0;
  await using server = startEchoServer({
    echo: async (request) => {
      called++;
      return request;
    },
  });
  using peer = await openRawPeer(server.path);
  await peer.send(echoFrame(1, { timeoutMs: -1 }));
  expect(statusOf(await peer.receive())?.code).toBe(StatusCode.DeadlineExceeded);
  expect(called).toBe(0);
});

test("a client that hangs up aborts its handlers' signals, also one looked at only afterwards", async () => {
  const aborted = Promise.withResolvers<unknown>();
  const release = Promise.withResolvers<void>();
  const late = Promise.withResolvers<boolean>();
  const started = Promise.withResolvers<void>();
  await using server = startEchoServer({
    wait: async (request, { signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      await release.promise;
      return request;
    },
    echo: async (request, context) => {
      started.resolve();
      await release.promise;
      late.resolve(context.signal.aborted);
      return request;
    },
  });
  const peer = await openRawPeer(server.path);
  await peer.send(echoFrame(1, { method: "Wait" }));
  await peer.send(echoFrame(3));
  await started.promise;
  peer[Symbol.dispose]();
  expect(await aborted.promise).toMatchObject({ code: StatusCode.Canceled });
  release.resolve();
  expect(await late.promise).toBeTrue();
  expect(server.server.connections).toBe(0);
});

test("an oversize frame ends its connection with a logged reason and no other", async () => {
  await using server = startEchoServer({ echo: async (request) => request });
  using bad = await openRawPeer(server.path);
  using good = await connect({ path: server.path });
  expect(await good.call(EchoDefinition, echo, BYTES)).toEqual(BYTES);
  await bad.send(fromHex("00400001 00000001 01 00"));
  await bad.closed;
  expect(await server.event("connection-broken")).toMatchObject({
    reason: expect.stringContaining("4194305"),
  });
  expect(await good.call(EchoDefinition, echo, BYTES)).toEqual(BYTES);
  expect(server.server.connections).toBe(1);
});

test("a peer that leaves in the middle of a frame is logged", async () => {
  await using server = startEchoServer({ echo: async (request) => request });
  using peer = await openRawPeer(server.path);
  await peer.send(Buffer.concat([echoFrame(1), echoFrame(3).subarray(0, 12)]));
  await peer.receive();
  peer[Symbol.dispose]();
  expect(await server.event("connection-broken")).toMatchObject({
    reason: expect.stringContaining("middle"),
  });
});

test("a bad stream id, request or payload is refused on its stream and the connection goes on", async () => {
  await using server = startEchoServer({ echo: async (request) => request });
  using peer = await openRawPeer(server.path);
  const badRequest = finishFrame(createFrameWriter().raw(fromHex("0aff")), 7, MessageType.Request);
  const badPayload = Buffer.from(echoFrame(9));
  badPayload[badPayload.length - 5] = 0x7f;
  const refused = [
    { frame: echoFrame(2), streamId: 2, code: StatusCode.InvalidArgument },
    { frame: echoFrame(0), streamId: 0, code: StatusCode.InvalidArgument },
    { frame: echoFrame(5), streamId: 5, code: undefined },
    { frame: echoFrame(5), streamId: 5, code: StatusCode.InvalidArgument },
    { frame: echoFrame(3), streamId: 3, code: StatusCode.InvalidArgument },
    { frame: badRequest, streamId: 7, code: StatusCode.InvalidArgument },
    { frame: badPayload, streamId: 9, code: StatusCode.Internal },
    { frame: echoFrame(0xffff_ffff), streamId: 0xffff_ffff, code: undefined },
  ];
  for (const { frame, streamId, code } of refused) {
    await peer.send(frame);
    const reply = await peer.receive();
    expect(reply.streamId).toBe(streamId);
    expect(statusOf(reply)?.code).toBe(code);
  }
});

test("frames of other types are skipped and logged", async () => {
  await using server = startEchoServer({ echo: async (request) => request });
  using peer = await openRawPeer(server.path);
  await peer.send(fromHex("00000001 00000001 63 00 00 00000000 00000001 02 00"));
  await peer.send(echoFrame(1));
  expect(isOk(await peer.receive())).toBeTrue();
  expect(server.events).toEqual([
    { kind: "frame-ignored", streamId: 1, type: 0x63 },
    { kind: "frame-ignored", streamId: 1, type: 2 },
  ]);
});

test("a data frame ends the unary call it names with InvalidArgument, and its handler's signal aborts", async () => {
  const reason = Promise.withResolvers<unknown>();
  await using server = startEchoServer({
    wait: (request, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          reason.resolve(signal.reason);
          resolve(request);
        });
      }),
    echo: async (request) => request,
  });
  using peer = await openRawPeer(server.path);
  const data = fromHex("00000001 00000001 03 00 00");
  await peer.send(Buffer.concat([echoFrame(1, { method: "Wait" }), data, data, echoFrame(3)]));
  const replies = [await peer.receive(), await peer.receive(), await peer.receive()];
  expect(replies.map((frame) => [frame.streamId, statusOf(frame)?.code])).toEqual([
    [1, StatusCode.InvalidArgument],
    [1, StatusCode.InvalidArgument],
    [3, undefined],
  ]);
  expect(await reason.promise).toMatchObject({ code: StatusCode.InvalidArgument });
});

test("a request that leaves its stream open is refused, one that closes it is served", async () => {
  await using server = startEchoServer({ echo: async (request) => request });
  using peer = await openRawPeer(server.path);
  const open = echoFrame(1);
  open[9] = 2;
  await peer.send(open);
  expect(statusOf(await peer.receive())?.code).toBe(StatusCode.InvalidArgument);
  const closed = echoFrame(3);
  closed[9] = 1;
  await peer.send(closed);
  expect(isOk(await peer.receive())).toBeTrue();
});

test("close() lets a running call reply, refuses new ones and connections, then ends and unlinks its socket", async () => {
  const release = Promise.withResolvers<void>();
  await using server = startEchoServer({
    wait: async (request) => {
      await release.promise;
      return request;
    },
    echo: async (request) => request,
  });
  using idle = await connect({ path: server.path });
  using client = await connect({ path: server.path });
  await idle.call(EchoDefinition, echo, BYTES);
  const running = client.call(EchoDefinition, wait, BYTES);
  await client.call(EchoDefinition, echo, BYTES);
  const closed = server.server.close({ graceMs: 60_000 });
  await idle.closed;
  expect(await rejectionOf(connect({ path: server.path }))).toMatchObject({ code: StatusCode.Unavailable });
  expect(await rejectionOf(client.call(EchoDefinition, echo, BYTES))).toMatchObject({
    code: StatusCode.Unavailable,
  });
  release.resolve();
  expect(await running).toEqual(BYTES);
  await closed;
  await client.closed;
  expect(existsSync(server.path)).toBeFalse();
  expect(server.server.connections).toBe(0);
});

test("close() aborts what is not done after its grace time", async () => {
  const reason = Promise.withResolvers<unknown>();
  await using server = startEchoServer({
    wait: (_, { signal }) =>
      new Promise(() => {
        signal.addEventListener("abort", () => reason.resolve(signal.reason));
      }),
    echo: async (request) => request,
  });
  using client = await connect({ path: server.path });
  const running = client.call(EchoDefinition, wait, BYTES);
  await client.call(EchoDefinition, echo, BYTES);
  await server.server.close({ graceMs: 1 });
  expect(await reason.promise).toMatchObject({ code: StatusCode.Canceled });
  expect(await rejectionOf(running)).toMatchObject({ code: StatusCode.Unavailable });
});

test("only the owner may connect to a socket that serve() makes", async () => {
  const umask = process.umask();
  await using server = startEchoServer({});
  expect(statSync(server.path).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(umask);
});

test("serve() throws Unavailable when it cannot listen", async () => {
  await using server = startEchoServer({});
  const options = { services: [], toStatus: () => ({ code: StatusCode.Unknown, message: "" }) };
  for (const listen of [{ path: server.path }, { path: "/nonexistent/folder/socket" }, { fd: 9999 }]) {
    expect(() => serve({ ...options, listen })).toThrow(
      expect.objectContaining({ code: StatusCode.Unavailable }),
    );
  }
});
