// SPDX-License-Identifier: Apache-2.0
import { closeSync, mkdirSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { makeFifo } from "../testing/fifo.ts";
import { openFds } from "../testing/open-fds.ts";
import { rejection } from "../testing/rejection.ts";
import { openFifo } from "./fifo.ts";

test("both ends open with nobody at the other, and are of one FIFO", () => {
  using folder = createTemporaryFolder();
  const { read, write } = openFifo(makeFifo(folder.path, "f"), "stdin");
  writeSync(write, "through");
  const buffer = new Uint8Array(16);
  expect(new TextDecoder().decode(buffer.subarray(0, readSync(read, buffer)))).toBe("through");
  closeSync(write);
  expect(readSync(read, buffer)).toBe(0); // no third, hidden writer
  closeSync(read);
});

test("the ends block, as programs take their stdio to", () => {
  using folder = createTemporaryFolder();
  const { read, write } = openFifo(makeFifo(folder.path, "f"), "stdin");
  const NONBLOCK = 0o4000;
  for (const fd of [read, write]) {
    const info = Bun.spawnSync(["cat", `/proc/${process.pid}/fdinfo/${fd}`]).stdout.toString();
    const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? "", 8);
    expect(flags & NONBLOCK).toBe(0);
  }
  closeSync(read);
  closeSync(write);
});

test("a path that cannot be opened is InvalidArgument, named, and leaves no fd", async () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  mkdirSync(join(folder.path, "folder"));
  for (const name of ["absent", "folder"]) {
    const path = join(folder.path, name);
    const error = await rejection(() => openFifo(path, "stdin"));
    expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining(path) });
  }
  expect(openFds()).toEqual(before);
});
