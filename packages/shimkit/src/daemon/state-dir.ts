// SPDX-License-Identifier: Apache-2.0
import { messageOf, ShimError } from "../error.ts";
import { close, makeFolder, openToRead, readText } from "../linux/file-syscalls.ts";
import { lockExclusive, tryLockExclusive } from "../linux/socket-syscalls.ts";

/**
 * The folder for what lives until the host is rebooted: the daemons' sockets and small caches. 0700, so that nobody
 * but the owner reaches a socket whatever its mode.
 */
export function stateDir(): string {
  const path = `${runtimeDir()}/runwasi`;
  try {
    makeFolder(path, 0o700);
  } catch (error) {
    throw new ShimError("Internal", `cannot make folder "${path}": ${messageOf(error)}`, { cause: error });
  }
  return path;
}

/**
 * The root of a user namespace may see the host's /run, with the folder that the host's own root has made there for
 * itself, and then works in its user's (rootlesskit copies /run so).
 */
function runtimeDir(): string {
  const ofUser = process.env["XDG_RUNTIME_DIR"] ?? "";
  if (ofUser === "") return "/run";
  const isHostRoot = process.getuid?.() === 0 && mapsAllIds(readText("/proc/self/uid_map"));
  return isHostRoot ? "/run" : ofUser;
}

/** Whether the text of uid_map (user_namespaces(7)) is the initial namespace's. */
export function mapsAllIds(uidMap: string): boolean {
  return uidMap.trim().split(/\s+/).join(" ") === "0 0 4294967295";
}

/** A pod's sandbox id, or a container's own id; for the daemon of a whole node the shim that it is of. */
export type DaemonGroup = string | { readonly shim: string; readonly version: string };

/** The socket of the daemon that serves `group` of a namespace of the containerd at `address`. */
export function socketPath(dir: string, address: string, namespace: string, group: DaemonGroup): string {
  const hash = new Bun.CryptoHasher("sha256")
    .update(JSON.stringify([address, namespace, group]))
    .digest("hex");
  return `${dir}/${hash}`;
}

/**
 * Holds the sockets' lock: between looking whether a daemon listens and binding or unlinking its socket, nobody else
 * does. Waits, for the milliseconds that a `start` command takes; so not for a daemon, which must answer one.
 */
export function lockSockets(dir: string): Disposable {
  const fd = openToRead(dir);
  lockExclusive(fd);
  return { [Symbol.dispose]: () => close(fd) };
}

/** As `lockSockets`; undefined when somebody holds the lock. */
export function tryLockSockets(dir: string): Disposable | undefined {
  const fd = openToRead(dir);
  if (tryLockExclusive(fd)) return { [Symbol.dispose]: () => close(fd) };
  close(fd);
  return undefined;
}
