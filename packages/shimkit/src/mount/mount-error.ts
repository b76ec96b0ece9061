// SPDX-License-Identifier: Apache-2.0
import { ShimError, type Code } from "../error.ts";
import type { RootfsMount } from "./rootfs-mount.ts";

/** A system call that failed while a rootfs was mounted or unmounted. */
export class MountError extends ShimError {
  /** The symbolic errno, such as `ENOENT`. */
  readonly errno: string;

  constructor(errno: string, message: string) {
    super(codeOf(errno), message);
    this.name = "MountError";
    this.errno = errno;
  }
}

// A missing source must not read as NotFound: containerd would take it for a missing task.
function codeOf(errno: string): Code {
  switch (errno) {
    case "EINVAL":
    case "ELOOP":
    case "ENAMETOOLONG":
      return "InvalidArgument";
    case "EPERM":
    case "EACCES":
      return "PermissionDenied";
    case "ENOENT":
    case "ENODEV":
    case "ENOTDIR":
    case "ENOSYS":
    case "ENOTBLK":
      return "FailedPrecondition";
    default:
      return "Internal";
  }
}

/** The error of a mount that failed; `step` says what of it when it is not mount(2) itself. */
export function mountError(
  mount: RootfsMount,
  target: string,
  failure: { readonly errno: string; readonly step?: string; readonly hint?: string | undefined },
): MountError {
  const step = failure.step === undefined ? "" : `${failure.step}: `;
  const hint = failure.hint === undefined ? "" : ` (${failure.hint})`;
  return new MountError(
    failure.errno,
    `cannot mount ${mount.type || "filesystem"} "${mount.source}" on "${target}": ${step}${failure.errno}${hint}`,
  );
}
