// SPDX-License-Identifier: Apache-2.0
import { ShimError, type Code } from "../error.ts";
import type { RootfsMount } from "./rootfs-mount.ts";

/** A system call that failed while a rootfs was mounted or unmounted. */
export class MountError extends ShimError {
  /** The symbolic errno, such as `ENOENT`. */
  readonly errno: string;

  constructor(errno: string, message: string) {
    super(codeFor(errno), message);
    this.name = "MountError";
    this.errno = errno;
  }
}

// A missing source must not read as NotFound: containerd would take it for a missing task.
function codeFor(errno: string): Code {
  switch (errno) {
    case "EINVAL":
    case "ELOOP":
    case "ENAMETOOLONG":
      return "InvalidArgument";
    case "EPERM":
    case "EACCES":
      return "PermissionDenied";
    case "ENOENT":
    case "ENOTDIR":
    case "ENODEV":
    case "ENOTBLK":
    case "ENXIO":
    case "ENOSYS":
    case "EBUSY":
      return "FailedPrecondition";
    default:
      return "Internal";
  }
}

/** What failed of a mount: the step, its errno, and what more is known for the operator. */
export interface MountFailure {
  readonly step: string;
  readonly errno: string;
  readonly hint: string | undefined;
}

/** Writes the error of a mount that failed. */
export function mountError(mount: RootfsMount, target: string, failure: MountFailure): MountError {
  const { step, errno, hint } = failure;
  const where = `${mount.type || "filesystem"} "${mount.source}" on "${target}"`;
  return new MountError(
    errno,
    `cannot mount ${where}: ${step}: ${errno}${hint === undefined ? "" : ` (${hint})`}`,
  );
}
