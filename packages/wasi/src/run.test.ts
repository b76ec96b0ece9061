// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { type CapturedOptions, runCaptured } from "./testing/run-captured.ts";
import { WasiError } from "./wasi-error.ts";

const folder = mkdtempSync(join(tmpdir(), "wasi-run-"));
const MODULES =
  "trap trap-memory trap-divide trap-stack empty not-wasm empty-component magic-only truncated bad-import no-start " +
  "reactor no-memory named-export hello args env grow exit readfile writefile ls";
beforeAll(async () => {
  for (const name of MODULES.split(" ")) writeFileSync(join(folder, `${name}.wasm`), await testModule(name));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(name: string, options: Partial<CapturedOptions> = {}): ReturnType<typeof runCaptured> {
  return runCaptured({ module: readFileSync(join(folder, `${name}.wasm`)), ...options });
}

function errorOf(name: string, options: Partial<CapturedOptions> = {}): WasiError {
  try {
    run(name, options);
  } catch (error) {
    if (error instanceof WasiError) return error;
    throw error;
  }
  throw new Error(`"${name}" ran`);
}

describe("traps", () => {
  for (const [name, reason] of [
    ["trap", /unreachable/i],
    ["trap-memory", /out of bounds/i],
    ["trap-divide", /division by zero/i],
    ["trap-stack", /stack/i],
  ] as const) {
    test(`${name} gives 134 and the engine's reason on stderr`, () => {
      const { exitCode, stderr } = run(name);
      expect(exitCode).toBe(134);
      expect(stderr).toStartWith("cannot run module: wasm trap: ");
      expect(stderr).toMatch(reason);
      expect(stderr).not.toContain("evaluating");
    });
  }
});

describe("guests that cannot start", () => {
  for (const [name, kind, names] of [
    ["empty", "not-wasm", []],
    ["not-wasm", "not-wasm", []],
    ["empty-component", "not-wasm", []],
    ["magic-only", "bad-module", []],
    ["truncated", "bad-module", []],
    ["bad-import", "missing-import", ["env.nope"]],
    ["no-start", "missing-export", ["_start"]],
    ["reactor", "missing-export", ["_start"]],
    ["no-memory", "missing-export", ["memory"]],
  ] as const) {
    test(`${name} is refused as ${kind}`, () => {
      const error = errorOf(name);
      expect(error.kind).toBe(kind);
      expect(error.names).toEqual([...names]);
      expect(error.message).toMatch(/^cannot \w+ [a-z]/);
    });
  }

  test("an entry function that is not exported is named together with those that are", () => {
    const error = errorOf("named-export", { invoke: "nope" });
    expect(error.kind).toBe("missing-export");
    expect(error.message).toContain('"nope"');
    expect(error.message).toContain('"greet"');
  });

  test("a preopen that does not exist is refused as bad-preopen", () => {
    const error = errorOf("hello", { preopens: [{ hostPath: join(folder, "none"), guestPath: "/" }] });
    expect(error.kind).toBe("bad-preopen");
    expect(error.names).toEqual([join(folder, "none")]);
  });
});

describe("entry functions", () => {
  test("invoke calls the function that it names", () => {
    expect(run("named-export", { invoke: "greet" }).stdout).toBe("from greet\n");
  });
  test("the exit code of an invoked function passes through", () => {
    expect(run("named-export", { invoke: "fail" }).exitCode).toBe(3);
  });
  test("invoke takes numbers from the arguments", () => {
    expect(run("named-export", { invoke: "exit", args: ["guest", "7", "more"] }).exitCode).toBe(7);
  });
  test("invoke refuses arguments that are no numbers, or too few", () => {
    expect(errorOf("named-export", { invoke: "exit", args: ["guest", "x"] }).kind).toBe("bad-arguments");
    expect(errorOf("named-export", { invoke: "exit", args: ["guest"] }).kind).toBe("bad-arguments");
  });
  test("_initialize runs before an invoked function", () => {
    expect(run("reactor", { invoke: "greet" }).stdout).toBe("initialized\n");
  });
});

describe("what the guest is given", () => {
  test("arguments keep their bytes", () => {
    const args = ["guest", "two words", "", "ünï€ 🎉", "a\nb"];
    expect(run("args", { args }).stdout).toBe(args.map((arg) => `${arg}\n`).join(""));
  });
  test("variables keep their order and duplicates, and the host's are not among them", () => {
    const env = ["B=2", "A=1", "B=3", "NO_VALUE", "=C"];
    expect(run("env", { env }).stdout).toBe(env.map((variable) => `${variable}\n`).join(""));
  });
  test("views follow a memory that grows", () => {
    expect(run("grow", { args: ["grow", "100"] }).stdout).toBe("grown\n");
  });
  test("the longest of several preopens serves a path", () => {
    const [outer, inner] = [mkdtempSync(join(folder, "outer-")), mkdtempSync(join(folder, "inner-"))];
    writeFileSync(join(inner, "file"), "inner\n");
    const preopens = [
      { hostPath: outer, guestPath: "/" },
      { hostPath: inner, guestPath: "/data" },
    ];
    expect(run("readfile", { args: ["readfile", "/data/file"], preopens }).stdout).toBe("inner\n");
  });
  test("a file of procfs can be read and not written, since the engine's memory is one", () => {
    const preopens = [{ hostPath: "/proc", guestPath: "/" }];
    const read = run("readfile", { args: ["readfile", "/self/comm"], preopens });
    expect(read.exitCode).toBe(0);
    const written = run("writefile", { args: ["writefile", "/self/mem", "text"], preopens });
    expect(written.stderr).toBe("cannot write /self/mem: errno 63\n");
  });
  test("a read-only preopen can be read and not written", () => {
    const root = mkdtempSync(join(folder, "read-only-"));
    writeFileSync(join(root, "file"), "content\n");
    const preopens = [{ hostPath: root, guestPath: "/", readOnly: true }];
    expect(run("readfile", { args: ["readfile", "/file"], preopens }).stdout).toBe("content\n");
    const written = run("writefile", { args: ["writefile", "/new", "text"], preopens });
    expect(written.stderr).toBe("cannot write /new: errno 63\n");
    expect(readdirSync(root)).toEqual(["file"]);
  });
});

test("a run leaves no descriptor open, however it ends", () => {
  const preopens = [{ hostPath: folder, guestPath: "/" }];
  run("hello", { preopens }); // what is loaded at first use may keep a descriptor
  run("ls", { preopens });
  const before = readdirSync("/proc/self/fd").length;
  run("ls", { preopens });
  run("trap", { preopens });
  run("exit", { args: ["exit", "3"], preopens });
  run("readfile", { args: ["readfile", "/hello.wasm", "/none"], preopens });
  errorOf("reactor", { preopens });
  errorOf("hello", { preopens: [...preopens, { hostPath: "/none", guestPath: "/none" }] });
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});
