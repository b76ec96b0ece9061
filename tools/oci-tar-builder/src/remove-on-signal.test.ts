// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s ends the file and then the process",
  async (signal) => {
    const partial = join(tmpdir(), `oci-tar-builder-${process.pid}.partial`);
    writeFileSync(partial, "half");
    const code = `const { removeOnSignal } = await import(${JSON.stringify(join(import.meta.dir, "remove-on-signal.ts"))});
    using removal = removeOnSignal(${JSON.stringify(partial)});
    process.kill(process.pid, ${JSON.stringify(signal)});
    await new Promise((resolve) => setTimeout(resolve, 60_000));`;
    const child = Bun.spawn([process.execPath, "--eval", code], { stderr: "inherit" });
    await child.exited;
    expect(child.signalCode).toBe(signal);
    expect(existsSync(partial)).toBe(false);
  },
);
