// SPDX-License-Identifier: Apache-2.0
import { type BigIntStats, fstatSync } from "node:fs";
import type { WasiContext } from "./context.ts";
import { FILETYPE, type Filetype } from "./descriptor.ts";
import type { GuestMemory } from "./guest-memory.ts";

// DT_ numbers of readdir(3); they are the file type bits of inode(7) shifted right by 12.
const FILETYPE_OF_KIND: ReadonlyMap<number, Filetype> = new Map<number, Filetype>([
  [0o02, FILETYPE.CHARACTER_DEVICE],
  [0o04, FILETYPE.DIRECTORY],
  [0o06, FILETYPE.BLOCK_DEVICE],
  [0o10, FILETYPE.REGULAR_FILE],
  [0o12, FILETYPE.SYMBOLIC_LINK],
  [0o14, FILETYPE.SOCKET_STREAM],
]);

/** The type of a directory entry, from its DT_ number. */
export function filetypeOfDirent(type: number): Filetype {
  return FILETYPE_OF_KIND.get(type) ?? FILETYPE.UNKNOWN;
}

/** The metadata of an open descriptor, one opened with O_PATH included. */
export function hostStat(hostFd: number): BigIntStats {
  return fstatSync(hostFd, { bigint: true });
}

export function filetypeOf(stat: BigIntStats): Filetype {
  return filetypeOfDirent(Number(stat.mode >> 12n) & 0o17);
}

/**
 * The type of one of stdin, stdout and stderr. Only a terminal is a `CHARACTER_DEVICE`: C libraries take that
 * type, with no right to seek, for a terminal, which /dev/null is not.
 */
export function stdioFiletype(context: WasiContext, hostFd: number): Filetype {
  const filetype = filetypeOf(hostStat(hostFd));
  if (filetype !== FILETYPE.CHARACTER_DEVICE) return filetype;
  return context.kernel().isTerminal(hostFd) ? filetype : FILETYPE.UNKNOWN;
}

const FILESTAT_BYTES = 64;

/** Stores a `$filestat` (witx; 64 bytes). */
export function storeFilestat(
  memory: GuestMemory,
  pointer: number,
  stat: BigIntStats,
  filetype: Filetype,
): void {
  const record = new DataView(new ArrayBuffer(FILESTAT_BYTES));
  record.setBigUint64(0, stat.dev, true);
  record.setBigUint64(8, stat.ino, true);
  record.setUint8(16, filetype);
  record.setBigUint64(24, stat.nlink, true);
  record.setBigUint64(32, stat.size, true);
  record.setBigUint64(40, stat.atimeNs, true);
  record.setBigUint64(48, stat.mtimeNs, true);
  record.setBigUint64(56, stat.ctimeNs, true);
  memory.set(pointer, new Uint8Array(record.buffer));
}
