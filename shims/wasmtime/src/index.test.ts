// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { WasmWorkload } from "@runwasi/containerd-shim-wasm";
import { wasmtime } from "./index.ts";

const MODULE = { kind: "module", interface: { imports: [], exports: [] } } as const;
const WORKLOAD: WasmWorkload = {
  path: "/app.wasm",
  format: MODULE,
  entry: { kind: "command" },
  options: new Map(),
  args: ["app", "one"],
  env: [],
  preopens: [{ containerPath: "/", guestPath: "/" }],
};

const command = (difference: Partial<WasmWorkload> = {}) => wasmtime.command({ ...WORKLOAD, ...difference });

test("a plain workload", () => {
  expect(command({ env: ["A=b"] })).toEqual({
    args: ["run", "-Ccache=n", "-Sinherit-env=y", "--dir=/::/", "--argv0=app", "/app.wasm", "one"],
    env: ["A=b"],
  });
});

test("no string of the guest's can be taken for an option", () => {
  const hostile = ["--dir=/::/", "-Sinherit-network", "--", "--env=X=y", "-", "", "a\nb", "--invoke"];
  const { args } = command({
    args: hostile,
    entry: { kind: "function", name: "--dir=/etc" },
    env: ["LD_PRELOAD=--dir=/", "RUST_LOG= --allow-precompiled"],
    preopens: [{ containerPath: "/--dir=", guestPath: "." }],
  });
  const module = args.indexOf("/app.wasm");
  // What follows the module is the guest's to wasmtime (the arguments are trailing), what precedes it ours: each begins
  // with an option's own name and carries the guest's string after its first "=".
  expect(args.slice(module + 1)).toEqual(hostile.slice(1));
  expect(args.slice(0, module).map((arg) => arg.replace(/=.*/s, "="))).toEqual([
    "run",
    "-Ccache=",
    "-Sinherit-env=",
    "--env=",
    "--env=",
    "--dir=",
    "--invoke=",
    "--argv0=",
  ]);
  expect(module).toBe(args.lastIndexOf("/app.wasm"));
});

test("secrets go by the environment, what would steer the engine by option", () => {
  const { args, env } = command({ env: ["TOKEN=secret", "LD_PRELOAD=/x.so", "RUST_LOG=trace", "NOVALUE"] });
  expect(env).toEqual(["TOKEN=secret", "NOVALUE"]);
  expect(args).toContain("--env=LD_PRELOAD=/x.so");
  expect(args).toContain("--env=RUST_LOG=trace");
  expect(args.join(" ")).not.toContain("secret");
});

test("without arguments the guest's own name is its path", () => {
  expect(command({ args: [] }).args.slice(-2)).toEqual(["--argv0=/app.wasm", "/app.wasm"]);
});

test("a function is named by option", () => {
  expect(command({ entry: { kind: "function", name: "run" } }).args).toContain("--invoke=run");
  expect(command().args.some((arg) => arg.startsWith("--invoke"))).toBe(false);
});
