// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { parseChecks } from "./checks.ts";
import { judgeRun } from "./judge.ts";
import type { TestModule, TestRun } from "./test-module.ts";

const SLASH = "path_remove_directory with a slash"; // known of wasmtime
const run: TestRun = { args: [], env: [], exitCode: 0 };

function judge(engine: string, name: string, exitCode: number, stdout: string): readonly string[] {
  const source = { kind: "assembly" } as const;
  const module: TestModule = { name, description: "", source, isConformance: true, runs: [run] };
  return judgeRun({ engine, module, run, outcome: { exitCode, stdout, stderr: "" } });
}

test("lines that are no checks are left out", () => {
  expect(parseChecks("ok a\nnoise\nnot ok b: errno 8\nnot ok c: got -1\nnot ok d\n")).toEqual([
    { name: "a", isOk: true, answer: "" },
    { name: "b", isOk: false, answer: "errno 8" },
    { name: "c", isOk: false, answer: "got -1" },
  ]);
});

test("checks that are all ok are no problem", () => {
  expect(judge("jsc", "wasi-directories", 0, "ok a\nok b\n")).toEqual([]);
});

test("a check that failed is named with its answer", () => {
  expect(judge("jsc", "wasi-directories", 1, "ok a\nnot ok b: errno 8\n")).toContain(
    "wasi-directories: b: errno 8",
  );
});

test("a run that printed no checks is a problem", () => {
  expect(judge("jsc", "wasi-directories", 0, "")).not.toEqual([]);
});

test("a guest that ended otherwise is a problem even when its checks were ok", () => {
  expect(judge("jsc", "wasi-directories", 134, "ok a\n")).not.toEqual([]);
});

test("a known difference is no problem for its engine only", () => {
  const stdout = `ok a\nnot ok ${SLASH}: errno 28\n`;
  expect(judge("wasmtime", "wasi-directories", 1, stdout)).toEqual([]);
  expect(judge("jsc", "wasi-directories", 1, stdout)).not.toEqual([]);
});

test("a known difference does not hide another one, nor a crash", () => {
  const stdout = `not ok a: errno 1\nnot ok ${SLASH}: errno 28\n`;
  expect(judge("wasmtime", "wasi-directories", 1, stdout)).toContain("wasi-directories: a: errno 1");
  expect(judge("wasmtime", "wasi-directories", 134, `not ok ${SLASH}: errno 28\n`)).not.toEqual([]);
});

test("a known difference that is gone is a problem", () => {
  expect(judge("wasmtime", "wasi-directories", 0, `ok ${SLASH}\n`)).not.toEqual([]);
  expect(judge("wasmtime", "wasi-unknown", 0, "ok a\n")).not.toEqual([]);
});
