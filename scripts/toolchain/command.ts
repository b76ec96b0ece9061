// SPDX-License-Identifier: Apache-2.0

/**
 * Runs an installer with its output on our stderr (stdout is for results).
 * Throws with the command line when it fails or is not installed.
 */
export async function runInstaller(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [name = ""] = argv;
  if (Bun.which(name) === null) throw new Error(`cannot run "${name}": it is not on PATH (install it first)`);
  const child = Bun.spawn([...argv], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: 2,
    stderr: "inherit",
  });
  const status = await child.exited;
  if (status !== 0) throw new Error(`cannot install: "${argv.join(" ")}" ended with status ${status}`);
}
