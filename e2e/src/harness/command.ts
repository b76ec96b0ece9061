// SPDX-License-Identifier: Apache-2.0
import { PATIENCE } from "./patience.ts";

export interface CommandOptions {
  readonly stdin?: Uint8Array | string;
  /** Answers when stdin may be closed, should the command not have ended by then; at once when absent. */
  readonly stdinOpenUntil?: () => Promise<unknown>;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 + the signal's number when a signal ended the command. */
  readonly exitCode: number;
}

export interface CommandBytes extends Omit<CommandResult, "stdout"> {
  readonly stdout: Uint8Array;
}

const DEFAULT_TIMEOUT_MS = 30_000 * PATIENCE;

/** Runs a command to its end. Throws, with what it printed, when it has not ended in time. */
export async function runCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runForBytes(argv, options);
  return { ...result, stdout: new TextDecoder().decode(result.stdout) };
}

/** As `runCommand`, for output that is not text or is too long to be worth decoding. */
export async function runForBytes(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandBytes> {
  const { stdin = "", timeoutMs = DEFAULT_TIMEOUT_MS, env, cwd } = options;
  const child = Bun.spawn([...argv], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  const feeding = feed(child, stdin, options.stdinOpenUntil);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  try {
    const output = Promise.all([child.stdout.bytes(), child.stderr.text(), child.exited, feeding]);
    const [stdout, stderr, exitCode] = await output;
    if (timedOut) {
      const printed = new TextDecoder().decode(stdout.subarray(-2000)) + stderr.slice(-2000);
      throw new Error(`command "${argv.join(" ")}" has not ended in ${timeoutMs} ms, printed: ${printed}`);
    }
    return { stdout, stderr, exitCode };
  } finally {
    clearTimeout(timer);
  }
}

async function feed(
  child: Bun.Subprocess<"pipe", "pipe", "pipe">,
  content: Uint8Array | string,
  openUntil: CommandOptions["stdinOpenUntil"],
): Promise<void> {
  try {
    if (content.length > 0) await child.stdin.write(content);
    await child.stdin.flush();
    if (openUntil !== undefined) await Promise.race([openUntil(), child.exited]);
    await child.stdin.end();
  } catch (error) {
    // A command may end without having read its input; what it did with it shows in its output.
    if (!isBrokenPipe(error)) throw error;
  }
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

/** As `runCommand`, but a status other than 0 throws with the command's stderr. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(argv, options);
  if (exitCode !== 0) throw new Error(`command "${argv.join(" ")}" ended with ${exitCode}: ${stderr}`);
  return stdout;
}
