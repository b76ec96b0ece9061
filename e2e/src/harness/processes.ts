// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, readlink } from "node:fs/promises";

export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  /** One letter of proc(5): R, S, D, T, Z ... */
  readonly state: string;
  readonly name: string;
}

/**
 * Lists the processes that see a mount from `folder`: everything started in the private mount namespace and
 * every container of it, whoever is its parent and whatever its environment; and the zombies they have.
 */
export async function listProcessesOf(folder: string): Promise<ProcessInfo[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const seen = new Map<string, Promise<boolean>>();
  const found: ProcessInfo[] = [];
  const zombies: ProcessInfo[] = [];
  for (const pid of pids) {
    const info = await readProcess(pid);
    if (info === undefined) continue;
    if (info.state === "Z") zombies.push(info);
    else if (await seesMountFrom(pid, folder, seen)) found.push(info);
  }
  const own = new Set(found.map(({ pid }) => pid));
  return [...found, ...zombies.filter(({ parentPid }) => own.has(parentPid))];
}

/** Undefined when the process is gone. */
export async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  const stat = await readOrGone(`/proc/${pid}/stat`);
  const match = stat?.match(/^\d+ \((.*)\) (\S) (\d+)/s);
  if (!match) return undefined;
  const [, name = "", state = "", parent = ""] = match;
  return { pid, parentPid: Number(parent), state, name };
}

/** A container's daemon is its init's parent: it is a subreaper and the OCI runtime has ended. Throws when init is gone. */
export async function parentOf(pid: number): Promise<number> {
  const info = await readProcess(pid);
  if (info === undefined) throw new Error(`process ${pid} is gone`);
  return info.parentPid;
}

/** The value of a line of /proc/<pid>/status, such as "CapEff"; undefined when the process is gone. */
export async function readStatusField(pid: number, field: string): Promise<string | undefined> {
  const status = await readOrGone(`/proc/${pid}/status`);
  return status?.match(new RegExp(`^${field}:\\s*(.*)$`, "m"))?.[1];
}

/** How much of files a process has mapped now, in KiB; NaN when it is gone. */
export async function mappedFilesKib(pid: number): Promise<number> {
  return Number.parseInt((await readStatusField(pid, "RssFile")) ?? "", 10);
}

async function seesMountFrom(
  pid: number,
  folder: string,
  seen: Map<string, Promise<boolean>>,
): Promise<boolean> {
  const namespace = await readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
  if (namespace === undefined) return false;
  const known = seen.get(namespace);
  if (known !== undefined) return await known;
  const answer = readOrGone(`/proc/${pid}/mountinfo`).then((text) => text?.includes(folder) ?? false);
  seen.set(namespace, answer);
  return await answer;
}

/** Files of a process that ends meanwhile answer ENOENT, ESRCH or EINVAL: it is gone. */
async function readOrGone(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
