// SPDX-License-Identifier: Apache-2.0
// What components do with a network, on the real wasmtime. Needs `npm run engines`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wasmtimeBin } from "../../../scripts/toolchain/wasmtime.ts";
import { testModule } from "../src/build.ts";

const WASMTIME = join(wasmtimeBin(), "wasmtime");
/** wasmtime compiles a megabyte for one to two seconds, longer on a busy machine. */
const TIMEOUT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "test-components-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = "http-serve http-hello http-fetch sockets export trap"
  .split(" ")
  .map((name) => `component-${name}`);

beforeAll(async () => {
  for (const name of NAMES) writeFileSync(file(name), await testModule(name));
}, TIMEOUT_MS);

function file(name: string): string {
  return join(folder, `${name}.wasm`);
}

/** Starts `wasmtime <args>`; what it prints first, up to and with `until`, is awaited. */
async function start(args: readonly string[], until: RegExp): Promise<RegExpMatchArray & AsyncDisposable> {
  const child = Bun.spawn([WASMTIME, ...args], { stdout: "pipe", stderr: "pipe" });
  const decoder = new TextDecoder();
  let printed = "";
  const stream = args.includes("serve") ? child.stderr : child.stdout;
  for await (const bytes of stream) {
    const found = (printed += decoder.decode(bytes, { stream: true })).match(until);
    if (found !== null)
      return Object.assign(found, {
        async [Symbol.asyncDispose]() {
          child.kill();
          await child.exited;
        },
      });
  }
  throw new Error(`wasmtime ${args.join(" ")} ended: ${printed}`);
}

async function serve(...options: readonly string[]) {
  const args = ["serve", "-C", "cache=n", "-S", "cli", "--addr", "127.0.0.1:0", ...options];
  return await start([...args, file("component-http-serve")], /Serving HTTP on (http:.*)\/\n/);
}

/** Runs a component and answers its exit code and output. */
async function run(options: readonly string[], name: string, ...args: readonly string[]) {
  const child = Bun.spawn([WASMTIME, "run", "-C", "cache=n", ...options, file(name), ...args], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr };
}

test(
  "component-http-serve answers, echoes, streams and counts",
  async () => {
    await using server = await serve();
    const [, url = ""] = server;
    const get = async (path: string) => await (await fetch(`${url}${path}`)).text();
    expect(await get("/")).toBe("hello from wasi:http");
    const body = crypto.getRandomValues(new Uint8Array(60_000));
    const echoed = await fetch(`${url}/echo`, { method: "POST", body });
    expect(new Uint8Array(await echoed.arrayBuffer())).toEqual(body);
    const { body: stream } = await fetch(`${url}/stream?chunks=3&ms=50`);
    if (stream === null) expect.unreachable();
    expect((await Array.fromAsync(stream)).length).toBeGreaterThan(1);
    const started = performance.now();
    expect(await get("/slow?ms=100")).toBe("slow");
    expect(performance.now() - started).toBeGreaterThan(99);
    const { status } = await fetch(`${url}/nowhere`);
    expect(status).toBe(404);
    const headers = await fetch(`${url}/headers`, { headers: { "X-Test": "a value" } });
    expect(await headers.text()).toContain("x-test: a value\n");
    expect([await get("/count"), await get("/count")]).toEqual(["1", "1"]);
  },
  TIMEOUT_MS,
);

test(
  "component-http-serve counts the requests of an instance that is used again",
  async () => {
    await using server = await serve("--max-instance-reuse-count", "10");
    const get = async () => await (await fetch(`${server[1]}/count`)).text();
    expect([await get(), await get(), await get()]).toEqual(["1", "2", "3"]);
  },
  TIMEOUT_MS,
);

test("component-http-hello answers whatever is asked, time after time", async () => {
  const args = ["serve", "-C", "cache=n", "--addr", "127.0.0.1:0", file("component-http-hello")];
  await using server = await start(args, /Serving HTTP on (http:.*)\/\n/);
  for (const request of [{}, { method: "POST", body: "text" }]) {
    const response = await fetch(`${server[1]}/any`, request);
    expect([response.status, await response.text()]).toEqual([200, "hello\n"]);
  }
});

test(
  "component-http-fetch prints status and body, and says why it cannot",
  async () => {
    using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: ({ url }) => new Response(url) });
    const url = `http://127.0.0.1:${server.port}/path?query=1`;
    const fetched = await run(["-S", "http"], "component-http-fetch", url);
    expect(fetched).toEqual({ exitCode: 0, stdout: `200\n${url}`, stderr: "" });
    const refused = await run(["-S", "http"], "component-http-fetch", "http://127.0.0.1:1/");
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("connection-refused") });
    // wasmtime speaks TLS to a server that does not.
    const tls = await run(["-S", "http"], "component-http-fetch", url.replace("http:", "https:"));
    expect(tls).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("TLS-protocol-error") });
  },
  TIMEOUT_MS,
);

test(
  "component-sockets looks up, listens and connects where it may",
  async () => {
    const options = ["-S", "inherit-network,allow-ip-name-lookup"];
    expect((await run(options, "component-sockets", "lookup", "localhost")).stdout).toContain("127.0.0.1\n");
    const args = ["run", "-C", "cache=n", ...options, file("component-sockets"), "listen", "0"];
    await using listener = await start(args, /listening on (\d+)\n/);
    const connected = await run(
      options,
      "component-sockets",
      "connect",
      "127.0.0.1",
      `${listener[1]}`,
      "there and back",
    );
    expect(connected).toEqual({ exitCode: 0, stdout: "there and back", stderr: "" });
    expect((await run([], "component-sockets", "lookup", "localhost")).exitCode).toBe(1);
  },
  TIMEOUT_MS,
);

test("component-export answers from its functions and does not run", async () => {
  const invoke = async (call: string) => (await run(["--invoke", call], "component-export")).stdout;
  expect(await invoke("greet()")).toBe('"hello from a component"\n');
  expect(await invoke("add(2, 40)")).toBe("42\n");
  expect((await run([], "component-export")).exitCode).toBe(1);
});

test("component-trap traps", async () => {
  expect(await run([], "component-trap")).toMatchObject({
    exitCode: 134,
    stderr: expect.stringContaining("unreachable"),
  });
});
