// SPDX-License-Identifier: Apache-2.0
// The entry `@runwasi/wasi/system`: the system calls under the host functions, for a host of another WASI.
export { ERRNO, errnoFromLinux, linuxErrnoOf, WasiErrno, type Errno } from "./errno.ts";
export { isDots, splitPath } from "./guest-path.ts";
export type { Kernel, PollFd } from "./kernel.ts";
export { O_PATH, openKernel } from "./linux-kernel.ts";
export { openDirectory } from "./open-directory.ts";
export { createOpenBeneath, type OpenBeneath } from "./open-beneath.ts";
