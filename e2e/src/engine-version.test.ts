// SPDX-License-Identifier: Apache-2.0
// An engine on the node that is none, or too old.
import { expect, test } from "bun:test";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DIST, startContainerd } from "./harness/containerd.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, importImages } from "./harness/images.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const image = imageName("wasm");
const images = async () => [await wasmImage("wasm", ["hello"])];

const script = (prints: string) => (path: string) =>
  writeFile(path, `#!/bin/sh\necho "${prints}"\n`, { mode: 0o755 });

forEachShim(
  SHIMS.filter((name) => name === "wasmtime"),
  () => Promise.resolve([]),
  ({ version, runtime }) => {
    test.each([
      ["a script of version 1.0.0", script("wasmtime 1.0.0"), "it is of version 1.0.0"],
      [
        "a script of version 47.9.9",
        script("wasmtime 47.9.9 (0123abc 2025-01-01)"),
        "it is of version 47.9.9",
      ],
      ["a script that prints something else", script("hello"), "it says no version"],
      [
        "an executable that knows no --version",
        (path: string) => copyFile("/usr/bin/busybox", path),
        "it says no version",
      ],
    ])("%s fails Create by name", async (_title, make, tells) => {
      await using cleanup = new AsyncDisposableStack();
      const folder = await mkdtemp(join(tmpdir(), "runwasi-engine-"));
      cleanup.defer(() => rm(folder, { recursive: true }));
      await mkdir(join(folder, "bin"));
      const executable = join(folder, "bin", "wasmtime");
      await make(executable);
      const path = [DIST, join(folder, "bin"), "/usr/sbin", "/usr/bin", "/bin"];
      const containerd = cleanup.use(await startContainerd({ version, path }));
      await importImages(containerd, await images());
      const { stdout, stderr, exitCode } = await runContainer(containerd, { runtime, image });
      expect({ stdout, failed: exitCode !== 0 }).toEqual({ stdout: "", failed: true });
      expect(stderr).toContain(
        `cannot use engine "${executable}": ${tells} (wasmtime 48.0.0 or newer is needed)`,
      );
    });
  },
);
