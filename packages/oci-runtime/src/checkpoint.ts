// SPDX-License-Identifier: Apache-2.0
import { OciRuntimeError } from "./error.ts";
import type { ChildStdio } from "./run-runtime.ts";

/** How a CRIU of the caller's choice is used: none of crun and runc has an option for either. */
export interface Criu {
  /** Folder of the `criu` to use, before the search path. */
  readonly folder?: string | undefined;
  /** A configuration file that it reads beside its own; criu(8), CRIU_CONFIG_FILE. */
  readonly config?: string | undefined;
}

export interface CheckpointOptions extends Criu {
  /** Folder that takes the images. */
  readonly imagePath: string;
  /** Folder for CRIU's log, `dump.log`. */
  readonly workPath: string;
  /** Images of an earlier pre-dump, relative to `imagePath`; empty for none. */
  readonly parentPath: string;
  readonly leaveRunning: boolean;
  readonly tcpEstablished: boolean;
  readonly externalUnixSockets: boolean;
  readonly terminal: boolean;
  readonly fileLocks: boolean;
  /** Linux namespaces to restore empty; runc alone knows them. */
  readonly emptyNamespaces: readonly string[];
  /** `soft`, `full`, `strict`, `ignore`; empty for the runtime's default. */
  readonly cgroupsMode: string;
}

export interface RestoreOptions extends Criu {
  readonly bundle: string;
  readonly pidFile: string;
  readonly imagePath: string;
  /** Folder for CRIU's log, `restore.log`. */
  readonly workPath: string;
  readonly stdio: [ChildStdio, ChildStdio, ChildStdio];
  readonly consoleSocket?: string | undefined;
  readonly noPivotRoot: boolean;
}

/** The arguments of `checkpoint`, which crun and runc have in common but for `--empty-ns`. */
export function checkpointArguments(id: string, options: CheckpointOptions): readonly string[] {
  const { imagePath, workPath, parentPath, cgroupsMode, emptyNamespaces } = options;
  return [
    "checkpoint",
    "--image-path",
    imagePath,
    "--work-path",
    workPath,
    ...(parentPath === "" ? [] : ["--parent-path", parentPath]),
    ...(options.leaveRunning ? ["--leave-running"] : []),
    ...(options.tcpEstablished ? ["--tcp-established"] : []),
    ...(options.externalUnixSockets ? ["--ext-unix-sk"] : []),
    ...(options.terminal ? ["--shell-job"] : []),
    ...(options.fileLocks ? ["--file-locks"] : []),
    ...emptyNamespaces.flatMap((name) => ["--empty-ns", name]),
    ...(cgroupsMode === "" ? [] : ["--manage-cgroups-mode", cgroupsMode]),
    id,
  ];
}

/**
 * The arguments of `restore`. It takes what was checkpointed, open TCP connections and the rest: whoever made the
 * checkpoint has chosen.
 */
export function restoreArguments(id: string, options: RestoreOptions, isCrun: boolean): readonly string[] {
  const { bundle, pidFile, imagePath, workPath, consoleSocket, noPivotRoot } = options;
  return [
    "restore",
    "--detach",
    "--bundle",
    bundle,
    "--pid-file",
    pidFile,
    "--image-path",
    imagePath,
    "--work-path",
    workPath,
    "--tcp-established",
    "--ext-unix-sk",
    "--file-locks",
    ...(consoleSocket === undefined ? [] : ["--shell-job", "--console-socket", consoleSocket]),
    // crun has neither: it leaves reaping to others in any case.
    ...(isCrun ? [] : ["--no-subreaper", ...(noPivotRoot ? ["--no-pivot"] : [])]),
    id,
  ];
}

/** What a runtime that is built without CRIU answers: that it has no such command, and only on its stderr. */
export function explainedCheckpoint(error: unknown): never {
  if (!(error instanceof OciRuntimeError) || !/: exit status \d+$/.test(error.message)) throw error;
  const reason = `${error.message} (as of an OCI runtime that is built without CRIU)`;
  throw new OciRuntimeError(error.kind, reason, { cause: error });
}
