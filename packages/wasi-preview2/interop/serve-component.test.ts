// SPDX-License-Identifier: Apache-2.0
// Components of a megabyte, over HTTP. Apart from the unit tests because building them takes seconds.
import { afterEach, describe, expect, test } from "bun:test";
import { testModule } from "@runwasi/test-modules";
import { loadComponent } from "../src/component.ts";
import { ComponentError } from "../src/component-error.ts";
import { runCaptured } from "../src/testing/run-captured.ts";
import { serveComponent } from "../src/serve-component.ts";

interface Serving {
  readonly url: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

const running: Serving[] = [];
afterEach(async () => {
  for (const { stop, ended } of running.splice(0)) {
    stop.abort();
    await ended;
  }
});

const built = new Map<string, Promise<Uint8Array>>();

/** Built once: a second or two each. */
function component(name: string): Promise<Uint8Array> {
  const known = built.get(name) ?? testModule(name);
  built.set(name, known);
  return known;
}

async function serve(name: string): Promise<Serving> {
  const loaded = loadComponent(await component(name));
  const stop = new AbortController();
  const listening = Promise.withResolvers<number>();
  const ended = serveComponent({
    component: loaded,
    args: [],
    env: [],
    preopens: [],
    address: "127.0.0.1:0",
    signal: stop.signal,
    onListening: listening.resolve,
  });
  ended.catch(listening.reject);
  const serving = { url: `http://127.0.0.1:${await listening.promise}`, stop, ended };
  running.push(serving);
  return serving;
}

describe("serveComponent()", () => {
  test("gives each request an instance of its own", async () => {
    const { url } = await serve("component-http-serve");
    for (let count = 0; count < 3; count += 1) {
      expect((await (await fetch(`${url}/count`)).text()).trim()).toBe("1");
    }
  }, 60_000);

  test("hands over bodies and headers, both ways and of any size", async () => {
    const { url } = await serve("component-http-serve");
    const body = crypto.getRandomValues(new Uint8Array(65_536)).toHex().repeat(20);
    expect(await (await fetch(`${url}/echo`, { method: "POST", body })).text()).toBe(body);
    const headers = await (await fetch(`${url}/headers`, { headers: { "x-one": "1" } })).text();
    expect(headers).toContain("x-one: 1");
    expect((await fetch(`${url}/none`)).status).toBe(404);
  }, 60_000);

  test("sends a body as it is written, and other requests do not wait meanwhile", async () => {
    const { url } = await serve("component-http-serve");
    const slow = await fetch(`${url}/stream?chunks=3&ms=100`);
    const order: string[] = [];
    const reading = slow.text().then(() => order.push("slow"));
    await fetch(url).then(() => order.push("quick"));
    await reading;
    expect(order).toEqual(["quick", "slow"]);
  }, 60_000);

  test("finishes what is in flight when it is told to end, and accepts nothing new", async () => {
    const { url, stop, ended } = await serve("component-http-serve");
    const inFlight = await fetch(`${url}/stream?chunks=3&ms=100`); // its head is there, its body is not
    stop.abort();
    expect(await inFlight.text()).toBe("chunk 1\nchunk 2\nchunk 3\n");
    await ended;
    expect(await fetch(url).catch(() => "refused")).toBe("refused");
  }, 60_000);

  test("refuses a component without a handler, and an address that is none", async () => {
    expect(await serve("component-export").catch((error: unknown) => error)).toBeInstanceOf(ComponentError);
    const signal = AbortSignal.abort();
    const options = { component: new Uint8Array(0), args: [], env: [], preopens: [], signal };
    for (const address of ["", "8080", ":8080", "127.0.0.1:65536", "a b:1"]) {
      const error = await serveComponent({ ...options, address }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: "bad-address" });
    }
  });
});

describe("outgoing requests", () => {
  test("get an answer from a server in the same process", async () => {
    const { url } = await serve("component-http-serve");
    const { exitCode, stdout } = await runCaptured({
      component: await component("component-http-fetch"),
      args: ["fetch", url],
    });
    expect(exitCode).toBe(0);
    expect(stdout).toStartWith("200\n");
  }, 60_000);

  test("fail with the protocol's error codes", async () => {
    const { exitCode, stderr } = await runCaptured({
      component: await component("component-http-fetch"),
      args: ["fetch", "http://127.0.0.1:1/"],
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("connection-refused");
  }, 60_000);
});
