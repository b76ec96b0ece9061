// SPDX-License-Identifier: Apache-2.0
// Exchanges with containerd's own ttrpc, in both directions. Needs Go and its module cache or proxy; no root.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, StatusCode, type TtrpcClient } from "../src/index.ts";
import { EchoDefinition } from "../src/testing/echo.ts";
import { type EchoServer, startEchoServer } from "../src/testing/echo-server.ts";
import { rejectionOf } from "../src/testing/rejection.ts";
import { TtrpcError } from "../src/ttrpc-error.ts";

const BUILD_TIMEOUT_MS = 300_000;

/** A google.protobuf.Duration of one second, the detail of every status of `Fail`. */
const ONE_SECOND = { typeUrl: "type.googleapis.com/google.protobuf.Duration", value: Uint8Array.of(8, 1) };

const { echo, describe, fail, wait } = EchoDefinition.methods;
const folder = mkdtempSync(join(tmpdir(), "ttrpc-interop-"));
const peer = join(folder, "peer");

beforeAll(async () => {
  const build = Bun.spawn(["go", "build", "-o", peer, "."], { cwd: import.meta.dir, stderr: "inherit" });
  expect(await build.exited).toBe(0);
}, BUILD_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The handlers of server.go once more. */
function startTypeScriptServer(): EchoServer {
  return startEchoServer({
    echo: async (request) => request,
    async describe({ value }, { metadata }) {
      const size = /^size (\d+)$/.exec(value)?.[1];
      return {
        value: size === undefined ? `${value} ${metadata.get("k")?.join() ?? ""}` : "x".repeat(Number(size)),
      };
    },
    async fail({ value }) {
      if (value === "thrown") {
        throw new Error(value);
      }
      throw new TtrpcError(StatusCode.NotFound, value.slice(2), { details: [ONE_SECOND] });
    },
    wait: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
}

test("Go's client gets from our server what it gets from its own", async () => {
  await using server = startTypeScriptServer();
  const client = Bun.spawn([peer, "client", server.path], { stdout: "pipe", stderr: "inherit" });
  const lines = (await client.stdout.text()).trim().split("\n");
  expect(await client.exited).toBe(0);
  const results = new Map(lines.map((line) => parseResult(line)).map((result) => [result.name, result]));
  const expected = [
    { name: "unary", code: 0, text: "hello " },
    { name: "metadata", code: 0, text: "hello 1,2" },
    { name: "empty", code: 0, text: "same" },
    { name: "status", code: StatusCode.NotFound, text: "gone", details: 1 },
    { name: "thrown", code: StatusCode.Unknown, text: "Error: thrown" },
    { name: "unknown method", code: StatusCode.Unimplemented },
    { name: "unknown service", code: StatusCode.Unimplemented },
    { name: "timeout", code: StatusCode.DeadlineExceeded },
    { name: "1 MB", code: 0, text: "same" },
    { name: "3.9 MB", code: 0, text: "same" },
    { name: "oversize request", code: StatusCode.ResourceExhausted },
    { name: "oversize reply", code: StatusCode.ResourceExhausted },
    { name: "200 concurrent", code: 0, text: "all same" },
    { name: "stream", code: StatusCode.InvalidArgument },
    { name: "10000 in turn", code: 0 },
    { name: "after all", code: 0, text: "still here " },
  ];
  for (const result of expected) {
    expect(results.get(result.name)).toMatchObject(result);
  }
  expect(results.size).toBe(expected.length);
  console.log(`Go client, our server: ${results.get("10000 in turn")?.text} us a call`);
}, 60_000);

test("our client gets from Go's server what it gets from its own", async () => {
  await using server = await startGoServer();
  using client = await connect({ path: server.path, timeoutMs: 10_000 });
  await exchangeSmall(client);
  await exchangeErrors(client);
  await exchangeLarge(client);
  const value = new Uint8Array(100);
  const startMs = performance.now();
  for (let i = 0; i < 10_000; i++) {
    await client.call(EchoDefinition, echo, { value });
  }
  console.log(`our client, Go server: ${((performance.now() - startMs) / 10).toFixed(1)} us a call`);
}, 60_000);

test("Go's server hangs up when its reply is oversize, which reads as Unavailable", async () => {
  await using server = await startGoServer();
  using client = await connect({ path: server.path, timeoutMs: 10_000 });
  const error = await rejectionOf(client.call(EchoDefinition, describe, { value: "size 5000000" }));
  expect(error).toMatchObject({ code: StatusCode.Unavailable });
  await client.closed;
});

async function exchangeSmall(client: TtrpcClient): Promise<void> {
  expect(await client.call(EchoDefinition, describe, { value: "hello" })).toEqual({ value: "hello " });
  const metadata = new Map([["K", ["1", "2"]]]);
  expect(await client.call(EchoDefinition, describe, { value: "hello" }, { metadata })).toEqual({
    value: "hello 1,2",
  });
  expect((await client.call(EchoDefinition, echo, { value: new Uint8Array(0) })).value.length).toBe(0);
}

async function exchangeErrors(client: TtrpcClient): Promise<void> {
  for (const code of Object.values(StatusCode)) {
    if (code !== StatusCode.Ok) {
      const error = await rejectionOf(client.call(EchoDefinition, fail, { value: `${code} gone` }));
      expect(error).toMatchObject({ code, message: "gone", details: [ONE_SECOND] });
    }
  }
  const noMethod = await rejectionOf(
    client.call(EchoDefinition, { ...echo, name: "Nothing" }, { value: new Uint8Array() }),
  );
  expect(noMethod).toMatchObject({ code: StatusCode.Unimplemented });
  const noService = { ...EchoDefinition, fullName: "no.Such" };
  expect(await rejectionOf(client.call(noService, echo, { value: new Uint8Array() }))).toMatchObject({
    code: StatusCode.Unimplemented,
  });
  const timeout = await rejectionOf(
    client.call(EchoDefinition, wait, { value: new Uint8Array() }, { timeoutMs: 30 }),
  );
  expect(timeout).toMatchObject({ code: StatusCode.DeadlineExceeded });
}

async function exchangeLarge(client: TtrpcClient): Promise<void> {
  for (const size of [1_000_000, 3_900_000]) {
    const value = filled(size);
    const response = await client.call(EchoDefinition, echo, { value });
    expect(Buffer.compare(response.value, value)).toBe(0);
  }
  const oversize = await rejectionOf(client.call(EchoDefinition, echo, { value: filled(5_000_000) }));
  expect(oversize).toMatchObject({ code: StatusCode.ResourceExhausted });
  const requests = Array.from({ length: 200 }, (_, index) => filled(index * 1000));
  const responses = await Promise.all(requests.map((value) => client.call(EchoDefinition, echo, { value })));
  expect(
    responses.every(({ value }, index) => Buffer.compare(value, requests[index] ?? filled(0)) === 0),
  ).toBeTrue();
}

function filled(size: number): Uint8Array {
  return new Uint8Array(size).map((_, index) => index % 251);
}

interface GoServer extends AsyncDisposable {
  readonly path: string;
}

async function startGoServer(): Promise<GoServer> {
  const path = join(mkdtempSync(join(folder, "server-")), "s");
  const server = Bun.spawn([peer, "server", path], { stderr: "ignore" });
  return {
    path,
    async [Symbol.asyncDispose]() {
      server.kill();
      await server.exited;
    },
  };
}

interface Result {
  readonly name: string;
  readonly text: string;
}

function parseResult(line: string): Result {
  const value: unknown = JSON.parse(line);
  if (typeof value === "object" && value !== null && "name" in value && "text" in value) {
    return { ...value, name: String(value.name), text: String(value.text) };
  }
  throw new Error(`not a result: ${line}`);
}
