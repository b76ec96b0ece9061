// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, readSync, symlinkSync, writeFileSync } from "node:fs";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { makeFifo } from "../testing/fifo.ts";
import { openFds } from "../testing/open-fds.ts";
import { openBundleLog } from "./logger.ts";

const INFO = { minLevel: "info", fields: { runtime: "test" } } as const;

/** Takes what the FIFO holds now. */
function take(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = new Uint8Array(1 << 20);
    return new TextDecoder().decode(buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, null)));
  } catch {
    return ""; // EAGAIN: it is empty
  } finally {
    closeSync(fd);
  }
}

test("lines written before containerd opens the FIFO are kept, below the level asked for are not", () => {
  using folder = createTemporaryFolder();
  const fifo = makeFifo(folder.path, "log");
  using log = openBundleLog(folder.path, INFO);
  log.debug("hidden");
  log.info("one");
  log.warn("two", { id: "x" });
  log.error("three");
  const lines = take(fifo).trimEnd().split("\n");
  expect(lines.map((line) => / level=\w+ .*/.exec(line)?.[0])).toEqual([
    ' level=info msg="one" runtime=test',
    ' level=warning msg="two" runtime=test id=x',
    ' level=error msg="three" runtime=test',
  ]);
});

test("-debug shows debug lines", () => {
  using folder = createTemporaryFolder();
  const fifo = makeFifo(folder.path, "log");
  using log = openBundleLog(folder.path, { ...INFO, minLevel: "debug" });
  log.debug("shown");
  expect(take(fifo)).toContain('level=debug msg="shown"');
});

test("a full FIFO drops whole lines and never blocks; they flow again once it is read", () => {
  using folder = createTemporaryFolder();
  const fifo = makeFifo(folder.path, "log");
  using log = openBundleLog(folder.path, INFO);
  for (let index = 0; index < 3000; index += 1) log.info(`line ${index} ${"x".repeat(index % 97)}`);
  const held = take(fifo);
  expect(held.endsWith("\n")).toBe(true);
  for (const line of held.trimEnd().split("\n"))
    expect(line).toMatch(/^time="[^"]+" level=info msg="line \d+ x*" runtime=test$/);
  log.info("after");
  expect(take(fifo)).toMatch(/^time="[^"]+" level=info msg="after" runtime=test\n$/);
});

test("a line that the FIFO would cut is shortened", () => {
  using folder = createTemporaryFolder();
  const fifo = makeFifo(folder.path, "log");
  using log = openBundleLog(folder.path, INFO);
  log.error("\u202e".repeat(100_000));
  log.error("next");
  const [long = "", next = ""] = take(fifo).split("\n");
  expect(Buffer.byteLength(long)).toBeLessThan(4096);
  expect(long).toMatch(/…" runtime=test$/);
  expect(next).toContain('msg="next"');
});

test("without a FIFO, in no bundle and behind a symlink nothing is logged and nothing opened", () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  using _none = openBundleLog(folder.path, INFO);
  using _noBundle = openBundleLog(join(folder.path, "absent"), INFO);
  writeFileSync(join(folder.path, "target"), "");
  symlinkSync("target", join(folder.path, "log"));
  using linked = openBundleLog(folder.path, INFO);
  linked.error("lost");
  expect(openFds()).toEqual(before);
  expect(readFileSync(join(folder.path, "target"), "utf8")).toBe("");
});

test("dispose gives the fd back, twice is fine, and later lines are dropped", () => {
  using folder = createTemporaryFolder();
  makeFifo(folder.path, "log");
  const before = openFds();
  const log = openBundleLog(folder.path, INFO);
  expect(openFds()).not.toEqual(before);
  log[Symbol.dispose]();
  log[Symbol.dispose]();
  log.error("late");
  expect(openFds()).toEqual(before);
});
