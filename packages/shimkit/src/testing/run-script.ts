// SPDX-License-Identifier: Apache-2.0

/** How a script that ran in a Bun process of its own ended. */
export interface ScriptResult {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

/**
 * Runs TypeScript in a process of its own: for what changes the whole process (a subreaper, a signal handler). Imports
 * are relative to `from`.
 */
export async function runScript(from: string, script: string): Promise<ScriptResult> {
  const child = Bun.spawn([process.execPath, "-e", script], {
    cwd: from,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { output, errors, exitCode };
}
