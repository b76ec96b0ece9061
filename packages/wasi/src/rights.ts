// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from "./descriptor.ts";

/** Rights of preview 1 (witx: `$rights`). */
export const RIGHTS = {
  FD_DATASYNC: 0x1n,
  FD_READ: 0x2n,
  FD_SEEK: 0x4n,
  FD_FDSTAT_SET_FLAGS: 0x8n,
  FD_SYNC: 0x10n,
  FD_TELL: 0x20n,
  FD_WRITE: 0x40n,
  FD_ADVISE: 0x80n,
  FD_ALLOCATE: 0x100n,
  PATH_CREATE_DIRECTORY: 0x200n,
  PATH_CREATE_FILE: 0x400n,
  PATH_LINK_SOURCE: 0x800n,
  PATH_LINK_TARGET: 0x1000n,
  PATH_OPEN: 0x2000n,
  FD_READDIR: 0x4000n,
  PATH_READLINK: 0x8000n,
  PATH_RENAME_SOURCE: 0x10000n,
  PATH_RENAME_TARGET: 0x20000n,
  PATH_FILESTAT_GET: 0x40000n,
  PATH_FILESTAT_SET_SIZE: 0x80000n,
  PATH_FILESTAT_SET_TIMES: 0x100000n,
  FD_FILESTAT_GET: 0x200000n,
  FD_FILESTAT_SET_SIZE: 0x400000n,
  FD_FILESTAT_SET_TIMES: 0x800000n,
  PATH_SYMLINK: 0x1000000n,
  PATH_REMOVE_DIRECTORY: 0x2000000n,
  PATH_UNLINK_FILE: 0x4000000n,
  POLL_FD_READWRITE: 0x8000000n,
  SOCK_SHUTDOWN: 0x10000000n,
  SOCK_ACCEPT: 0x20000000n,
} as const;

const DIRECTORY_READS =
  RIGHTS.PATH_OPEN |
  RIGHTS.FD_READDIR |
  RIGHTS.PATH_READLINK |
  RIGHTS.PATH_FILESTAT_GET |
  RIGHTS.FD_FILESTAT_GET;

const DIRECTORY_WRITES =
  RIGHTS.PATH_CREATE_DIRECTORY |
  RIGHTS.PATH_CREATE_FILE |
  RIGHTS.PATH_LINK_SOURCE |
  RIGHTS.PATH_LINK_TARGET |
  RIGHTS.PATH_RENAME_SOURCE |
  RIGHTS.PATH_RENAME_TARGET |
  RIGHTS.PATH_FILESTAT_SET_SIZE |
  RIGHTS.PATH_FILESTAT_SET_TIMES |
  RIGHTS.FD_FILESTAT_SET_TIMES |
  RIGHTS.PATH_SYMLINK |
  RIGHTS.PATH_REMOVE_DIRECTORY |
  RIGHTS.PATH_UNLINK_FILE;

const FILE_ALWAYS =
  RIGHTS.FD_SEEK |
  RIGHTS.FD_TELL |
  RIGHTS.FD_FDSTAT_SET_FLAGS |
  RIGHTS.FD_ADVISE |
  RIGHTS.FD_DATASYNC |
  RIGHTS.FD_SYNC |
  RIGHTS.FD_FILESTAT_GET |
  RIGHTS.POLL_FD_READWRITE;

const FILE_CHANGES = RIGHTS.FD_ALLOCATE | RIGHTS.FD_FILESTAT_SET_SIZE | RIGHTS.FD_FILESTAT_SET_TIMES;

/** What a descriptor allows, and what descriptors opened through it may allow. */
export interface Rights {
  readonly base: bigint;
  readonly inheriting: bigint;
}

/**
 * The rights to report for a descriptor.
 *
 * They tell what would succeed; they are not a second lock. As in wasmtime, access mode, sandbox and read-only
 * preopens decide, so that reading a write-only file answers `BADF` and not `NOTCAPABLE`.
 */
export function rightsOf(descriptor: Descriptor): Rights {
  switch (descriptor.kind) {
    case "stdio": {
      // No FD_SEEK and FD_TELL: with them a C library would not take a terminal for one.
      const base = descriptor.access === "read" ? RIGHTS.FD_READ : RIGHTS.FD_WRITE;
      const all = base | RIGHTS.FD_FDSTAT_SET_FLAGS | RIGHTS.FD_FILESTAT_GET | RIGHTS.POLL_FD_READWRITE;
      return { base: all, inheriting: 0n };
    }
    case "file": {
      const reads = descriptor.readable ? RIGHTS.FD_READ : 0n;
      const writes = descriptor.writable ? RIGHTS.FD_WRITE : 0n;
      const changes = descriptor.readOnly ? 0n : FILE_CHANGES;
      return { base: FILE_ALWAYS | reads | writes | changes, inheriting: 0n };
    }
    case "directory": {
      const base = DIRECTORY_READS | (descriptor.readOnly ? 0n : DIRECTORY_WRITES);
      const changes = descriptor.readOnly ? 0n : FILE_CHANGES | RIGHTS.FD_WRITE;
      return { base, inheriting: base | FILE_ALWAYS | RIGHTS.FD_READ | changes };
    }
    default:
      return descriptor satisfies never;
  }
}
