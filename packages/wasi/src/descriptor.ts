// SPDX-License-Identifier: Apache-2.0

/** File types of preview 1 (witx: `$filetype`); a FIFO has none and is `UNKNOWN`. */
export const FILETYPE = {
  UNKNOWN: 0,
  BLOCK_DEVICE: 1,
  CHARACTER_DEVICE: 2,
  DIRECTORY: 3,
  REGULAR_FILE: 4,
  SOCKET_DGRAM: 5,
  SOCKET_STREAM: 6,
  SYMBOLIC_LINK: 7,
} as const;

/** One of {@link FILETYPE}. */
export type Filetype = (typeof FILETYPE)[keyof typeof FILETYPE];

/** Descriptor flags of preview 1 (witx: `$fdflags`). */
export const FDFLAGS = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 } as const;

/**
 * One of the three descriptors inherited from the container. The host's open file description is shared with
 * whoever is at the other end, so the guest's flags are kept here and never set on it.
 */
interface StdioDescriptor {
  readonly kind: "stdio";
  readonly hostFd: number;
  readonly access: "read" | "write";
  flags: number;
}

/** Anything opened by path that is no directory. Its offset is the kernel's. */
export interface FileDescriptor {
  readonly kind: "file";
  readonly hostFd: number;
  readonly filetype: Filetype;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Opened below a read-only preopen: metadata and size may not change. */
  readonly readOnly: boolean;
  flags: number;
}

/** A directory, and the root that paths given with it cannot leave. */
export interface DirectoryDescriptor {
  readonly kind: "directory";
  readonly hostFd: number;
  readonly readOnly: boolean;
  /** The guest's name for it when it is a preopen. */
  readonly preopenName: Uint8Array | undefined;
}

export type Descriptor = StdioDescriptor | FileDescriptor | DirectoryDescriptor;
