// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { JsonObject } from "@runwasi/oci";
import { parseConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import { inProcess } from "./host/guest-command.ts";
import { PRECOMPILE_DEFAULTS } from "./precompile/precompile-config.ts";

const described = (name: string): Engine => ({
  ...inProcess({ name, imports: new Map(), run: () => 0 }),
  options: {
    fuel: { description: "", kind: "count", unit: "units", minimum: 1, maximum: 100 },
    gc: { description: "", kind: "switch" },
    level: { description: "", kind: "choice", values: ["0", "s"] },
    profile: { description: "", kind: "file" },
  },
});
const WASMTIME = described("wasmtime");
const ENGINES = [{ ...described("jsc"), options: {} }, WASMTIME];
const parse = (runtime: JsonObject, node: JsonObject = {}) => parseConfig(node, runtime, WASMTIME, ENGINES);

test("no options: everything of the container, the engine from PATH", async () => {
  expect(await parse({})).toEqual({
    enginePath: undefined,
    engineOptions: new Map(),
    allowedOptions: [],
    workloads: ["wasm", "native"],
    defaultPreopens: ["/"],
    maximumPreopens: ["/"],
    precompile: PRECOMPILE_DEFAULTS,
  });
});

test("options of precompile, containerd's over the node's, and what is wrong by name", async () => {
  const node = { precompile: { enabled: false, "timeout-ms": 5, folder: "/data/compiled" } };
  const runtime = { precompile: { enabled: true, "memory-limit-bytes": 2 ** 28 } };
  expect((await parse(runtime, node)).precompile).toEqual({
    ...PRECOMPILE_DEFAULTS,
    timeoutMs: 5,
    folder: "/data/compiled",
    memoryLimitBytes: 2 ** 28,
  });
  for (const [name, value] of [
    ["enabled", 1],
    ["memory-limit-bytes", 1024],
    ["timeout-ms", 0],
    ["minimum-module-bytes", -1],
    ["folder", "relative"],
    ["folder-limit-bytes", "much"],
    ["frobnicate", 1],
  ] as const) {
    const error = await rejection(() => parse({ precompile: { [name]: value } }));
    expect(error).toMatchObject({
      code: "InvalidArgument",
      message: expect.stringContaining(`precompile.${name}`),
    });
  }
});

test("a maximum is the default too, unless that is said", async () => {
  expect(await parse({ preopens: { maximum: ["/data/", "/a/../b"] } })).toMatchObject({
    defaultPreopens: ["/data", "/b"],
    maximumPreopens: ["/data", "/b"],
  });
  expect(await parse({ preopens: { maximum: ["/data"], default: [] } })).toMatchObject({
    defaultPreopens: [],
    maximumPreopens: ["/data"],
  });
});

test("tables of other engines are for their shims", async () => {
  const options = { wasmtime: { path: "/opt/wasmtime" }, jsc: { path: "/opt/jsc" } };
  expect((await parse(options)).enginePath).toBe("/opt/wasmtime");
  expect((await parse({ jsc: { path: "/opt/jsc" } })).enginePath).toBeUndefined();
});

test("another engine's description is loaded only where its table is to be checked", async () => {
  const loads: string[] = [];
  const other = { name: "other", load: async () => (loads.push("other"), described("other")) };
  const parseBeside = (node: JsonObject) => parseConfig(node, {}, WASMTIME, [WASMTIME, other]);
  await parseBeside({ wasmtime: { fuel: 1 } });
  expect(loads).toEqual([]);
  await parseBeside({ other: { fuel: 1 } });
  expect(loads).toEqual(["other"]);
  const error = await rejection(() => parseBeside({ other: { fuel: 0 } }));
  expect(error.message).toContain("other.fuel");
});

test.each<[JsonObject, string]>([
  [{ preopen: {} }, "preopen"],
  [{ daemon: "node" }, "/etc/runwasi/config.toml"],
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
  [{ wasmtime: { fuels: 1 } }, "wasmtime.fuels"],
  [{ wasmtime: { fuel: 0 } }, "1 to 100"],
  [{ wasmtime: { fuel: 1.5 } }, "1 to 100"],
  [{ wasmtime: { fuel: "1" } }, "1 to 100"],
  [{ wasmtime: { gc: "true" } }, "true or false"],
  [{ wasmtime: { level: 0 } }, "0, s"],
  [{ wasmtime: { profile: "/a,b" } }, "wasmtime.profile"],
  [{ wasmtime: { profile: "a" } }, "wasmtime.profile"],
  [{ wasmtime: { allow: ["path"] } }, "wasmtime.allow"],
  [{ wasmtime: { allow: "fuel" } }, "wasmtime.allow"],
  [{ workloads: ["vm"] }, "wasm, native"],
  [{ workloads: "wasm" }, "workloads"],
  [{ jsc: { fuel: 1 } }, "jsc.fuel"],
  [{ wasmtime: true }, "wasmtime"],
  [JSON.parse('{"__proto__":{"path":"/x"}}'), "__proto__"],
])("%j is InvalidArgument and named", async (options, named) => {
  const error = await rejection(() => parse(options));
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining(named) });
});

test("what containerd says of the runtime comes over the node's file, option by option", async () => {
  const node = { workloads: ["wasm"], wasmtime: { fuel: 5, gc: false }, preopens: { maximum: ["/data"] } };
  const config = await parse({ wasmtime: { fuel: 7, allow: ["fuel"] }, preopens: { default: [] } }, node);
  expect([...config.engineOptions]).toEqual([
    ["fuel", 7],
    ["gc", false],
  ]);
  expect(config).toMatchObject({
    workloads: ["wasm"],
    allowedOptions: ["fuel"],
    defaultPreopens: [],
    maximumPreopens: ["/data"],
  });
});
