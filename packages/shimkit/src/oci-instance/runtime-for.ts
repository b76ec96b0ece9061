// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  findRuntime,
  openOciRuntime,
  OciRuntimeError,
  type OciRuntime,
  type OciRuntimeFailure,
  type Spawn,
} from "@runwasi/oci-runtime";
import { runtimeRoot, writeRuntimeRecord, type Bundle, type RuntimeRecord } from "../bundle.ts";
import { ShimError, type Code } from "../error.ts";
import type { InstanceRequest } from "../instance.ts";

const CODES: Readonly<Record<OciRuntimeFailure, Code>> = {
  "not-installed": "FailedPrecondition",
  "no-such-container": "NotFound",
  "not-running": "NotFound",
  failed: "Unknown", // as runc's shim answers, and all that one exit status tells
};

/**
 * The OCI runtime for a new container, by its options and cgroups path; recorded in the bundle, so that `delete`
 * finds it after the daemon's death.
 *
 * @throws ShimError FailedPrecondition when none is installed.
 */
export async function chooseRuntime(
  request: InstanceRequest,
  cgroupsPath: string | undefined,
  spawn: Spawn,
): Promise<OciRuntime> {
  const { bundle, namespace, options, log } = request;
  const { executable, reason } = await translated(() => findRuntime(options.binaryName));
  if (reason !== undefined) log.warn(`using ${executable}: ${reason}`);
  // As under runc's shim, below the option's folder too: ids are a namespace's own.
  const root =
    options.root === "" ? runtimeRoot(bundle, executable, namespace) : join(options.root, namespace);
  const record: RuntimeRecord = {
    executable,
    root,
    systemdCgroup: options.systemdCgroup ?? isSystemdPath(cgroupsPath),
  };
  mkdirSync(root, { recursive: true, mode: 0o700 });
  writeRuntimeRecord(bundle, record);
  return openRecorded(bundle, record, spawn);
}

/** The OCI runtime that a record names. */
export function openRecorded(bundle: Bundle, record: RuntimeRecord, spawn: Spawn): OciRuntime {
  return openOciRuntime({ ...record, bundle: bundle.path, logPath: bundle.runtimeLog, spawn });
}

/** CRI says SystemdCgroup only to runc's own shim; to others the form `slice:prefix:name` tells. */
export function isSystemdPath(cgroupsPath: string | undefined): boolean {
  return cgroupsPath !== undefined && /^[^/:]*:[^/:]*:[^/:]+$/.test(cgroupsPath);
}

/** Runs a call of the OCI runtime, its failure turned into a ShimError. */
export async function translated<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof OciRuntimeError)) throw error;
    throw new ShimError(CODES[error.kind], error.message, { cause: error });
  }
}
