// SPDX-License-Identifier: Apache-2.0
import { ERRNO, WasiErrno } from "./errno.ts";
import type { GuestMemory } from "./guest-memory.ts";

/** Linux's PATH_MAX, its terminating NUL included (limits.h). */
const PATH_MAX_BYTES = 4096;
const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * A path that a guest gave, copied out of its memory.
 *
 * Any bytes but NUL: Linux names need not be UTF-8, and a guest that lists a directory must be able to open what
 * it finds there (wasmtime refuses such names with `ILSEQ`).
 */
export function readPath(memory: GuestMemory, pointer: number, size: number): Uint8Array {
  if (size >>> 0 >= PATH_MAX_BYTES) throw new WasiErrno(ERRNO.NAMETOOLONG);
  const path = memory.slice(pointer, size).slice();
  if (path.length === 0) throw new WasiErrno(ERRNO.NOENT);
  if (path.includes(0)) throw new WasiErrno(ERRNO.INVAL);
  return path;
}

/** A path cut in front of its last component. */
export interface SplitPath {
  /** Empty when the path is one component. */
  readonly parent: Uint8Array;
  readonly name: Uint8Array;
  readonly hasTrailingSlash: boolean;
}

/** Cuts a path that is not empty; throws `PERM` when it is absolute, since that leads out of every preopen. */
export function splitPath(path: Uint8Array): SplitPath {
  if (path[0] === SLASH) throw new WasiErrno(ERRNO.PERM);
  let end = path.length;
  while (path[end - 1] === SLASH) end -= 1;
  const start = path.lastIndexOf(SLASH, end - 1) + 1;
  return {
    parent: path.subarray(0, start),
    name: path.subarray(start, end),
    hasTrailingSlash: end < path.length,
  };
}

/** Whether a component is `.` or `..`. */
export function isDots(name: Uint8Array): boolean {
  return name[0] === DOT && (name.length === 1 || isParent(name));
}

/** Whether a component is `..`. */
export function isParent(name: Uint8Array): boolean {
  return name.length === 2 && name[0] === DOT && name[1] === DOT;
}

/** The components of a path, without empty ones. */
export function components(path: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < path.length;) {
    const slash = path.indexOf(SLASH, start);
    const end = slash === -1 ? path.length : slash;
    if (end > start) parts.push(path.subarray(start, end));
    start = end + 1;
  }
  return parts;
}
