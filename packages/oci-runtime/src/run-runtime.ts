// SPDX-License-Identifier: Apache-2.0
import { existsSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { OciRuntimeError } from "./error.ts";
import { SEARCH_PATH } from "./find-runtime.ts";
import { classifyFailure, lastLoggedError, logSize } from "./runtime-log.ts";

/** What a child gets as its fd 0, 1 or 2: an fd of ours, /dev/null, or a pipe to read. */
export type ChildStdio = number | "ignore" | "pipe";

export interface SpawnOptions {
  readonly stdio: [ChildStdio, ChildStdio, ChildStdio, ...ChildStdio[]];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/** The part of a Bun subprocess that is used here. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<number>;
  readonly stdout: ReadableStream<Uint8Array> | number | null | undefined;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/**
 * Starts a child process. The caller gives its own, because a shim has to tell its reaper which children are
 * waited for by Bun.
 */
export type Spawn = (argv: string[], options: SpawnOptions) => Child;

/** An OCI runtime executable, and what all its calls have in common. */
export interface OciRuntimeOptions {
  /** Absolute path of crun, runc or another runtime with runc's command line. */
  readonly executable: string;
  /** Folder of the runtime's state (`--root`). */
  readonly root: string;
  /** The working folder of all calls, or `/` where it has gone; what stands in front of a runtime reads config.json there. */
  readonly bundle: string;
  /** File for the runtime's JSON log, read when a call fails. */
  readonly logPath: string;
  readonly systemdCgroup: boolean;
  readonly spawn: Spawn;
  /** Beside PATH, or in its place. */
  readonly env?: Readonly<Record<string, string>>;
}

/** For a call that neither reads nor writes. */
export const NO_STDIO: SpawnOptions["stdio"] = ["ignore", "ignore", "ignore"];

/** Runs one call of an OCI runtime to its end. @throws OciRuntimeError with the words that it logged. */
export async function runRuntime(
  { executable, root, bundle, logPath, systemdCgroup, spawn, env }: OciRuntimeOptions,
  stdio: SpawnOptions["stdio"],
  args: readonly string[],
): Promise<void> {
  const flags = ["--root", root, "--log", logPath, "--log-format", "json"];
  if (systemdCgroup) flags.push("--systemd-cgroup");
  const verb = args[0] ?? "";
  // youki writes over what an earlier call has logged.
  if (basename(executable) === "youki") rmSync(logPath, { force: true });
  const loggedBefore = logSize(logPath);
  let child: Child;
  try {
    const cwd = existsSync(bundle) ? bundle : "/"; // `delete` may come late
    const options = { stdio, env: { ...runtimeEnvironment(), ...env }, cwd };
    child = spawn([executable, ...flags, ...args], options);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const kind = isMissing ? "not-installed" : "failed";
    throw new OciRuntimeError(kind, `cannot run "${executable}": ${messageOf(error)}`, { cause: error });
  }
  const status = await child.exited;
  if (status === 0) return;
  const words = lastLoggedError(logPath, loggedBefore) ?? `exit status ${status}`;
  const kind = SAYING_WHY.has(verb) ? classifyFailure(words) : "failed";
  throw new OciRuntimeError(kind, `${basename(executable)} ${verb}: ${words}`);
}

// The errors of create and exec carry words of the image (its paths), those of update the caller's, which must not choose
// the kind.
const SAYING_WHY: ReadonlySet<string> = new Set(["start", "kill", "delete", "pause", "resume"]);

/** Where a rootless runtime finds its user's systemd, which makes its cgroups; of no interest to root. */
const OF_THE_SESSION = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] as const;

// crun's systemd driver and runc's hooks look for helpers on PATH; nothing else of the daemon's own environment
// goes further.
function runtimeEnvironment(): Record<string, string> {
  const env: Record<string, string> = { PATH: SEARCH_PATH };
  for (const name of OF_THE_SESSION) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
