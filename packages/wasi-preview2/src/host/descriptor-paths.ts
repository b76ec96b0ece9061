// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants } from "node:fs";
import { mismatch } from "../abi/values.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { Descriptor, directoryFd, type FileAccess } from "./descriptor.ts";
import { fileResult } from "./file-error.ts";
import { openPlace, pathBytes, placeToChange } from "./guest-place.ts";
import { method } from "./host-function.ts";
import { ERRNO, WasiErrno } from "@runwasi/wasi/system";

type Flags = ReadonlySet<string>;

const NEW_FILE_MODE = 0o666;
const SLASH = 0x2f;

/** What opens, makes, moves and removes by path. */
export function pathFunctions(access: FileAccess): HostInterface["functions"] {
  const { kernel } = access;
  const change = (self: Descriptor, path: string, run: (dirFd: number, name: Uint8Array) => void) =>
    fileResult(() => {
      using place = placeToChange(access, self, path);
      run(place.dirFd, place.name);
    });
  return {
    "[method]descriptor.open-at": method(
      Descriptor,
      (self, pathFlags: Flags, path: string, openFlags: Flags, flags: Flags) =>
        fileResult(() => openAt(access, self, { pathFlags, path, openFlags, flags })),
    ),
    "[method]descriptor.create-directory-at": method(Descriptor, (self, path: string) =>
      change(self, path, (dirFd, name) => kernel().mkdirat(dirFd, name)),
    ),
    "[method]descriptor.remove-directory-at": method(Descriptor, (self, path: string) =>
      change(self, path, (dirFd, name) => kernel().unlinkat(dirFd, name, "directory")),
    ),
    "[method]descriptor.unlink-file-at": method(Descriptor, (self, path: string) =>
      change(self, path, (dirFd, name) => kernel().unlinkat(dirFd, name, "file")),
    ),
    "[method]descriptor.symlink-at": method(Descriptor, (self, target: string, path: string) =>
      change(self, path, (dirFd, name) => {
        const bytes = pathBytes(target);
        if (bytes[0] === SLASH) throw new WasiErrno(ERRNO.PERM); // it could never be followed
        kernel().symlinkat(bytes, dirFd, name);
      }),
    ),
    "[method]descriptor.readlink-at": method(Descriptor, (self, path: string) =>
      fileResult(() => readlinkAt(access, self, path)),
    ),
    "[method]descriptor.rename-at": method(Descriptor, (self, from: string, directory: unknown, to: string) =>
      fileResult(() => {
        using source = placeToChange(access, self, from);
        using target = placeToChange(access, descriptorOf(directory), to);
        kernel().renameat(source.dirFd, source.name, target.dirFd, target.name);
      }),
    ),
    "[method]descriptor.link-at": method(
      Descriptor,
      (self, flags: Flags, from: string, directory: unknown, to: string) =>
        fileResult(() => {
          if (flags.has("symlink-follow")) throw new WasiErrno(ERRNO.INVAL);
          using source = placeToChange(access, self, from);
          using target = placeToChange(access, descriptorOf(directory), to);
          // The kernel would follow a link in front of the slash without the sandbox.
          if (source.hasTrailingSlash) throw new WasiErrno(ERRNO.PERM);
          kernel().linkat(source.dirFd, source.name, target.dirFd, target.name);
        }),
    ),
  };
}

function descriptorOf(value: unknown): Descriptor {
  if (!(value instanceof Descriptor)) throw mismatch("descriptor", value);
  return value;
}

function readlinkAt(access: FileAccess, directory: Descriptor, path: string): string {
  using place = openPlace(access, directory, path);
  if (place.hasTrailingSlash) throw new WasiErrno(ERRNO.INVAL);
  const target = Buffer.from(access.kernel().readlinkat(place.dirFd, place.name));
  if (target[0] === SLASH) throw new WasiErrno(ERRNO.PERM);
  return target.toString();
}

interface OpenOptions {
  readonly pathFlags: Flags;
  readonly path: string;
  readonly openFlags: Flags;
  readonly flags: Flags;
}

function openAt(access: FileAccess, directory: Descriptor, options: OpenOptions): Descriptor {
  const { openFlags, flags } = options;
  const mayChange = directory.rights.mutateDirectory;
  const write = flags.has("write");
  const changes =
    write || openFlags.has("create") || openFlags.has("truncate") || flags.has("mutate-directory");
  if (changes && !mayChange) throw new WasiErrno(ERRNO.PERM);
  if (openFlags.has("directory") && (openFlags.has("create") || openFlags.has("truncate"))) {
    throw new WasiErrno(ERRNO.INVAL);
  }
  const mode = openFlags.has("create") ? NEW_FILE_MODE : 0;
  const openBeneath = access.openBeneath();
  const hostFd = openBeneath(directoryFd(directory), pathBytes(options.path), linuxFlags(options), mode);
  using undo = new DisposableStack();
  undo.adopt(hostFd, closeSync);
  // Through /proc/self/mem a guest could write to the engine's own memory, and be no guest any more.
  if (write && access.kernel().isProcfs(hostFd)) throw new WasiErrno(ERRNO.PERM);
  undo.move();
  return new Descriptor(hostFd, {
    read: flags.has("read") || !write,
    write,
    mutateDirectory: mayChange,
  });
}

const STATUS_FLAGS: ReadonlyMap<string, number> = new Map([
  ["file-integrity-sync", constants.O_SYNC],
  ["requested-write-sync", constants.O_SYNC],
  ["data-integrity-sync", constants.O_DSYNC],
]);

const OPEN_FLAGS: ReadonlyMap<string, number> = new Map([
  ["create", constants.O_CREAT],
  ["directory", constants.O_DIRECTORY],
  ["exclusive", constants.O_EXCL],
  ["truncate", constants.O_TRUNC],
]);

function linuxFlags({ pathFlags, openFlags, flags }: OpenOptions): number {
  const write = flags.has("write");
  const access = write ? (flags.has("read") ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
  // Never waits for a FIFO's other end.
  let linux = access | constants.O_NOCTTY | constants.O_NONBLOCK;
  if (!pathFlags.has("symlink-follow")) linux |= constants.O_NOFOLLOW;
  for (const flag of openFlags) linux |= OPEN_FLAGS.get(flag) ?? 0;
  for (const flag of flags) linux |= STATUS_FLAGS.get(flag) ?? 0;
  return linux;
}
