// SPDX-License-Identifier: Apache-2.0

/**
 * Runs an installer with its output on our stderr (stdout is for results).
 * Throws with the command line when it fails or is not installed.
 */
export async function runInstaller(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  assertInstalled(argv);
  const child = Bun.spawn([...argv], {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: 2,
    stderr: "inherit",
  });
  const status = await child.exited;
  if (status !== 0) throw new Error(`cannot install: "${argv.join(" ")}" ended with status ${status}`);
}

/**
 * Answers what a command prints on stdout; its stderr is ours.
 * Throws with the command line when it fails or is not installed.
 */
export async function readCommand(argv: readonly string[]): Promise<string> {
  assertInstalled(argv);
  const child = Bun.spawn([...argv], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const output = await child.stdout.text();
  const status = await child.exited;
  if (status !== 0) throw new Error(`cannot read "${argv.join(" ")}": it ended with status ${status}`);
  return output;
}

function assertInstalled([name = ""]: readonly string[]): void {
  if (Bun.which(name) === null) throw new Error(`cannot run "${name}": it is not on PATH (install it first)`);
}
