// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { OciRuntimeError } from "./error.ts";
import { SEARCH_PATH } from "./find-runtime.ts";
import { releaseInit } from "./release-init.ts";
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

export interface OciRuntimeOptions {
  /** Absolute path of crun, runc or another runtime with runc's command line. */
  readonly executable: string;
  /** Folder of the runtime's state (`--root`). */
  readonly root: string;
  /** File for the runtime's JSON log, read when a call fails. */
  readonly logPath: string;
  readonly systemdCgroup: boolean;
  readonly spawn: Spawn;
}

export interface CreateOptions {
  readonly bundle: string;
  readonly pidFile: string;
  readonly stdio: [ChildStdio, ChildStdio, ChildStdio];
  readonly noPivotRoot: boolean;
  readonly noNewKeyring: boolean;
}

/**
 * Drives one OCI runtime executable for one container. Every call throws OciRuntimeError.
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.2.1/runtime.md#operations
 */
export interface OciRuntime {
  readonly executable: string;
  /** Makes the container with its init waiting for start; the init inherits `stdio`. */
  create(id: string, options: CreateOptions): Promise<void>;
  /** Lets init run. Where the spec is known to have no `poststart` hooks, this may go without a process. */
  start(id: string, hasPoststartHooks?: boolean): Promise<void>;
  /** Signals every process of the container. */
  killAll(id: string, signal: number): Promise<void>;
  /** Whether the runtime keeps a state of this container, told without running it. */
  hasState(id: string): boolean;
  /** Removes the container, killing what runs; one that does not exist is no error. */
  delete(id: string): Promise<void>;
}

/** Names an OCI runtime executable; nothing is run or held. */
export function openOciRuntime(options: OciRuntimeOptions): OciRuntime {
  const run = (stdio: SpawnOptions["stdio"], args: readonly string[]) => runRuntime(options, stdio, args);
  return {
    executable: options.executable,
    async create(id, { bundle, pidFile, stdio, noPivotRoot, noNewKeyring }) {
      const flags = [...(noPivotRoot ? ["--no-pivot"] : []), ...(noNewKeyring ? ["--no-new-keyring"] : [])];
      await run(stdio, ["create", "--bundle", bundle, "--pid-file", pidFile, ...flags, id]);
    },
    async start(id, hasPoststartHooks = true) {
      const isCrun = basename(options.executable) === "crun";
      if (isCrun && !hasPoststartHooks && releaseInit(options.root, id)) return;
      await run(NO_STDIO, ["start", id]);
    },
    async killAll(id, signal) {
      await run(NO_STDIO, ["kill", "--all", id, String(signal)]);
    },
    hasState: (id) => existsSync(join(options.root, id)),
    async delete(id) {
      try {
        await run(NO_STDIO, ["delete", "--force", id]);
      } catch (error) {
        if (!(error instanceof OciRuntimeError && error.kind === "no-such-container")) throw error;
      }
    },
  };
}

const NO_STDIO: SpawnOptions["stdio"] = ["ignore", "ignore", "ignore"];

async function runRuntime(
  { executable, root, logPath, systemdCgroup, spawn }: OciRuntimeOptions,
  stdio: SpawnOptions["stdio"],
  args: readonly string[],
): Promise<void> {
  const flags = ["--root", root, "--log", logPath, "--log-format", "json"];
  if (systemdCgroup) flags.push("--systemd-cgroup");
  const verb = args[0] ?? "";
  const loggedBefore = logSize(logPath);
  let child: Child;
  try {
    child = spawn([executable, ...flags, ...args], { stdio, env: RUNTIME_ENV, cwd: "/" });
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const kind = isMissing ? "not-installed" : "failed";
    throw new OciRuntimeError(kind, `cannot run "${executable}": ${messageOf(error)}`, { cause: error });
  }
  const status = await child.exited;
  if (status === 0) return;
  const words = lastLoggedError(logPath, loggedBefore) ?? `exit status ${status}`;
  // Errors of create carry words of the image (its paths), which must not choose the kind.
  const kind = verb === "create" ? "failed" : classifyFailure(words);
  throw new OciRuntimeError(kind, `${basename(executable)} ${verb}: ${words}`);
}

// crun's systemd driver and runc's hooks look for helpers on PATH; nothing of the daemon's own environment
// goes further.
const RUNTIME_ENV: Record<string, string> = {
  PATH: SEARCH_PATH,
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
