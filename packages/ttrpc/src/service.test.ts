// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { TtrpcClient } from "./client.ts";
import { serve } from "./server.ts";
import { type Handlers, service } from "./service.ts";
import { EchoDefinition } from "./testing/echo.ts";

test("service() binds handlers by wire name and leaves the others out", () => {
  const bound = service(EchoDefinition, { echo: async (request) => request });
  expect(bound.fullName).toBe("runwasi.ttrpc.test.Echo");
  expect([...bound.methods.keys()]).toEqual(["Echo"]);
  expect(bound.methods.get("Echo")?.fullName).toBe("/runwasi.ttrpc.test.Echo/Echo");
});

test("service() refuses a handler of a streaming method", () => {
  const handlers: object = { watch: async () => ({ value: new Uint8Array(0) }) };
  expect(() => service(EchoDefinition, handlers)).toThrow(TypeError);
});

test("serve() refuses two services of one name", () => {
  const bound = service(EchoDefinition, {});
  expect(() =>
    serve({
      listen: { path: "/nonexistent/socket" },
      services: [bound, bound],
      toStatus: () => ({ code: 2, message: "" }),
    }),
  ).toThrow(TypeError);
});

test("request and response types follow from the definition", () => {
  const handlers: Handlers<typeof EchoDefinition> = {
    async describe(request, context) {
      const text: string = request.value;
      const signal: AbortSignal = context.signal;
      return { value: text + String(signal.aborted) };
    },
  };
  // @ts-expect-error: Echo answers bytes, not text.
  const wrong: Handlers<typeof EchoDefinition> = { echo: async () => ({ value: "text" }) };
  // @ts-expect-error: Watch is streaming.
  const streaming: Handlers<typeof EchoDefinition> = { watch: async () => ({ value: new Uint8Array(0) }) };
  const call = async (client: TtrpcClient): Promise<string> => {
    const { describe, watch } = EchoDefinition.methods;
    const response = await client.call(EchoDefinition, describe, { value: "text" });
    // @ts-expect-error: Describe takes text.
    await client.call(EchoDefinition, describe, { value: 1 });
    // @ts-expect-error: Watch is streaming.
    await client.call(EchoDefinition, watch, { value: new Uint8Array(0) });
    return response.value;
  };
  expect([handlers, wrong, streaming].map((object) => Object.keys(object))).toEqual([
    ["describe"],
    ["echo"],
    ["watch"],
  ]);
  expect(typeof call).toBe("function");
});
