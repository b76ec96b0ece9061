// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { Entry, WasmFormat } from "@runwasi/containerd-shim-wasm";
import { jsc } from "./index.ts";

test("the embedded engine needs nothing installed, and its command begins with the host mode's name", () => {
  expect(jsc.executable.kind).toBe("embedded");
  const { args, env } = jsc.command(
    {
      path: "/app.wasm",
      format: { kind: "text" },
      entry: { kind: "command" },
      options: new Map(),
      args: ["app", "--"],
      env: ["LD_PRELOAD=/x.so"],
      preopens: [],
    },
    "/dev/.runwasi",
  );
  expect(args).toEqual(["run-guest", "jsc", "--", "/app.wasm", "app", "--"]);
  expect(env.every((entry) => !entry.startsWith("LD_"))).toBe(true);
});

const component = (...imports: readonly string[]): WasmFormat => ({
  kind: "component",
  interface: { imports: imports.map((name) => ({ name, kind: "instance" })), exports: [] },
});

test("a component has what its entry asks for, and no variable of the guest's reaches Bun", () => {
  const base = {
    path: "/c.wasm",
    args: ["c"],
    env: ["NODE_EXTRA_CA_CERTS=/x"],
    preopens: [],
    options: new Map(),
  };
  const variables = (format: WasmFormat, entry: Entry) =>
    jsc
      .command({ ...base, format, entry }, "/dev/.runwasi")
      .env.filter((entry_) => !entry_.startsWith("guest:"));
  const http = { kind: "http", address: "0.0.0.0:8080" } as const;
  expect(variables(component("wasi:cli/stdout@0.2.0"), { kind: "command" })).toEqual([]);
  expect(variables(component("wasi:http/types@0.2.0"), http)).toEqual(["BUN_JSC_useWasmFastMemory=0"]);
});
