// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants } from "node:fs";
import { type Descriptor, directoryFd, type FileAccess } from "./descriptor.ts";
import { ERRNO, isDots, O_PATH, splitPath, WasiErrno } from "@runwasi/wasi/system";

/** Linux's PATH_MAX, its terminating NUL included (limits.h). */
const PATH_MAX_BYTES = 4096;
const SLASH = 0x2f;

/** The bytes of a guest's path; throws what the kernel would, which ends strings at a NUL. */
export function pathBytes(path: string): Uint8Array {
  const bytes = Buffer.from(path);
  if (bytes.length >= PATH_MAX_BYTES) throw new WasiErrno(ERRNO.NAMETOOLONG);
  if (bytes.length === 0) throw new WasiErrno(ERRNO.NOENT);
  if (bytes.includes(0)) throw new WasiErrno(ERRNO.INVAL);
  return bytes;
}

/** Whatever a path names, open for its metadata only. */
export interface Located extends Disposable {
  readonly hostFd: number;
}

export function locate(access: FileAccess, directory: Descriptor, path: string, follow: boolean): Located {
  const flags = O_PATH | (follow ? 0 : constants.O_NOFOLLOW);
  const hostFd = access.openBeneath()(directoryFd(directory), pathBytes(path), flags, 0);
  return { hostFd, [Symbol.dispose]: () => closeSync(hostFd) };
}

/** A directory inside the sandbox, held open, and one name in it that the kernel does not follow. */
export interface Place extends Disposable {
  readonly dirFd: number;
  /** With a slash after it when the guest's path had one, so that the kernel requires a directory. */
  readonly name: Uint8Array;
  readonly hasTrailingSlash: boolean;
}

/** Where a path's last component is or would be. */
export function openPlace(access: FileAccess, directory: Descriptor, path: string): Place {
  const rootFd = directoryFd(directory);
  const bytes = pathBytes(path);
  const { parent, name, hasTrailingSlash } = splitPath(bytes);
  const openBeneath = access.openBeneath();
  // The kernel gives `.` and `..` errors of their own; first see that they are inside.
  if (isDots(name)) closeSync(openBeneath(rootFd, bytes, O_PATH, 0));
  const slashed = hasTrailingSlash ? Uint8Array.of(...name, SLASH) : name;
  if (parent.length === 0) {
    return { dirFd: rootFd, name: slashed, hasTrailingSlash, [Symbol.dispose]: keepOpen };
  }
  const dirFd = openBeneath(rootFd, parent, O_PATH | constants.O_DIRECTORY, 0);
  return { dirFd, name: slashed, hasTrailingSlash, [Symbol.dispose]: () => closeSync(dirFd) };
}

function keepOpen(): void {}

/** As `openPlace`, for a change; throws `PERM` below what is read-only. */
export function placeToChange(access: FileAccess, directory: Descriptor, path: string): Place {
  if (!directory.rights.mutateDirectory) throw new WasiErrno(ERRNO.PERM);
  return openPlace(access, directory, path);
}
