// SPDX-License-Identifier: Apache-2.0
import { type BigIntStats, closeSync, constants, fstatSync } from "node:fs";
import { ERRNO, type Kernel, type OpenBeneath, WasiErrno } from "@runwasi/wasi/system";

/** What files are opened and changed with. */
export interface FileAccess {
  readonly kernel: () => Kernel;
  readonly openBeneath: () => OpenBeneath;
}

/** What a guest opened a descriptor for. */
export interface DescriptorRights {
  readonly read: boolean;
  readonly write: boolean;
  /** Below it things may be made, moved and removed. */
  readonly mutateDirectory: boolean;
}

/** `wasi:filesystem/types.descriptor`; owns the host's, which streams made from it share. */
export class Descriptor implements Disposable {
  readonly rights: DescriptorRights;
  readonly #hostFd: number;
  #users = 1;

  constructor(hostFd: number, rights: DescriptorRights) {
    this.#hostFd = hostFd;
    this.rights = rights;
  }

  get hostFd(): number {
    if (this.#users <= 0) throw new WasiErrno(ERRNO.BADF);
    return this.#hostFd;
  }

  stat(): BigIntStats {
    return fstatSync(this.hostFd, { bigint: true });
  }

  /** Keeps the host's descriptor open until disposed, whatever becomes of this one. */
  share(): Disposable {
    this.#users += 1;
    return { [Symbol.dispose]: () => this.#release() };
  }

  #release(): void {
    this.#users -= 1;
    if (this.#users === 0) closeSync(this.#hostFd);
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}

/** The descriptor's own number, if it is a directory; throws `NOTDIR`. */
export function directoryFd(descriptor: Descriptor): number {
  if (!descriptor.stat().isDirectory()) throw new WasiErrno(ERRNO.NOTDIR);
  return descriptor.hostFd;
}

/** A regular file's or device's descriptor to read or write by; throws `ISDIR`, or `BADF` without the right. */
export function fileFd(descriptor: Descriptor, right: "read" | "write"): number {
  if (descriptor.stat().isDirectory()) throw new WasiErrno(right === "read" ? ERRNO.ISDIR : ERRNO.BADF);
  if (!descriptor.rights[right]) throw new WasiErrno(ERRNO.BADF);
  return descriptor.hostFd;
}

/** `descriptor-type` of a file's mode. */
export function descriptorType(mode: bigint): string {
  switch (Number(mode) & constants.S_IFMT) {
    case constants.S_IFBLK:
      return "block-device";
    case constants.S_IFCHR:
      return "character-device";
    case constants.S_IFDIR:
      return "directory";
    case constants.S_IFIFO:
      return "fifo";
    case constants.S_IFLNK:
      return "symbolic-link";
    case constants.S_IFREG:
      return "regular-file";
    case constants.S_IFSOCK:
      return "socket";
    default:
      return "unknown";
  }
}
