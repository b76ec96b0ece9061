// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { OciRuntimeError } from "./error.ts";

/** Where OCI runtimes are looked for after PATH, which may be short in the environment that containerd gives a shim. */
export const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const CGROUP2_SUPER_MAGIC = 0x63677270;

export interface FoundRuntime {
  readonly executable: string;
  /** Why this one, when it is not the first choice. */
  readonly reason?: string;
}

/**
 * The OCI runtime to use: the one named, else crun where it works, else runc.
 *
 * @param name an absolute path or a name on the search path; empty for the default
 * @throws OciRuntimeError `not-installed` naming what is missing.
 */
export function findRuntime(name: string): FoundRuntime {
  if (name !== "") {
    const executable = findExecutable(name);
    if (executable === undefined) throw notInstalled(`"${name}"`);
    return { executable };
  }
  const crun = findExecutable("crun");
  const obstacle = crun === undefined ? "crun is not installed" : crunObstacle();
  if (crun !== undefined && obstacle === undefined) return { executable: crun };
  const runc = findExecutable("runc");
  if (runc === undefined) throw notInstalled(`crun or runc (${obstacle})`);
  return { executable: runc, ...(obstacle !== undefined && { reason: obstacle }) };
}

/** Why crun cannot work on this host; undefined when it can. */
function crunObstacle(): string | undefined {
  try {
    if (statfsSync("/sys/fs/cgroup/unified").type === CGROUP2_SUPER_MAGIC) {
      return "crun refuses cgroup v1 beside a cgroup2 mount at /sys/fs/cgroup/unified";
    }
  } catch {
    // no such folder: v1 alone or v2 alone
  }
  return undefined;
}

/**
 * The absolute path of an executable file on the search path, whose empty and relative folders are passed over;
 * undefined when there is none.
 */
export function findExecutable(name: string, searchPath: string = hostPath()): string | undefined {
  const folders = searchPath.split(":").filter(isAbsolute);
  const candidates = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile(); // a folder may be searched, which X_OK says too
    } catch {
      return false; // the next folder may have it
    }
  });
}

function hostPath(): string {
  return `${process.env["PATH"] ?? ""}:${SEARCH_PATH}`;
}

function notInstalled(what: string): OciRuntimeError {
  return new OciRuntimeError("not-installed", `cannot find the OCI runtime ${what} (install crun or runc)`);
}
