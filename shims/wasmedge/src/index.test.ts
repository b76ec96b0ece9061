// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { WasmWorkload } from "@runwasi/containerd-shim-wasm";
import type { OptionValue } from "@runwasi/containerd-shim-wasm";
import { wasmedge } from "./index.ts";

const WORKLOAD: WasmWorkload = {
  path: "/app.wasm",
  format: { kind: "module", interface: { imports: [], exports: [] } },
  entry: { kind: "command" },
  args: ["app", "one"],
  env: ["A=b", "LD_PRELOAD=/x.so"],
  preopens: [{ containerPath: "/work", guestPath: "." }],
  options: new Map(),
};
const HOSTILE = ["--dir=/::/", "--", "--env=X=y", "-", "", "a\nb", "--invoke", "-f"];

const command = (difference: Partial<WasmWorkload> = {}) =>
  wasmedge.command({ ...WORKLOAD, ...difference }, "/dev/.runwasi");

test("a plain workload", () => {
  expect(command()).toEqual({
    args: ["run", "--env", "A=b", "--env", "LD_PRELOAD=/x.so", "--dir", ".:/work", "--", "/app.wasm", "one"],
    env: [],
  });
});

test("no string of the guest's can be taken for an option", () => {
  const { args } = command({ args: HOSTILE, env: ["--enable-all", "", "--"] });
  expect(args.slice(args.lastIndexOf("/app.wasm") + 1)).toEqual(HOSTILE.slice(1));
  const before = args.slice(1, args.indexOf("/app.wasm") - 1);
  // Every other is an option of ours, and what follows it is its value.
  expect(before.filter((_, index) => index % 2 === 0)).toEqual(["--env", "--env", "--env", "--dir"]);
});

test("a function is called in reactor mode, its name after the file", () => {
  const { args } = command({ entry: { kind: "function", name: "--greet" } });
  expect(args.slice(-5)).toEqual(["--reactor", "--", "/app.wasm", "--greet", "one"]);
});

test("options become arguments", () => {
  const { args } = command({
    options: new Map<string, OptionValue>([
      ["gc", true],
      ["jit", false],
      ["max-memory", 131072],
      ["fuel", 7],
      ["timeout", 5],
    ]),
  });
  expect(args.slice(1, args.indexOf("--env"))).toEqual([
    "--force-interpreter",
    "--enable-gc",
    "--memory-page-limit",
    "2",
    "--gas-limit",
    "7",
    "--time-limit",
    "5",
  ]);
});
