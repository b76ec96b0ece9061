// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { parseSpecProcess } from "@runwasi/oci";
import { engineProcess } from "./engine-process.ts";
import type { Engine, WasmWorkload } from "./engine.ts";
import { inProcess } from "./host/guest-command.ts";

const FILES = { argv: ["/dev/.runwasi/engine"], folder: "/dev/.runwasi" };
const WORKLOAD: WasmWorkload = {
  path: "/app.wasm",
  args: ["app"],
  env: [],
  entry: { kind: "command" },
  preopens: [],
  options: new Map(),
  format: { kind: "module", interface: { imports: [], exports: [] } },
};
const NOFILE = { type: "RLIMIT_NOFILE", soft: 1, hard: 2 };
const STACK = { type: "RLIMIT_STACK", soft: 3, hard: 4 };

function limitsFor(stackBytes: number | undefined, rlimits: unknown): unknown {
  const engine: Engine = {
    ...inProcess({ name: "engine", imports: new Map(), run: () => 0 }),
    command: () => ({ args: [], env: [], ...(stackBytes !== undefined && { stackBytes }) }),
  };
  const process = parseSpecProcess(JSON.stringify({ cwd: "/work", args: ["/app.wasm"], rlimits }));
  return engineProcess(engine, WORKLOAD, FILES, process).process["rlimits"];
}

test("an engine's stack is limited where the container says nothing of it", () => {
  const own = { type: "RLIMIT_STACK", soft: 9, hard: 9 };
  expect(limitsFor(9, undefined)).toEqual([own]);
  expect(limitsFor(9, null)).toEqual([own]);
  expect(limitsFor(9, [NOFILE])).toEqual([NOFILE, own]);
  expect(limitsFor(9, [NOFILE, STACK])).toEqual([NOFILE, STACK]);
});

test("limits stay as they are for an engine that asks for none", () => {
  expect(limitsFor(undefined, undefined)).toBeUndefined();
  expect(limitsFor(undefined, [NOFILE])).toEqual([NOFILE]);
});
