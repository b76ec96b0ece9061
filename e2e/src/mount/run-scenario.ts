// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a scenario found, and what it left behind. */
export interface Outcome {
  readonly result: Record<string, unknown>;
  /** Lines of mountinfo more than before. */
  readonly leftMounts: number;
  /** Descriptors of files, devices and namespaces more than before. */
  readonly leftFds: number;
  readonly workingDirectory: string;
}

/**
 * Runs a scenario of `scenarios.ts` in a mount namespace of its own, so that nothing it mounts is ever seen by
 * the host, with a scratch folder that is removed afterwards. Needs root.
 */
export async function runScenario(name: string): Promise<Outcome> {
  const scratch = await mkdtemp(join(tmpdir(), "runwasi-mount-"));
  try {
    const argv = ["unshare", "--mount", "--propagation", "private", process.execPath];
    const child = Bun.spawn([...argv, join(import.meta.dir, "scenarios.ts"), name, scratch], {
      cwd: "/",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr, status] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (status !== 0) throw new Error(`scenario "${name}" ended with ${status}: ${stderr}`);
    return JSON.parse(stdout);
  } finally {
    await rm(scratch, { recursive: true });
  }
}
