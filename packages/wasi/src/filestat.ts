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

/** How a record of metadata lies in guest memory: the two versions of preview 1 differ behind the file type. */
export interface FilestatLayout {
  readonly sizeBytes: number;
  readonly nlink: { readonly at: number; readonly bits: 32 | 64 };
  readonly size: number;
}

/** `$filestat` of preview 1. */
export const FILESTAT: FilestatLayout = { sizeBytes: 64, nlink: { at: 24, bits: 64 }, size: 32 };

/** What is stored, and how. */
export interface FilestatRecord {
  readonly stat: BigIntStats;
  readonly filetype: Filetype;
  readonly layout: FilestatLayout;
}

/** Stores a `$filestat`. */
export function storeFilestat(
  memory: GuestMemory,
  pointer: number,
  { stat, filetype, layout }: FilestatRecord,
): void {
  const record = new DataView(new ArrayBuffer(layout.sizeBytes));
  record.setBigUint64(0, stat.dev, true);
  record.setBigUint64(8, stat.ino, true);
  record.setUint8(16, filetype);
  if (layout.nlink.bits === 64) record.setBigUint64(layout.nlink.at, stat.nlink, true);
  else record.setUint32(layout.nlink.at, Number(stat.nlink), true);
  record.setBigUint64(layout.size, stat.size, true);
  record.setBigUint64(layout.size + 8, stat.atimeNs, true);
  record.setBigUint64(layout.size + 16, stat.mtimeNs, true);
  record.setBigUint64(layout.size + 24, stat.ctimeNs, true);
  memory.set(pointer, new Uint8Array(record.buffer));
}
