// SPDX-License-Identifier: Apache-2.0
// docs/write-a-shim.md as somebody else follows it: its example, built by its command, under a real containerd.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import wabt from "wabt";
import { mustRun } from "./harness/command.ts";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { CONTAINERDS } from "./harness/runtimes.ts";
import { shellFiles } from "./harness/shim-commands.ts";
import { writeSpec } from "./harness/spec.ts";

setDefaultTimeout(120_000);

const ROOT = resolve(import.meta.dir, "../..");
const EXAMPLE = join(ROOT, "packages/shim-wasm/examples/calculator.ts");
const SUMS = `(module
  (import "console" "log" (func $log (param i32)))
  (func (export "_start") (call $log (i32.const 42)))
  (func (export "add") (param i32 i32) (call $log (i32.add (local.get 0) (local.get 1))))
  (func (export "trap") unreachable))`;

/** The arguments of the page's build command, with the example's path and another output. */
async function buildArguments(output: string): Promise<string[]> {
  const page = await readFile(join(ROOT, "docs/write-a-shim.md"), "utf8");
  const command = /^bun (build .*?)\nctr /ms.exec(page)?.[1]?.replaceAll("\\\n", " ").trim();
  if (command === undefined) throw new Error("the page shows no build command");
  return command
    .split(/\s+/)
    .map((word) => (word === "calculator.ts" ? EXAMPLE : word.startsWith("/usr/local/bin/") ? output : word));
}

async function sums(): Promise<Uint8Array> {
  const tools = await wabt();
  const module = tools.parseWat("sums.wat", SUMS);
  try {
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

describe.each([...CONTAINERDS])("containerd %s", (version) => {
  let started: Containerd | undefined;
  const containerd = () => started ?? expect.unreachable();
  beforeAll(async () => {
    started = await startContainerd({ version });
    const bin = join(started.folder, "bin");
    await mkdir(bin);
    await mustRun([process.execPath, ...(await buildArguments(join(bin, "containerd-shim-calculator-v1")))]);
  });
  afterAll(async () => {
    await started?.[Symbol.asyncDispose]();
  });

  async function run(...args: string[]) {
    const files = [
      ...(await shellFiles()),
      { kind: "file" as const, path: "sums.wasm", content: await sums() },
    ];
    const { id, flags } = await writeSpec(containerd(), files, { process: { args, terminal: false } });
    const runtime = join(containerd().folder, "bin/containerd-shim-calculator-v1");
    const { stdout, stderr, exitCode } = await containerd().ctr([
      "run",
      "--rm",
      "--runtime",
      runtime,
      ...flags,
      id,
    ]);
    return { stdout, stderr, exitCode };
  }

  test("the example's engine runs modules and functions, and the shim native programs beside them", async () => {
    expect(await run("/sums.wasm")).toEqual({ stdout: "42\n", stderr: "", exitCode: 0 });
    expect(await run("/sums.wasm#add", "2", "3")).toEqual({ stdout: "5\n", stderr: "", exitCode: 0 });
    expect(await run("/bin/sh", "-c", "echo native; exit 3")).toEqual({
      stdout: "native\n",
      stderr: "",
      exitCode: 3,
    });
  });

  test("what it cannot run is told by name, and nothing is left", async () => {
    const before = await listPossessions(containerd());
    const trapped = await run("/sums.wasm#trap");
    expect(trapped.exitCode).toBe(1);
    expect(trapped.stderr).toContain("nreachable");
    const missing = await run("/sums.wasm#subtract");
    expect(missing.exitCode).not.toBe(0);
    expect(missing.stderr).toContain('"subtract" (exported: _start, add, trap)');
    await assertNothingLeft(containerd(), before);
  });
});
