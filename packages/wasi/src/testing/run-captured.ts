// SPDX-License-Identifier: Apache-2.0
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kernel } from "../kernel.ts";
import { openKernel } from "../linux-kernel.ts";
import { runOnKernel, type WasiOptions } from "../run.ts";

/** What a guest left. */
export interface Captured {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A guest to run in this process, `name` being its args[0]; what is left out is empty. */
export interface CapturedOptions extends Partial<Omit<WasiOptions, "module" | "stdio">> {
  readonly module: Uint8Array;
  readonly stdin?: string;
  readonly kernel?: () => Kernel;
}

/** Runs a guest in this process with files as its stdio, which are removed again. */
export function runCaptured(options: CapturedOptions): Captured {
  const folder = mkdtempSync(join(tmpdir(), "wasi-stdio-"));
  const [stdin, stdout, stderr] = ["stdin", "stdout", "stderr"].map((name) => join(folder, name));
  if (stdin === undefined || stdout === undefined || stderr === undefined) throw new Error("unreachable");
  writeFileSync(stdin, options.stdin ?? "");
  const fds: [number, number, number] = [openSync(stdin, "r"), openSync(stdout, "w"), openSync(stderr, "w")];
  try {
    const guest = { args: ["guest"], env: [], preopens: [], ...options, stdio: fds };
    const exitCode = runOnKernel(guest, options.kernel ?? openKernel);
    return { exitCode, stdout: readFileSync(stdout, "utf8"), stderr: readFileSync(stderr, "utf8") };
  } finally {
    for (const fd of fds) closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
