// SPDX-License-Identifier: Apache-2.0
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import type { SpecProcess } from "@runwasi/oci";
import type { Spawn } from "@runwasi/oci-runtime";
import type { Bundle } from "./bundle.ts";
import type { ExitStatus, Reaper } from "./daemon/reaper.ts";
import type { Logger } from "./log/logger.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import type { Stdio } from "./stdio/stdio.ts";

/**
 * A created container, as the Task service drives it: what a shim author implements for full control.
 *
 * The service holds the states and calls only what fits: `start` once and `delete` once, after the exit, or again when
 * they threw. Every method may throw ShimError, whose code containerd sees. Capabilities that an instance lacks are
 * absent; the service answers Unimplemented for them.
 */
export interface Instance {
  /** Host pid of the container's init; 0 for one to be restored, which `start` makes. */
  readonly pid: number;
  /** Resolves when init has ended, started or not. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** Lets the created container run. */
  start(): Promise<void>;
  /** Sends a signal to init, or with `all` to every process. NotFound when it has ended. */
  kill(signal: number, all: boolean): Promise<void>;
  /** Gives back what the container held: cgroups, runtime state. Called after the exit. */
  delete(): Promise<void>;
  /**
   * How many processes of the container the kernel has ended for want of memory; after the exit, how many there were. Must not
   * throw.
   */
  oomKills?(): bigint;
  /** Whether a limit of memory is set by now: then `oomKills` is asked time and again. */
  readonly limitsMemory?: boolean;
  /** Host pids of all processes in the container. */
  pids?(): readonly number[];
  /** Resource use, as one of containerd's metrics messages. */
  stats?(): Promise<Any>;
  /** Runs another process in the container. On failure it throws and leaves nothing behind, but for the stdio. */
  exec?(request: ExecRequest): Promise<ExecProcess>;
  /** Stops every process of the container where it is. */
  pause?(): Promise<void>;
  /** Lets the processes of a paused container go on. */
  resume?(): Promise<void>;
  /** Changes limits of the container. @param resources `linux.resources` of the OCI runtime specification, as JSON */
  update?(resources: string): Promise<void>;
  /** Writes the container's processes to files, from which a container can be made. */
  checkpoint?(request: CheckpointRequest): Promise<void>;
}

/** What a checkpoint holds, and where. */
export interface CheckpointRequest {
  /** Folder for the images; its parent is there. */
  readonly path: string;
  /** Folder for CRIU's log; empty for a temporary one. */
  readonly workPath: string;
  /** Images of an earlier pre-dump, relative to `path`; empty for none. */
  readonly parentPath: string;
  /** Whether the container ends with it. */
  readonly exit: boolean;
  readonly openTcp: boolean;
  readonly externalUnixSockets: boolean;
  readonly terminal: boolean;
  readonly fileLocks: boolean;
  readonly emptyNamespaces: readonly string[];
  /** Empty for the runtime's default. */
  readonly cgroupsMode: string;
}

/** What an exec runs. The stdio is open when an instance gets it, and the caller's. */
export interface ExecRequest {
  readonly process: SpecProcess;
  readonly stdio: Stdio;
}

/** A process that was started in a container beside its init. */
export interface ExecProcess {
  /** Host pid. */
  readonly pid: number;
  /** Resolves when it has ended. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** Throws ShimError NotFound when it has ended. */
  kill(signal: number): void;
}

/** What a container is made from. The rootfs is mounted and the stdio open when a factory gets it. */
export interface InstanceRequest {
  readonly id: string;
  readonly namespace: string;
  readonly bundle: Bundle;
  readonly stdio: Stdio;
  readonly options: RuntimeOptions;
  readonly log: Logger;
  /** Folder with the images of a checkpoint to restore instead; `start` does. */
  readonly checkpoint?: string | undefined;
}

/** What the daemon lends to instances. */
export interface InstanceHost {
  readonly reaper: Reaper;
  readonly spawn: Spawn;
  /** Folder for what one boot of the host may keep; lost at reboot. */
  readonly stateDir: string;
  /** Path of containerd's gRPC socket. */
  readonly containerdAddress: string;
}

/**
 * Makes a container with its init waiting for start. On failure it throws and leaves nothing behind, but for the
 * rootfs mount and the stdio, which stay the caller's.
 */
export type CreateInstance = (request: InstanceRequest, host: InstanceHost) => Promise<Instance>;
