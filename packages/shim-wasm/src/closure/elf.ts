// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ShimError } from "@runwasi/containerd-shimkit";

// elf(5), 64-bit little-endian: Elf64_Ehdr is 64 bytes, Elf64_Phdr 56.
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const PT_INTERP = 3;
const PATH_MAX = 4096;
const ELF64_LITTLE_ENDIAN = "7f454c460201";

/**
 * The dynamic loader that an executable names (PT_INTERP); undefined for a static one.
 *
 * @throws ShimError FailedPrecondition when the file is not a 64-bit little-endian ELF executable.
 */
export function readInterpreter(path: string): string | undefined {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const header = read(fd, 0, HEADER_BYTES);
    const start = Number(header.getBigUint64(32, true));
    if (Buffer.from(header.buffer, 0, 6).toString("hex") !== ELF64_LITTLE_ENDIAN || start > size) {
      throw notElf(path);
    }
    const count = header.getUint16(56, true);
    for (let index = 0; index < count; index += 1) {
      const program = read(fd, start + index * PROGRAM_HEADER_BYTES, PROGRAM_HEADER_BYTES);
      if (program.getUint32(0, true) !== PT_INTERP) continue;
      const offset = Number(program.getBigUint64(8, true));
      if (offset > size) throw notElf(path);
      const bytes = read(fd, offset, Math.min(Number(program.getBigUint64(32, true)), PATH_MAX));
      return Buffer.from(bytes.buffer).toString("utf8").replace(/\0.*$/s, "");
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function notElf(path: string): ShimError {
  return new ShimError(
    "FailedPrecondition",
    `cannot run engine "${path}": it is not a 64-bit ELF executable`,
  );
}

function read(fd: number, offset: number, length: number): DataView<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  readSync(fd, bytes, 0, length, offset);
  return new DataView(bytes.buffer);
}
