// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants } from "node:fs";
import { type Descriptor, descriptorType, directoryFd, type FileAccess } from "./descriptor.ts";
import { ERRNO, WasiErrno } from "@runwasi/wasi/system";

interface DirectoryEntry {
  readonly type: string;
  readonly name: string;
}

const DOT: Uint8Array = Uint8Array.of(0x2e);
/** Entries fetched at once. */
const BATCH = 256;

/** `wasi:filesystem/types.directory-entry-stream`: all entries but `.` and `..`. */
export class DirectoryEntries implements Disposable {
  readonly #access: FileAccess;
  readonly #hostFd: number;
  #entries: DirectoryEntry[] = [];
  #position = 0n;
  #isAtEnd = false;

  /** Throws `NOTDIR` and what opening throws. */
  constructor(access: FileAccess, directory: Descriptor) {
    this.#access = access;
    // A descriptor of its own, since listing moves a position.
    const flags = constants.O_RDONLY | constants.O_DIRECTORY;
    this.#hostFd = access.kernel().openat(directoryFd(directory), DOT, flags, 0);
  }

  next(): DirectoryEntry | undefined {
    if (this.#entries.length === 0 && !this.#isAtEnd) this.#fetch();
    return this.#entries.shift();
  }

  #fetch(): void {
    this.#isAtEnd = true;
    this.#access.kernel().getdents(this.#hostFd, this.#position, (entry) => {
      this.#position = entry.next;
      const name = Buffer.from(entry.name);
      if (name.equals(DOT) || name.toString() === "..") return true;
      // A name that is not UTF-8 cannot be said in preview 2.
      if (!Buffer.from(name.toString()).equals(name)) throw new WasiErrno(ERRNO.ILSEQ);
      this.#entries.push({ type: descriptorType(BigInt(entry.type << 12)), name: name.toString() });
      if (this.#entries.length < BATCH) return true;
      this.#isAtEnd = false;
      return false;
    });
  }

  [Symbol.dispose](): void {
    closeSync(this.#hostFd);
  }
}
