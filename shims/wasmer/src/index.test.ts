// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { WasmWorkload } from "@runwasi/containerd-shim-wasm";
import type { OptionValue } from "@runwasi/containerd-shim-wasm";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { wasmer } from "./index.ts";

const WORKLOAD: WasmWorkload = {
  path: "/app.wasm",
  format: { kind: "module", interface: { imports: [], exports: [] } },
  entry: { kind: "command" },
  args: ["app", "one"],
  env: ["A=b", "LD_PRELOAD=/x.so", "LD_EMPTY="],
  preopens: [
    { containerPath: "/work", guestPath: "." },
    { containerPath: "/data", guestPath: "/data" },
  ],
  options: new Map(),
};
const HOSTILE = ["--dir=/::/", "--", "--env=X=y", "-", "", "a\nb", "--invoke", "-f"];

const command = (difference: Partial<WasmWorkload> = {}) =>
  wasmer.command({ ...WORKLOAD, ...difference }, "/dev/.runwasi");

test("a plain workload, with what would steer the engine by option", () => {
  expect(command()).toEqual({
    args: [
      "run",
      "--disable-cache",
      "--quiet",
      "--no-tty",
      "--forward-host-env",
      "--net",
      "--env=LD_PRELOAD=/x.so",
      "--cwd=/work",
      "--volume=/data:/data",
      "/app.wasm",
      "--",
      "one",
    ],
    env: ["A=b", "WASMER_DIR=/dev/.runwasi"],
  });
});

test("no string of the guest's can be taken for an option, nor its variables for the engine's", () => {
  const { args, env } = command({ args: HOSTILE, env: ["WASMER_DIR=/image", "RUST_LOG=--net"] });
  expect(args.slice(args.indexOf("--") + 1)).toEqual(HOSTILE.slice(1));
  expect(args.slice(args.indexOf("--env=WASMER_DIR=/image"))).toContain("--env=RUST_LOG=--net");
  expect(env).toEqual(["WASMER_DIR=/dev/.runwasi"]);
});

test("options become arguments, the network only where it is not switched off", () => {
  const { args } = command({
    options: new Map<string, OptionValue>([
      ["inherit-network", false],
      ["threads", false],
      ["memory64", true],
      ["max-stack", 65536],
    ]),
  });
  expect(args).not.toContain("--net");
  for (const option of ["--disable-threads", "--enable-memory64", "--stack-size=65536"])
    expect(args).toContain(option);
});

test("a function is refused, which wasmer would pass over", async () => {
  const refused = { ...WORKLOAD, entry: { kind: "function", name: "greet" } } as const;
  const error = await rejection(() => wasmer.canHandle?.(refused));
  expect(error.code).toBe("InvalidArgument");
  expect(error.message).toContain("greet");
  wasmer.canHandle?.(WORKLOAD);
});

test("compiling has the options that concern it, and nothing of the guest's", () => {
  const task = { module: "/in", output: "/out/compiled", engineFolder: "/engine", version: "7.4.2" };
  const set = new Map<string, OptionValue>([
    ["threads", false],
    ["relaxed-simd", true],
    ["max-stack", 65536],
  ]);
  expect(wasmer.precompiler?.command({ ...WORKLOAD, options: set }, task)).toEqual({
    args: ["compile", "--quiet", "--disable-threads", "--enable-relaxed-simd", "-o", "/out/compiled", "/in"],
    env: ["WASMER_DIR=/engine"],
  });
});
