// SPDX-License-Identifier: Apache-2.0
import { ERRNO, type Errno, errnoFromLinux, linuxErrnoOf, WasiErrno } from "@runwasi/wasi/system";
import { err, ok, type Result } from "./result.ts";

// `wasi:filesystem/types.error-code` for the numbers of preview 1; what has no name of its own is `io`.
const CODES: ReadonlyMap<Errno, string> = new Map<Errno, string>([
  [ERRNO.ACCES, "access"],
  [ERRNO.AGAIN, "would-block"],
  [ERRNO.ALREADY, "already"],
  [ERRNO.BADF, "bad-descriptor"],
  [ERRNO.BUSY, "busy"],
  [ERRNO.DEADLK, "deadlock"],
  [ERRNO.DQUOT, "quota"],
  [ERRNO.EXIST, "exist"],
  [ERRNO.FBIG, "file-too-large"],
  [ERRNO.ILSEQ, "illegal-byte-sequence"],
  [ERRNO.INPROGRESS, "in-progress"],
  [ERRNO.INTR, "interrupted"],
  [ERRNO.INVAL, "invalid"],
  [ERRNO.ISDIR, "is-directory"],
  [ERRNO.LOOP, "loop"],
  [ERRNO.MLINK, "too-many-links"],
  [ERRNO.MSGSIZE, "message-size"],
  [ERRNO.NAMETOOLONG, "name-too-long"],
  [ERRNO.NODEV, "no-device"],
  [ERRNO.NOENT, "no-entry"],
  [ERRNO.NOLCK, "no-lock"],
  [ERRNO.NOMEM, "insufficient-memory"],
  [ERRNO.NOSPC, "insufficient-space"],
  [ERRNO.NOTDIR, "not-directory"],
  [ERRNO.NOTEMPTY, "not-empty"],
  [ERRNO.NOTRECOVERABLE, "not-recoverable"],
  [ERRNO.NOTSUP, "unsupported"],
  [ERRNO.NOSYS, "unsupported"],
  [ERRNO.NOTTY, "no-tty"],
  [ERRNO.NXIO, "no-such-device"],
  [ERRNO.OVERFLOW, "overflow"],
  [ERRNO.PERM, "not-permitted"],
  [ERRNO.PIPE, "pipe"],
  [ERRNO.ROFS, "read-only"],
  [ERRNO.SPIPE, "invalid-seek"],
  [ERRNO.TXTBSY, "text-file-busy"],
  [ERRNO.XDEV, "cross-device"],
]);

/** The error code for a failed system call; undefined for an exception that is something else. */
export function fileErrorCode(error: unknown): string | undefined {
  if (error instanceof WasiErrno) return CODES.get(error.errno) ?? "io";
  const linuxErrno = linuxErrnoOf(error);
  return linuxErrno === undefined ? undefined : (CODES.get(errnoFromLinux(linuxErrno)) ?? "io");
}

/** What an operation on files answers with, its failed system calls as error codes. */
export function fileResult<Value>(run: () => Value): Result<Value, string> {
  try {
    return ok(run());
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === undefined) throw error;
    return err(code);
  }
}
