// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { jsc } from "./index.ts";

test("the embedded engine needs nothing installed, and its command begins with the host mode's name", () => {
  expect(jsc.executable).toEqual({ kind: "embedded" });
  const { args, env } = jsc.command({
    path: "/app.wasm",
    format: { kind: "text" },
    invoke: undefined,
    args: ["app", "--"],
    env: ["LD_PRELOAD=/x.so"],
    preopens: [],
  });
  expect(args).toEqual(["run-guest", "--", "/app.wasm", "app", "--"]);
  expect(env.every((entry) => !entry.startsWith("LD_"))).toBe(true);
});
