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
    args: [
      "run",
      "--force-interpreter",
      "--env",
      "A=b",
      "--env",
      "LD_PRELOAD=/x.so",
      "--dir",
      ".:/work",
      "--",
      "/app.wasm",
      "one",
    ],
    env: [],
  });
});

test("no string of the guest's can be taken for an option", () => {
  const { args } = command({ args: HOSTILE, env: ["--enable-all", "", "--"] });
  expect(args.slice(args.lastIndexOf("/app.wasm") + 1)).toEqual(HOSTILE.slice(1));
  const before = args.slice(2, args.indexOf("/app.wasm") - 1);
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
      ["opt-level", "2"],
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

test("a guest's own file is interpreted, whatever the options: only what was compiled here is native code", () => {
  expect(command().args[1]).toBe("--force-interpreter");
  expect(command({ precompiled: false }).args[1]).toBe("--force-interpreter");
  expect(command({ precompiled: true }).args).not.toContain("--force-interpreter");
});

const TASK = {
  module: "/in/module.wasm",
  output: "/out/compiled.so",
  engineFolder: "/engine",
  version: "0.14.1",
};
const compileWith = (...set: readonly (readonly [string, OptionValue])[]) =>
  wasmedge.precompiler?.command({ ...WORKLOAD, options: new Map(set) }, TASK);

test("compiling has the options that concern it, and nothing of the guest's", () => {
  expect(compileWith()).toEqual({
    args: ["compile", "--optimize", "0", "--", TASK.module, TASK.output],
    env: [],
  });
  const all = compileWith(
    ["opt-level", "2"],
    ["threads", true],
    ["max-memory", 65536],
    ["fuel", 7],
    ["timeout", 5],
  );
  expect(all?.args.slice(1, -3)).toEqual([
    "--optimize",
    "2",
    "--enable-threads",
    "--enable-gas-measuring",
    "--interruptible",
  ]);
});

test("what it cannot compile, or could not run, is left to the interpreter", () => {
  expect(compileWith(["gc", true])).toBeUndefined();
  expect(compileWith(["exceptions", true])).toBeUndefined();
  expect(wasmedge.precompiler?.command(WORKLOAD, { ...TASK, version: "0.17.0" })).toBeUndefined();
});
