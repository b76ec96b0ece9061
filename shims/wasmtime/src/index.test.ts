// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { OptionValue, WasmFormat, WasmWorkload } from "@runwasi/containerd-shim-wasm";
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

const command = (difference: Partial<WasmWorkload> = {}) =>
  wasmtime.command({ ...WORKLOAD, ...difference }, "/dev/.runwasi");

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

const component = (...imports: readonly string[]): WasmFormat => ({
  kind: "component",
  interface: { imports: imports.map((name) => ({ name, kind: "instance" })), exports: [] },
});

test("a component has the container's network, and wasi:http when it imports that", () => {
  expect(command({ format: component() }).args).toContain("-Sinherit-network=y");
  expect(command({ format: component() }).args).not.toContain("-Shttp=y");
  expect(command({ format: component("wasi:http/outgoing-handler@0.2.3") }).args).toContain("-Shttp=y");
  const closed = command({ format: component(), options: new Map([["inherit-network", false]]) }).args;
  expect(closed.filter((arg) => arg.startsWith("-Sinherit-network"))).toEqual(["-Sinherit-network=n"]);
});

test("a component's function is called with the arguments", () => {
  const entry = { kind: "function", name: "add" } as const;
  const { args } = command({ format: component(), entry, args: ["app", "1", "2"] });
  expect(args.slice(-3)).toEqual(["--invoke=add(1, 2)", "--argv0=app", "/app.wasm"]);
});

test("an HTTP handler is served where the entry says, and ends gracefully on SIGINT only", () => {
  const entry = { kind: "http", address: "0.0.0.0:8080" } as const;
  const { args, env, signalMap } = command({ format: component(), entry, env: ["A=b"] });
  expect([args[0], args.at(-1)]).toEqual(["serve", "/app.wasm"]);
  for (const option of [
    "-Scli=y",
    "--addr=0.0.0.0:8080",
    "--no-logging-prefix",
    "-Opooling-pagemap-scan=auto",
  ])
    expect(args).toContain(option);
  expect(env).toEqual(["A=b"]);
  expect([...(signalMap ?? [])]).toEqual([[15, 2]]);
  const set = new Map<string, OptionValue>([
    ["http-instance-reuse", 50],
    ["pooling", false],
  ]);
  const reuse = command({ format: component(), entry, options: set }).args;
  expect(reuse).toContain("--max-instance-reuse-count=50");
  expect(reuse.filter((arg) => arg.startsWith("-Opooling"))).toEqual(["-Opooling-allocator=n"]);
});

test("an HTTP handler has the directories only where it looks at files", () => {
  const entry = { kind: "http", address: "0.0.0.0:8080" } as const;
  expect(command({ format: component("wasi:http/types@0.2.0"), entry }).args).not.toContain("--dir=/::/");
  expect(command({ format: component("wasi:filesystem/types@0.2.0"), entry }).args).toContain("--dir=/::/");
});

test("every option becomes an argument", () => {
  const values = new Map<string, OptionValue>([
    ["opt-level", "s"],
    ["gc", false],
    ["pooling", true],
    ["max-memory", 65536],
    ["max-stack", 65536],
    ["fuel", 9],
    ["timeout", 250],
    ["coredump", "/core"],
    ["profile", "/profile.json"],
  ]);
  const { args } = command({ options: values });
  expect(args.slice(3, args.indexOf("--dir=/::/"))).toEqual([
    "-Oopt-level=s",
    "-Wgc=n",
    "-Opooling-allocator=y",
    "-Wmax-memory-size=65536",
    "-Wmax-wasm-stack=65536",
    "-Wasync-stack-size=1114112",
    "-Wfuel=9",
    "-Wtimeout=250ms",
    "--profile=guest,/profile.json",
    "-Dcoredump=/core",
  ]);
});

test("only what was compiled here may be loaded as native code, served or run", () => {
  const entry = { kind: "http", address: "0.0.0.0:8080" } as const;
  for (const difference of [{}, { format: component(), entry }]) {
    expect(command(difference).args).not.toContain("--allow-precompiled");
    expect(command({ ...difference, precompiled: false }).args).not.toContain("--allow-precompiled");
    expect(command({ ...difference, precompiled: true }).args).toContain("--allow-precompiled");
  }
});

test("compiling has the options that concern it, and nothing of the guest's", () => {
  const task = { module: "/in", output: "/out/compiled", engineFolder: "/engine", version: "48.0.0" };
  const compile = (options: ReadonlyMap<string, OptionValue>) =>
    wasmtime.precompiler?.command({ ...WORKLOAD, options, env: ["A=b"], args: ["app", "--x"] }, task);
  expect(compile(new Map())).toEqual({
    args: ["compile", "-Ccache=n", "--output=/out/compiled", "/in"],
    env: [],
  });
  const set = new Map<string, OptionValue>([
    ["opt-level", "s"],
    ["gc", false],
    ["fuel", 9],
    ["timeout", 250],
    ["max-memory", 65536],
    ["pooling", true],
  ]);
  expect(compile(set)?.args.slice(2, -2)).toEqual([
    "-Oopt-level=s",
    "-Wgc=n",
    "-Wfuel=1",
    "-Wepoch-interruption=y",
  ]);
  // Another amount is no reason to compile again.
  expect(compile(new Map(set).set("fuel", 10))).toEqual(compile(set));
});
