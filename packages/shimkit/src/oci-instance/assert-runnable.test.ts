// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { RuntimeSpec } from "@runwasi/oci";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { rejection } from "../testing/rejection.ts";
import { assertRunnable } from "./assert-runnable.ts";

const PROGRAM: RuntimeSpec = { ociVersion: "1.0.0", process: { cwd: "/", args: ["/x"] } };

test("a spec with a program and an ordinary /dev is fine, mounted or not", () => {
  using folder = createTemporaryFolder();
  assertRunnable(PROGRAM, folder.path);
  mkdirSync(join(folder.path, "rootfs/dev"), { recursive: true });
  assertRunnable(PROGRAM, folder.path);
});

test("a /dev of the image that is a symlink is InvalidArgument unless something is mounted on it", async () => {
  using folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "rootfs"));
  for (const target of ["/dev", "../outside", "dangling"]) {
    symlinkSync(target, join(folder.path, "rootfs/dev"));
    expect((await rejection(() => assertRunnable(PROGRAM, folder.path))).code).toBe("InvalidArgument");
    assertRunnable({ ...PROGRAM, mounts: [{ destination: "/x/../dev/", type: "tmpfs" }] }, folder.path);
    const elsewhere = { ...PROGRAM, mounts: [{ destination: "/dev/shm", type: "tmpfs" }] };
    expect((await rejection(() => assertRunnable(elsewhere, folder.path))).code).toBe("InvalidArgument");
    await Bun.file(join(folder.path, "rootfs/dev")).delete();
  }
});
