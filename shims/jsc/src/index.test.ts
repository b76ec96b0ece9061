// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
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
