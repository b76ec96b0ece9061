// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { CheckpointOptions, Criu, RestoreOptions } from "./checkpoint.ts";
import { OciRuntimeError } from "./error.ts";
import { SEARCH_PATH } from "./find-runtime.ts";
import { releaseInit } from "./release-init.ts";
import {
  NO_STDIO,
  runRuntime,
  type ChildStdio,
  type OciRuntimeOptions,
  type SpawnOptions,
} from "./run-runtime.ts";

export interface CreateOptions {
  readonly bundle: string;
  readonly pidFile: string;
  readonly stdio: [ChildStdio, ChildStdio, ChildStdio];
  /** Unix socket to which the runtime sends the master of a terminal (SCM_RIGHTS); for a process with one. */
  readonly consoleSocket?: string | undefined;
  readonly noPivotRoot: boolean;
  readonly noNewKeyring: boolean;
}

export interface ExecOptions {
  /** File with `process` of the OCI runtime specification as JSON. */
  readonly process: string;
  readonly pidFile: string;
  /** The runtime's log for this call alone: execs run at the same time. */
  readonly logPath: string;
  readonly stdio: CreateOptions["stdio"];
  readonly consoleSocket?: string | undefined;
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
  /**
   * Runs another process in the container, which inherits `stdio` and is left to the nearest subreaper. Succeeds before
   * the program is executed, as `start` does.
   */
  exec(id: string, options: ExecOptions): Promise<void>;
  /** Freezes every process of the container. */
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Changes limits. @param resources file with `linux.resources` of the specification as JSON */
  update(id: string, resources: string): Promise<void>;
  /** Writes the processes of the container to files by CRIU, and ends them unless they are to go on. */
  checkpoint(id: string, options: CheckpointOptions): Promise<void>;
  /** Makes the container from such files, running; its init inherits `stdio` and is left to the nearest subreaper. */
  restore(id: string, options: RestoreOptions): Promise<void>;
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
    async create(id, { bundle, pidFile, stdio, consoleSocket, noPivotRoot, noNewKeyring }) {
      const flags = [...(noPivotRoot ? ["--no-pivot"] : []), ...(noNewKeyring ? ["--no-new-keyring"] : [])];
      flags.push(...consoleFlags(consoleSocket));
      await run(stdio, ["create", "--bundle", bundle, "--pid-file", pidFile, ...flags, id]);
    },
    async start(id, hasPoststartHooks = true) {
      const isCrun = basename(options.executable) === "crun";
      if (isCrun && !hasPoststartHooks && releaseInit(options.root, id)) return;
      await run(NO_STDIO, ["start", id]);
    },
    async exec(id, { process, pidFile, logPath, stdio, consoleSocket }) {
      const flags = ["--detach", "--process", process, "--pid-file", pidFile, ...consoleFlags(consoleSocket)];
      await runRuntime({ ...options, logPath }, stdio, ["exec", ...flags, id]);
    },
    async pause(id) {
      await run(NO_STDIO, ["pause", id]);
    },
    async resume(id) {
      await run(NO_STDIO, ["resume", id]);
    },
    async update(id, resources) {
      await run(NO_STDIO, ["update", "--resources", resources, id]);
    },
    async checkpoint(id, checkpoint) {
      const { checkpointArguments, explainedCheckpoint } = await import("./checkpoint.ts");
      const args = checkpointArguments(id, checkpoint);
      await runRuntime(withCriu(options, checkpoint), NO_STDIO, args).catch(explainedCheckpoint);
    },
    async restore(id, restore) {
      const { restoreArguments } = await import("./checkpoint.ts");
      const isCrun = basename(options.executable) === "crun";
      await runRuntime(withCriu(options, restore), restore.stdio, restoreArguments(id, restore, isCrun));
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

function withCriu(options: OciRuntimeOptions, { folder, config }: Criu): OciRuntimeOptions {
  const env = {
    ...(folder !== undefined && { PATH: `${folder}:${SEARCH_PATH}` }),
    ...(config !== undefined && { CRIU_CONFIG_FILE: config }),
  };
  return { ...options, env };
}

function consoleFlags(socket: string | undefined): readonly string[] {
  return socket === undefined ? [] : ["--console-socket", socket];
}
