// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants } from "node:fs";
import type { WasiContext, WasiFunctions } from "./context.ts";
import type { DirectoryDescriptor } from "./descriptor.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";
import { isDots, readPath, splitPath } from "./guest-path.ts";
import { O_PATH } from "./linux-kernel.ts";
import { SYMLINK_FOLLOW } from "./path-open.ts";

const SLASH: Uint8Array = Uint8Array.of(0x2f);

/** A directory inside the sandbox, held open, and one name in it that the kernel does not follow. */
interface Place extends Disposable {
  readonly dirFd: number;
  /** With a slash after it when the guest's path had one, so that the kernel requires a directory. */
  readonly name: Uint8Array;
}

/** Where a path's last component is or would be. Throws `PERM` below a read-only preopen. */
function placeToChange(context: WasiContext, fd: number, pointer: number, size: number): Place {
  const directory = context.fds.directory(fd);
  const path = readPath(context.memory, pointer, size);
  if (directory.readOnly) throw new WasiErrno(ERRNO.PERM);
  return openPlace(context, directory, path);
}

function openPlace(context: WasiContext, directory: DirectoryDescriptor, path: Uint8Array): Place {
  const { parent, name, hasTrailingSlash } = splitPath(path);
  const openBeneath = context.openBeneath();
  // The kernel gives `.` and `..` errors of their own; first see that they are inside.
  if (isDots(name)) closeSync(openBeneath(directory.hostFd, path, O_PATH, 0));
  const slashed = hasTrailingSlash ? Uint8Array.of(...name, ...SLASH) : name;
  if (parent.length === 0) return { dirFd: directory.hostFd, name: slashed, [Symbol.dispose]: keepOpen };
  const dirFd = openBeneath(directory.hostFd, parent, O_PATH | constants.O_DIRECTORY, 0);
  return { dirFd, name: slashed, [Symbol.dispose]: () => closeSync(dirFd) };
}

function keepOpen(): void {}

function pathCreateDirectory(context: WasiContext, fd: number, path: number, size: number): Errno {
  using place = placeToChange(context, fd, path, size);
  context.kernel().mkdirat(place.dirFd, place.name);
  return ERRNO.SUCCESS;
}

function pathRemoveDirectory(context: WasiContext, fd: number, path: number, size: number): Errno {
  using place = placeToChange(context, fd, path, size);
  context.kernel().unlinkat(place.dirFd, place.name, "directory");
  return ERRNO.SUCCESS;
}

function pathUnlinkFile(context: WasiContext, fd: number, path: number, size: number): Errno {
  using place = placeToChange(context, fd, path, size);
  context.kernel().unlinkat(place.dirFd, place.name, "file");
  return ERRNO.SUCCESS;
}

function pathRename(
  context: WasiContext,
  fromFd: number,
  fromPath: number,
  fromSize: number,
  toFd: number,
  toPath: number,
  toSize: number,
): Errno {
  using from = placeToChange(context, fromFd, fromPath, fromSize);
  using to = placeToChange(context, toFd, toPath, toSize);
  context.kernel().renameat(from.dirFd, from.name, to.dirFd, to.name);
  return ERRNO.SUCCESS;
}

// A hard link to what a symbolic link points to is refused (INVAL, as in wasmtime). A slash at the end of the old
// path would make the kernel follow a link without the sandbox; it names a directory, which cannot be linked.
function pathLink(
  context: WasiContext,
  fromFd: number,
  lookupFlags: number,
  fromPath: number,
  fromSize: number,
  toFd: number,
  toPath: number,
  toSize: number,
): Errno {
  using from = placeToChange(context, fromFd, fromPath, fromSize);
  using to = placeToChange(context, toFd, toPath, toSize);
  if ((lookupFlags & SYMLINK_FOLLOW) !== 0) return ERRNO.INVAL;
  if (from.name.at(-1) === SLASH[0]) {
    const { hostFd } = context.fds.directory(fromFd);
    const path = readPath(context.memory, fromPath, fromSize);
    closeSync(context.openBeneath()(hostFd, path, O_PATH, 0));
    return ERRNO.PERM;
  }
  context.kernel().linkat(from.dirFd, from.name, to.dirFd, to.name);
  return ERRNO.SUCCESS;
}

// The target is only text until it is followed, and then it cannot lead out; an absolute one never could be
// followed, so it is refused here, as in wasmtime.
function pathSymlink(
  context: WasiContext,
  target: number,
  targetSize: number,
  fd: number,
  path: number,
  size: number,
): Errno {
  const text = readPath(context.memory, target, targetSize);
  using place = placeToChange(context, fd, path, size);
  if (text[0] === SLASH[0]) return ERRNO.PERM;
  context.kernel().symlinkat(text, place.dirFd, place.name);
  return ERRNO.SUCCESS;
}

function pathReadlink(
  context: WasiContext,
  fd: number,
  path: number,
  size: number,
  buffer: number,
  bufferSize: number,
  result: number,
): Errno {
  const directory = context.fds.directory(fd);
  const bytes = readPath(context.memory, path, size);
  const target = context.memory.slice(buffer, bufferSize);
  context.memory.range(result, 4);
  using place = openPlace(context, directory, bytes);
  if (place.name.at(-1) === SLASH[0]) {
    closeSync(context.openBeneath()(directory.hostFd, bytes, O_PATH, 0));
    return ERRNO.INVAL;
  }
  const text = context.kernel().readlinkat(place.dirFd, place.name).subarray(0, target.length);
  target.set(text);
  context.memory.setU32(result, text.length);
  return ERRNO.SUCCESS;
}

/** Making, moving, linking and removing names, and reading links. */
export const pathEditFunctions: WasiFunctions = {
  path_create_directory: pathCreateDirectory,
  path_remove_directory: pathRemoveDirectory,
  path_unlink_file: pathUnlinkFile,
  path_rename: pathRename,
  path_link: pathLink,
  path_symlink: pathSymlink,
  path_readlink: pathReadlink,
};
