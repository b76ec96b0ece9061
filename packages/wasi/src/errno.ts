// SPDX-License-Identifier: Apache-2.0

/** Error numbers of preview 1 that this host answers with (witx: typenames.witx, `$errno`). */
export const ERRNO = {
  SUCCESS: 0,
  TOO_BIG: 1,
  ACCES: 2,
  AGAIN: 6,
  ALREADY: 7,
  BADF: 8,
  BADMSG: 9,
  BUSY: 10,
  CANCELED: 11,
  CHILD: 12,
  CONNABORTED: 13,
  CONNREFUSED: 14,
  CONNRESET: 15,
  DEADLK: 16,
  DOM: 18,
  DQUOT: 19,
  EXIST: 20,
  FAULT: 21,
  FBIG: 22,
  IDRM: 24,
  ILSEQ: 25,
  INPROGRESS: 26,
  INTR: 27,
  INVAL: 28,
  IO: 29,
  ISDIR: 31,
  LOOP: 32,
  MFILE: 33,
  MLINK: 34,
  MSGSIZE: 35,
  NAMETOOLONG: 37,
  NFILE: 41,
  NOBUFS: 42,
  NODEV: 43,
  NOENT: 44,
  NOEXEC: 45,
  NOLCK: 46,
  NOMEM: 48,
  NOSPC: 51,
  NOSYS: 52,
  NOTCONN: 53,
  NOTDIR: 54,
  NOTEMPTY: 55,
  NOTRECOVERABLE: 56,
  NOTSOCK: 57,
  NOTSUP: 58,
  NOTTY: 59,
  NXIO: 60,
  OVERFLOW: 61,
  OWNERDEAD: 62,
  PERM: 63,
  PIPE: 64,
  PROTO: 65,
  RANGE: 68,
  ROFS: 69,
  SPIPE: 70,
  SRCH: 71,
  STALE: 72,
  TIMEDOUT: 73,
  TXTBSY: 74,
  XDEV: 75,
  NOTCAPABLE: 76,
} as const;

/** One of {@link ERRNO}. */
export type Errno = (typeof ERRNO)[keyof typeof ERRNO];

/** A preview 1 call that failed; `imports.ts` turns it into the call's return value, guests never see it. */
export class WasiErrno extends Error {
  readonly errno: Errno;

  constructor(errno: Errno) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

// asm-generic/errno-base.h and errno.h; the same on x86-64 and arm64.
const FROM_LINUX: ReadonlyMap<number, Errno> = new Map<number, Errno>([
  [1, ERRNO.PERM],
  [2, ERRNO.NOENT],
  [3, ERRNO.SRCH],
  [4, ERRNO.INTR],
  [5, ERRNO.IO],
  [6, ERRNO.NXIO],
  [7, ERRNO.TOO_BIG],
  [8, ERRNO.NOEXEC],
  [9, ERRNO.BADF],
  [10, ERRNO.CHILD],
  [11, ERRNO.AGAIN],
  [12, ERRNO.NOMEM],
  [13, ERRNO.ACCES],
  [14, ERRNO.FAULT],
  [16, ERRNO.BUSY],
  [17, ERRNO.EXIST],
  [18, ERRNO.XDEV],
  [19, ERRNO.NODEV],
  [20, ERRNO.NOTDIR],
  [21, ERRNO.ISDIR],
  [22, ERRNO.INVAL],
  [23, ERRNO.NFILE],
  [24, ERRNO.MFILE],
  [25, ERRNO.NOTTY],
  [26, ERRNO.TXTBSY],
  [27, ERRNO.FBIG],
  [28, ERRNO.NOSPC],
  [29, ERRNO.SPIPE],
  [30, ERRNO.ROFS],
  [31, ERRNO.MLINK],
  [32, ERRNO.PIPE],
  [33, ERRNO.DOM],
  [34, ERRNO.RANGE],
  [35, ERRNO.DEADLK],
  [36, ERRNO.NAMETOOLONG],
  [37, ERRNO.NOLCK],
  [38, ERRNO.NOSYS],
  [39, ERRNO.NOTEMPTY],
  [40, ERRNO.LOOP],
  [43, ERRNO.IDRM],
  [71, ERRNO.PROTO],
  [74, ERRNO.BADMSG],
  [75, ERRNO.OVERFLOW],
  [84, ERRNO.ILSEQ],
  [88, ERRNO.NOTSOCK],
  [90, ERRNO.MSGSIZE],
  [95, ERRNO.NOTSUP],
  [103, ERRNO.CONNABORTED],
  [104, ERRNO.CONNRESET],
  [105, ERRNO.NOBUFS],
  [107, ERRNO.NOTCONN],
  [110, ERRNO.TIMEDOUT],
  [111, ERRNO.CONNREFUSED],
  [114, ERRNO.ALREADY],
  [115, ERRNO.INPROGRESS],
  [116, ERRNO.STALE],
  [122, ERRNO.DQUOT],
  [125, ERRNO.CANCELED],
  [130, ERRNO.OWNERDEAD],
  [131, ERRNO.NOTRECOVERABLE],
]);

/** The preview 1 number for a Linux errno; `IO` for one that preview 1 has no name for. */
export function errnoFromLinux(linuxErrno: number): Errno {
  return FROM_LINUX.get(linuxErrno) ?? ERRNO.IO;
}

/** The Linux errno that a failed `node:fs` call carries (as a negative number), if `error` is one. */
export function linuxErrnoOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errno" in error) || !("syscall" in error)) return undefined;
  return typeof error.errno === "number" && error.errno < 0 ? -error.errno : undefined;
}
