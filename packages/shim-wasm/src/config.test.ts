// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { JsonObject } from "@runwasi/oci";
import { parseConfig } from "./config.ts";

const parse = (options: JsonObject) => parseConfig(options, "wasmtime", ["jsc", "wasmtime"]);

test("no options: everything of the container, the engine from PATH", () => {
  expect(parse({})).toEqual({ enginePath: undefined, defaultPreopens: ["/"], maximumPreopens: ["/"] });
});

test("a maximum is the default too, unless that is said", () => {
  expect(parse({ preopens: { maximum: ["/data/", "/a/../b"] } })).toMatchObject({
    defaultPreopens: ["/data", "/b"],
    maximumPreopens: ["/data", "/b"],
  });
  expect(parse({ preopens: { maximum: ["/data"], default: [] } })).toMatchObject({
    defaultPreopens: [],
    maximumPreopens: ["/data"],
  });
});

test("tables of other engines are for their shims", () => {
  const options = { wasmtime: { path: "/opt/wasmtime" }, jsc: { path: "/opt/jsc" } };
  expect(parse(options).enginePath).toBe("/opt/wasmtime");
  expect(parse({ jsc: { path: "/opt/jsc" } }).enginePath).toBeUndefined();
});

test.each<[JsonObject, string]>([
  [{ preopen: {} }, "preopen"],
  [{ SystemdCgroups: true }, "SystemdCgroups"],
  [{ preopens: { default: ["/"], max: ["/"] } }, "preopens.max"],
  [{ preopens: [] }, "preopens"],
  [{ preopens: "/" }, "preopens"],
  [{ preopens: { default: "/" } }, "preopens.default"],
  [{ preopens: { default: ["relative"] } }, "preopens.default"],
  [{ preopens: { maximum: [1] } }, "preopens.maximum"],
  [{ preopens: { maximum: {} } }, "preopens.maximum"],
  [{ wasmtime: { path: "wasmtime" } }, "wasmtime.path"],
  [{ wasmtime: { path: 1 } }, "wasmtime.path"],
  [{ wasmtime: { fuel: 1 } }, "wasmtime.fuel"],
  [{ jsc: { fuel: 1 } }, "jsc.fuel"],
  [{ wasmtime: true }, "wasmtime"],
  [JSON.parse('{"__proto__":{"path":"/x"}}'), "__proto__"],
])("%j is InvalidArgument and named", async (options, named) => {
  const error = await rejection(() => parse(options));
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining(named) });
});
