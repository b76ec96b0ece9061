// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { WasmWorkload } from "@runwasi/containerd-shim-wasm";
import type { OptionValue } from "@runwasi/containerd-shim-wasm";
import { wamr } from "./index.ts";

const WORKLOAD: WasmWorkload = {
  path: "/app.wasm",
  format: { kind: "module", interface: { imports: [], exports: [] } },
  entry: { kind: "command" },
  args: ["app", "one"],
  env: ["A=b", "LD_PRELOAD=/x.so", "NOVALUE"],
  preopens: [{ containerPath: "/work", guestPath: "." }],
  options: new Map(),
};
const HOSTILE = ["--dir=/::/", "--", "--env=X=y", "-", "", "a\nb", "--invoke", "-f"];

const command = (difference: Partial<WasmWorkload> = {}) =>
  wamr.command({ ...WORKLOAD, ...difference }, "/dev/.runwasi");

test("a plain workload", () => {
  expect(command()).toEqual({
    args: [
      "-v=0",
      "--addr-pool=0.0.0.0/0,::/0",
      "--allow-resolve=*",
      "--env=A=b",
      "--env=LD_PRELOAD=/x.so",
      "--map-dir=.::/work",
      "/app.wasm",
      "one",
    ],
    env: [],
    stackBytes: 512 * 1024,
  });
});

test("the stack has room for the guest's frames, too", () => {
  const options = new Map<string, OptionValue>([["max-stack", 1024 * 1024]]);
  expect(command({ options }).stackBytes).toBe(1536 * 1024);
});

test("no string of the guest's can be taken for an option", () => {
  const { args } = command({ args: HOSTILE, env: ["--dir=/"], entry: { kind: "function", name: "-f" } });
  const file = args.indexOf("/app.wasm");
  expect(args.slice(file + 1)).toEqual(HOSTILE.slice(1));
  expect(args.slice(file - 2, file)).toEqual(["-f", "-f"]);
  expect(args).toContain("--env=--dir=/");
});

test("options become arguments, the network only where it is not switched off", () => {
  const { args } = command({
    options: new Map<string, OptionValue>([
      ["inherit-network", false],
      ["ip-name-lookup", false],
      ["threads", 8],
      ["max-stack", 65536],
    ]),
  });
  expect(args.slice(0, args.indexOf("--env=A=b"))).toEqual(["-v=0", "--max-threads=8", "--stack-size=65536"]);
});
