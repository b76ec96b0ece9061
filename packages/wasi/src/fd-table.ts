// SPDX-License-Identifier: Apache-2.0
import { closeSync } from "node:fs";
import type { Descriptor, DirectoryDescriptor, FileDescriptor } from "./descriptor.ts";
import { ERRNO, WasiErrno } from "./errno.ts";

/**
 * The guest's descriptor numbers. Owns the host descriptors of files and directories, which disposing it
 * closes; those of stdio stay open, because the process itself still writes to them after the guest has ended.
 */
export class FdTable implements Disposable {
  readonly #descriptors = new Map<number, Descriptor>();

  /** Stores `descriptor` under the lowest free number; the table owns it from here. */
  add(descriptor: Descriptor): number {
    let fd = 0;
    while (this.#descriptors.has(fd)) fd += 1;
    this.#descriptors.set(fd, descriptor);
    return fd;
  }

  find(fd: number): Descriptor | undefined {
    return this.#descriptors.get(fd);
  }

  /** Throws `BADF` for a number that is not open. */
  get(fd: number): Descriptor {
    const descriptor = this.#descriptors.get(fd);
    if (descriptor === undefined) throw new WasiErrno(ERRNO.BADF);
    return descriptor;
  }

  /** Throws `BADF` for a number that is not open or is no file opened by path. */
  file(fd: number): FileDescriptor {
    const descriptor = this.get(fd);
    if (descriptor.kind !== "file") throw new WasiErrno(ERRNO.BADF);
    return descriptor;
  }

  /** Throws `BADF` for a number that is not open, `NOTDIR` for a file, as wasmtime does. */
  directory(fd: number): DirectoryDescriptor {
    const descriptor = this.get(fd);
    if (descriptor.kind === "directory") return descriptor;
    throw new WasiErrno(descriptor.kind === "file" ? ERRNO.NOTDIR : ERRNO.BADF);
  }

  close(fd: number): void {
    const descriptor = this.get(fd);
    this.#descriptors.delete(fd);
    if (descriptor.kind !== "stdio") closeSync(descriptor.hostFd);
  }

  /** Moves `from` over `to`, which must be open too; what `to` was is closed. */
  renumber(from: number, to: number): void {
    const descriptor = this.get(from);
    this.get(to);
    if (from === to) return;
    this.close(to);
    this.#descriptors.delete(from);
    this.#descriptors.set(to, descriptor);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#descriptors.keys()) this.close(fd);
  }
}
