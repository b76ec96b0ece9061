// SPDX-License-Identifier: Apache-2.0
// Every command of the application, on the WASI implementation of the shims' own engine.
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Preopen } from "@runwasi/wasi";
import { compileApp } from "./compile-app.ts";

setDefaultTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), "wasi-demo-app-"));
afterAll(() => rmSync(folder, { recursive: true }));
const APP = join(folder, "app.wasm");
writeFileSync(APP, await compileApp());

const RUNNER = `
  const { runWasi } = await import(${JSON.stringify(import.meta.resolve("@runwasi/wasi"))});
  const { readFileSync } = await import("node:fs");
  const { args, env, preopens } = JSON.parse(process.argv[1]);
  process.exit(runWasi({ module: readFileSync(${JSON.stringify(APP)}), args, env, preopens }));`;

/** Starts the application in a process of its own, with real pipes; `data` is its one folder, /data. */
function start(args: readonly string[], stdin = "") {
  const preopens: readonly Preopen[] = [{ hostPath: folder, guestPath: "/data" }];
  const options = { args: ["app", ...args], env: ["A=1", "B=two words"], preopens };
  return Bun.spawn([process.execPath, "--eval", RUNNER, JSON.stringify(options)], {
    stdin: new TextEncoder().encode(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function run(args: readonly string[], stdin?: string) {
  const child = start(args, stdin);
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr, usage: child.resourceUsage() };
}

test.each([
  [[], "hello from WebAssembly\n"],
  [["echo"], "\n"],
  [["echo", "to", "and fro"], "to and fro\n"],
  [["env"], "A=1\nB=two words\n"],
  [["args", "one", "ä b"], "app\nargs\none\nä b\n"],
  [["grow", "20"], "grown by 20 MB\n"],
] as const)("%p prints what it should", async (args, stdout) => {
  expect(await run(args)).toMatchObject({ exitCode: 0, stdout, stderr: "" });
});

test("exit ends with its status", async () => {
  for (const code of [0, 1, 42, 255]) expect((await run(["exit", String(code)])).exitCode).toBe(code);
});

test("cat copies stdin, also a long one", async () => {
  const text = "0123456789abcdef".repeat(20_000);
  expect((await run(["cat"], text)).stdout).toBe(text);
});

test("write writes the words into a file of a folder that it has, and into no other", async () => {
  expect((await run(["write", "/data/out.txt", "hello", "volume"])).exitCode).toBe(0);
  expect(readFileSync(join(folder, "out.txt"), "utf8")).toBe("hello volume\n");
  expect((await run(["write", "data/out.txt", "again"])).exitCode).toBe(0);
  expect(readFileSync(join(folder, "out.txt"), "utf8")).toBe("again\n");
  for (const path of ["/elsewhere/x", "/data/none/x", "/data/../x"]) {
    const { exitCode, stderr } = await run(["write", path, "x"]);
    expect(exitCode).toBe(1);
    expect(stderr).toStartWith(`wasi-demo-app: cannot write ${path}: errno `);
  }
});

test("sleep waits, burn computes", async () => {
  const started = performance.now();
  const waiting = await run(["sleep", "0.5"]);
  expect(waiting.exitCode).toBe(0);
  expect(performance.now() - started).toBeGreaterThan(500);
  const computing = await run(["burn", "0.5"]);
  expect(computing.stdout).toMatch(/^computed \d+ rounds\n$/);
  const cpu = ({ usage }: typeof waiting) => Number(usage?.cpuTime.total);
  expect(cpu(computing)).toBeGreaterThan(cpu(waiting));
});

test("daemon prints lines until it is killed", async () => {
  const child = start(["daemon"]);
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("running for 2 s\n")) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  child.kill();
  await child.exited;
  expect(text).toBe("running for 1 s\nrunning for 2 s\n");
});

test.each([
  [["nope"], 2, 'there is no command "nope"'],
  [["sleep"], 2, "one argument is needed"],
  [["sleep", "soon"], 2, '"soon" is no number of seconds'],
  [["exit", "-1"], 2, "no number"],
  [["write"], 2, "write needs a file"],
  [["grow", "100000"], 1, "cannot grow by 100000 MB"],
] as const)("%p ends with %d and says why", async (args, status, reason) => {
  const { exitCode, stdout, stderr } = await run(args);
  expect(exitCode).toBe(status);
  expect(stdout).toBe("");
  expect(stderr).toContain(reason);
});
