// SPDX-License-Identifier: Apache-2.0
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ComponentOptions, runComponent } from "../run-component.ts";

/** What a guest left. */
export interface Captured {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A guest to run in this process; what is left out is empty. */
export interface CapturedOptions extends Partial<Omit<ComponentOptions, "component" | "stdio">> {
  readonly component: ComponentOptions["component"];
  readonly stdin?: string;
}

/** Runs a component in this process with files as its stdio, which are removed again. */
export async function runCaptured(options: CapturedOptions): Promise<Captured> {
  const folder = mkdtempSync(join(tmpdir(), "preview2-stdio-"));
  const [stdin, stdout, stderr] = [join(folder, "stdin"), join(folder, "stdout"), join(folder, "stderr")];
  writeFileSync(stdin, options.stdin ?? "");
  const fds: [number, number, number] = [openSync(stdin, "r"), openSync(stdout, "w"), openSync(stderr, "w")];
  try {
    const guest = { args: ["guest"], env: [], preopens: [], ...options, stdio: fds };
    const exitCode = await runComponent(guest);
    return { exitCode, stdout: readFileSync(stdout, "utf8"), stderr: readFileSync(stderr, "utf8") };
  } finally {
    for (const fd of fds) closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
