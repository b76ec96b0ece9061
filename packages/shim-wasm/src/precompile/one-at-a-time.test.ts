// SPDX-License-Identifier: Apache-2.0
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { CompileLimitError } from "./compile-limit.ts";
import { oneAtATime } from "./one-at-a-time.ts";

test("work under one path is done one after the other, and the file is gone then", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "lock");
  let running = 0;
  const most: number[] = [];
  const work = async () => {
    running += 1;
    most.push(running);
    await Bun.sleep(1);
    running -= 1;
    return running;
  };
  expect(await Promise.all([1, 2, 3].map(() => oneAtATime(path, work)))).toEqual([0, 0, 0]);
  expect(most).toEqual([1, 1, 1]);
  expect(existsSync(path)).toBe(false);
});

test("a limit that one hits is the answer for all that waited for it, and not for the next", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "lock");
  let calls = 0;
  const limit = async () => {
    calls += 1;
    await Bun.sleep(1);
    throw new CompileLimitError("DeadlineExceeded", "it takes more than 1 ms");
  };
  const errors = await Promise.all(
    [1, 2, 3].map(() => oneAtATime(path, limit).catch((error: unknown) => error)),
  );
  for (const error of errors)
    expect(error).toMatchObject({ code: "DeadlineExceeded", message: "it takes more than 1 ms" });
  expect({ calls, left: existsSync(path) }).toEqual({ calls: 1, left: false });
  expect(await oneAtATime(path, () => Promise.resolve("made"))).toBe("made");
});

test("any other failure is its own: who waited tries by himself", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "lock");
  let calls = 0;
  const failing = async () => {
    calls += 1;
    await Bun.sleep(1);
    throw new Error("no space left");
  };
  await Promise.allSettled([1, 2].map(() => oneAtATime(path, failing)));
  expect(calls).toBe(2);
});

test("a file that a killed process has left, with whatever in it, is taken over", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "lock");
  writeFileSync(path, '{"code":"DeadlineExceeded","message":"of another boot"}');
  expect(await oneAtATime(path, () => Promise.resolve("made"))).toBe("made");
  expect(existsSync(path)).toBe(false);
});
