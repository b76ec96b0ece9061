// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { WasmFormat } from "./engine.ts";
import { findEntry } from "./entry.ts";

const RUN = "wasi:cli/run@0.2.3";
const HTTP = "wasi:http/incoming-handler@0.2.0";
const ADDRESS = "WASMTIME_HTTP_PROXY_SOCKET_ADDR";

const component = (...names: readonly string[]): WasmFormat => ({
  kind: "component",
  interface: { imports: [], exports: names.map((name) => ({ name, kind: "instance" })) },
});

test("the function that was named, else what the program's exports say", () => {
  expect(findEntry(component(RUN), "greet", [])).toEqual({ kind: "function", name: "greet" });
  expect(findEntry({ kind: "text" }, undefined, [])).toEqual({ kind: "command" });
  expect(findEntry(component(RUN), undefined, [])).toEqual({ kind: "command" });
  expect(findEntry(component(RUN, HTTP), undefined, [])).toEqual({ kind: "command" });
  expect(findEntry(component("wasi:http/incoming-handlers"), undefined, [])).toEqual({ kind: "command" });
  expect(findEntry(component(HTTP), undefined, [])).toEqual({ kind: "http", address: "0.0.0.0:8080" });
});

test.each(["127.0.0.1:81", "[::]:8080", "[2001:db8::1]:80"])(
  "HTTP is served at %s when the environment says so",
  (address) => {
    expect(findEntry(component(HTTP), undefined, [`${ADDRESS}=0.0.0.0:1`, `${ADDRESS}=${address}`])).toEqual({
      kind: "http",
      address,
    });
    expect(findEntry(component(HTTP), undefined, [`${ADDRESS}=`])).toEqual({
      kind: "http",
      address: "0.0.0.0:8080",
    });
  },
);

test.each([
  "8080",
  "localhost:80",
  "1.2.3.4",
  ":80",
  "1.2.3.4:80 --dir=/",
  "--addr=1.2.3.4:80",
  "1.2.3.4:999999",
])("an address %p is InvalidArgument, with the variable's name", async (address) => {
  const error = await rejection(() => findEntry(component(HTTP), undefined, [`${ADDRESS}=${address}`]));
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining(ADDRESS) });
});
