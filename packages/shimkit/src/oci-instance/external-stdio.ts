// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, ShimError } from "../error.ts";
import { hasErrno } from "../linux/errno.ts";

const STDIO = [0, 1, 2] as const;
/** Among the images: the stdio that `externalStdio` found, by fd. */
const STDIO_FILE = "runwasi-stdio.json";
/** Three names take less than a hundred. */
const MAX_STDIO_BYTES = 1024;
/** CRIU's name of a file outside of the container: mount id and inode, both hexadecimal. */
const FILE_KEY = /^file\[[0-9a-f]+:[0-9a-f]+\]$/;

/**
 * The files behind a container's stdio that its own mounts do not show, as CRIU names them; undefined where there is none.
 *
 * A container's stdio are containerd's FIFOs themselves. CRIU refuses a file that it cannot reach by a mount of the
 * container unless it is told, by this name, that the file is outside and will be given at restore. Pipes, sockets and
 * terminals the OCI runtime looks after.
 */
export function externalStdio(pid: number): readonly (string | undefined)[] {
  const own = mountIds(readFileSync(`/proc/${pid}/mountinfo`, "utf8"));
  return STDIO.map((fd) => {
    const mountId = mountIdOf(pid, fd);
    if (mountId === undefined || own.has(mountId)) return undefined;
    if (!readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith("/")) return undefined;
    const { ino } = statSync(`/proc/${pid}/fd/${fd}`, { bigint: true });
    return `file[${mountId.toString(16)}:${ino.toString(16)}]`;
  });
}

/** Of /proc/PID/mountinfo; proc_pid_mountinfo(5). */
function mountIds(mountinfo: string): ReadonlySet<number> {
  return new Set(mountinfo.split("\n").map((line) => Number(line.split(" ")[0])));
}

function mountIdOf(pid: number, fd: number): number | undefined {
  try {
    const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"))?.[1];
    return id === undefined ? undefined : Number(id);
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return undefined; // the container has closed it
    throw error;
  }
}

/** The configuration that has CRIU leave those files out. */
export function dumpConfig(stdio: readonly (string | undefined)[]): string {
  return stdio.map((key) => (key === undefined ? "" : `external ${key}\n`)).join("");
}

/** The configuration that has CRIU take its own stdio for those files. */
export function restoreConfig(stdio: readonly (string | undefined)[]): string {
  return stdio.map((key, fd) => (key === undefined ? "" : `inherit-fd fd[${fd}]:${key}\n`)).join("");
}

/** Keeps the names with the images. */
export function writeStdio(imagePath: string, stdio: readonly (string | undefined)[]): void {
  const path = join(imagePath, STDIO_FILE);
  rmSync(path, { force: true }); // of an earlier checkpoint, or a link that is not to be followed
  writeFileSync(path, JSON.stringify(stdio.map((key) => key ?? null)), { mode: 0o600, flag: "wx" });
}

/**
 * Reads what `writeStdio` wrote. A checkpoint may come from a registry; nothing else gets into CRIU's configuration.
 *
 * @throws ShimError InvalidArgument for what is no such file; none at all is fine, as in a checkpoint by runc's shim.
 */
export function readStdio(imagePath: string): readonly (string | undefined)[] {
  const path = join(imagePath, STDIO_FILE);
  try {
    assertSmallFile(path);
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!Array.isArray(value) || value.length !== STDIO.length) throw new Error("not an array of three");
    return value.map((key: unknown) => {
      if (key === null) return undefined;
      if (typeof key === "string" && FILE_KEY.test(key)) return key;
      throw new Error("a member is no name of a file");
    });
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return [];
    throw new ShimError("InvalidArgument", `cannot restore by "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

// Anything may lie there: a FIFO would stop the daemon.
function assertSmallFile(path: string): void {
  const stat = lstatSync(path);
  if (!stat.isFile() || stat.size > MAX_STDIO_BYTES) throw new Error("it is no small file");
}
