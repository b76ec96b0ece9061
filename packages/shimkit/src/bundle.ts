// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isObject, type RuntimeSpec } from "@runwasi/oci";

const EXIT_RESPONSE = "exit-response";
const DELETED = "deleted";

/** The OCI runtime that made a container: what `delete` needs when the daemon is gone. */
export interface RuntimeRecord {
  readonly executable: string;
  readonly root: string;
  readonly systemdCgroup: boolean;
}

/**
 * The folder that containerd makes for one task (`config.json`, `rootfs/`, `log`), and the files that a shim adds:
 * `init.pid`, `job`, `exec-*`, `update-*` and `criu-*` while such a call runs, `oci-runtime.json`, `oci-runtime.log`, `exit-response`, `deleted`, `address`. containerd removes it whole.
 *
 * containerd names it `<state>/io.containerd.runtime.v2.task/<namespace>/<id>`.
 */
export interface Bundle {
  readonly path: string;
  readonly rootfs: string;
  readonly pidFile: string;
  readonly runtimeLog: string;
}

/** Names the files of a bundle; nothing is opened. */
export function bundleAt(path: string): Bundle {
  return {
    path,
    rootfs: join(path, "rootfs"),
    pidFile: join(path, "init.pid"),
    runtimeLog: join(path, "oci-runtime.log"),
  };
}

/** Writes config.json for the OCI runtime, in the form the spec has now. */
export function writeSpec(bundle: Bundle, spec: RuntimeSpec): void {
  replaceFile(join(bundle.path, "config.json"), JSON.stringify(spec));
}

/** The pid that the OCI runtime wrote; undefined before it has made the process. */
export function readPidFile(path: string): number | undefined {
  const text = readIfThere(path);
  const pid = text === undefined ? 0 : Number(text);
  return isCount(pid) && pid > 0 ? pid : undefined;
}

export function writeRuntimeRecord(bundle: Bundle, record: RuntimeRecord): void {
  replaceFile(join(bundle.path, "oci-runtime.json"), JSON.stringify(record));
}

/** What `writeRuntimeRecord` wrote; undefined when no container was made in this bundle. */
export function readRuntimeRecord(bundle: Bundle): RuntimeRecord | undefined {
  const value = readJson(join(bundle.path, "oci-runtime.json"));
  if (value === undefined) return undefined;
  const { executable, root, systemdCgroup } = value;
  if (typeof executable !== "string" || typeof root !== "string") return undefined;
  return { executable, root, systemdCgroup: systemdCgroup === true };
}

/**
 * Records what a `delete` has to answer after the daemon was killed: an encoded DeleteResponse, so that `delete`, which
 * containerd 1.6 waits for at every deletion, need not load what encodes it.
 */
export function writeExitResponse(bundle: Bundle, response: Uint8Array): void {
  record(bundle, EXIT_RESPONSE, response);
}

/** What `writeExitResponse` wrote; undefined while init runs. */
export function readExitResponse(bundle: Bundle): Uint8Array | undefined {
  const path = join(bundle.path, EXIT_RESPONSE);
  return existsSync(path) ? readFileSync(path) : undefined;
}

/**
 * Records that nothing of the task is left, with the same response, for `containerd-shim.sh`: a line with this daemon's
 * pid, without which its socket may be left, and the response as printf(1)'s `%b` takes it.
 */
export function writeDeleted(bundle: Bundle, response: Uint8Array): void {
  const escaped = Array.from(response, (byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
  record(bundle, DELETED, `${process.pid} ${escaped}\n`);
}

/** Takes back what `writeDeleted` wrote for an earlier task in the same bundle. */
export function clearDeleted(bundle: Bundle): void {
  rmSync(join(bundle.path, DELETED), { force: true });
}

/**
 * The folder for the OCI runtime's state: `<containerd's state>/<runtime>/<namespace>`, where runc's shim and the
 * tools that inspect its containers keep it (`/run/containerd/runc/k8s.io`).
 */
export function runtimeRoot(bundle: Bundle, runtime: string, namespace: string): string {
  const tasks = dirname(dirname(bundle.path));
  const state = basename(tasks) === "io.containerd.runtime.v2.task" ? dirname(tasks) : "/run/containerd";
  return join(state, basename(runtime), namespace);
}

// What a protobuf uint32 takes: anything else would make the answer of `delete` fail.
function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // not written: the shim died or failed before
  }
}

function readJson(path: string): Record<string, unknown> | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // not ours, as replaceFile never leaves half a file
  }
}

function record(bundle: Bundle, name: string, content: string | Uint8Array): void {
  // The bundle's own removal may have overtaken this: then nobody will ask.
  if (existsSync(bundle.path)) replaceFile(join(bundle.path, name), content);
}

// A reader sees the old content or the new, never half: `delete` may read while the daemon is killed.
function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}
