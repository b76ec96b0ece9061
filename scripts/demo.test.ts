// SPDX-License-Identifier: Apache-2.0
// What the demo says on machines where it cannot run; where it can, it needs root and is run by hand.
import { expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "../packages/oci-runtime/src/testing/temporary-folder.ts";

const DEMO = join(import.meta.dir, "demo.ts");

/** Runs the demo with only these (empty) programs on its PATH, as a user with this id. */
async function runDemo(programs: readonly string[], userId: number, engine = "jsc") {
  using folder = createTemporaryFolder();
  for (const name of programs) {
    writeFileSync(join(folder.path, name), "#!/bin/sh\n");
    chmodSync(join(folder.path, name), 0o755);
  }
  const code = `process.getuid = () => ${userId}; await import(${JSON.stringify(DEMO)});`;
  const child = Bun.spawn([process.execPath, "--eval", code, "demo", engine], {
    env: { PATH: folder.path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { said: stdout + stderr, exitCode: await child.exited };
}

test("without apt the demo says what to install", async () => {
  const { said, exitCode } = await runDemo([], 0);
  expect(said).toContain("containerd, runc, crun");
  expect(exitCode).toBe(1);
});

test("without root the demo says what to install, by which command", async () => {
  const { said, exitCode } = await runDemo(["apt-get"], 1000);
  expect(said).toMatch(/run as root: apt-get install .* containerd runc crun/);
  expect(exitCode).toBe(1);
});

test("an engine that there is not is named, with those that there are", async () => {
  const { said, exitCode } = await runDemo([], 0, "nope");
  expect(said).toContain('"nope" (jsc, wasmtime)');
  expect(exitCode).toBe(1);
});
