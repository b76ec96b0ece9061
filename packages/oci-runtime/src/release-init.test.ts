// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { releaseInit } from "./release-init.ts";
import { createTemporaryFolder } from "./testing/temporary-folder.ts";

test("a waiting init gets its byte, and the FIFO is gone, as after `crun start`", async () => {
  using folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "one"));
  const fifo = join(folder.path, "one", "exec.fifo");
  expect(Bun.spawnSync(["mkfifo", fifo]).exitCode).toBe(0);
  const init = Bun.spawn(["head", "-c1", fifo], { stdio: ["ignore", "pipe", "ignore"] });
  while (!releaseInit(folder.path, "one")) await Bun.sleep(1); // it has not opened its end yet
  expect(await new Response(init.stdout).bytes()).toEqual(new Uint8Array(1));
  expect(existsSync(fifo)).toBe(false);
  expect(releaseInit(folder.path, "one")).toBe(false);
});

test("with no state, no FIFO, or nobody at it nothing is done", () => {
  using folder = createTemporaryFolder();
  expect(releaseInit(folder.path, "absent")).toBe(false);
  mkdirSync(join(folder.path, "one"));
  expect(releaseInit(folder.path, "one")).toBe(false);
  const fifo = join(folder.path, "one", "exec.fifo");
  expect(Bun.spawnSync(["mkfifo", fifo]).exitCode).toBe(0);
  expect(releaseInit(folder.path, "one")).toBe(false);
  expect(existsSync(fifo)).toBe(true);
});

test("a symlink in the FIFO's place is not followed", () => {
  using folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "one"));
  const target = join(folder.path, "target");
  writeFileSync(target, "as it was");
  symlinkSync(target, join(folder.path, "one", "exec.fifo"));
  expect(releaseInit(folder.path, "one")).toBe(false);
  expect(readFileSync(target, "utf8")).toBe("as it was");
});
