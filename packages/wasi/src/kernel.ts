// SPDX-License-Identifier: Apache-2.0

/** A file descriptor and the events asked for and found, as poll(2) has them. */
export interface PollFd {
  readonly hostFd: number;
  readonly events: number;
  revents: number;
}

/** One entry of a directory, in the kernel's own order. */
export interface KernelDirent {
  readonly inode: bigint;
  /** Where to seek to read what follows this entry. */
  readonly next: bigint;
  /** A DT_ number of readdir(3). */
  readonly type: number;
  readonly name: Uint8Array;
}

/**
 * The Linux system calls that `node:fs` lacks or does by path only.
 *
 * Each method throws `WasiErrno` when the call fails. A path is bytes without the terminating NUL and without
 * any NUL inside; it is resolved from `dirFd` as the kernel does, so callers pass either one component or use
 * `openBeneath`. Returned descriptors belong to the caller and are close-on-exec.
 */
export interface Kernel {
  openat(dirFd: number, path: Uint8Array, flags: number, mode: number): number;
  /** openat2 with RESOLVE_BENEATH; the Linux errno as a negative number when it fails. */
  tryOpenBeneath(dirFd: number, path: Uint8Array, flags: number, mode: number): number;
  mkdirat(dirFd: number, path: Uint8Array): void;
  unlinkat(dirFd: number, path: Uint8Array, kind: "file" | "directory"): void;
  renameat(fromDirFd: number, from: Uint8Array, toDirFd: number, to: Uint8Array): void;
  linkat(fromDirFd: number, from: Uint8Array, toDirFd: number, to: Uint8Array): void;
  symlinkat(target: Uint8Array, dirFd: number, path: Uint8Array): void;
  /** The target, which may be as long as PATH_MAX. An empty path reads the link that `dirFd` itself is. */
  readlinkat(dirFd: number, path: Uint8Array): Uint8Array;
  /** Nanoseconds since the epoch, `"now"`, or `undefined` to leave a time as it is. */
  setTimes(hostFd: number, times: FileTimes): void;
  getdents(hostFd: number, position: bigint, visit: (entry: KernelDirent) => boolean): void;
  seek(hostFd: number, offset: bigint, whence: number): bigint;
  allocate(hostFd: number, offset: bigint, sizeBytes: bigint): void;
  advise(hostFd: number, offset: bigint, sizeBytes: bigint, advice: number): void;
  setStatusFlags(hostFd: number, flags: number): void;
  /** Waits until one of `fds` is ready or the time is up (`undefined`: for ever); the number that are ready. */
  poll(fds: readonly PollFd[], timeoutNs: bigint | undefined): number;
  /** Bytes that can be read without waiting (FIONREAD); 0 when the descriptor does not tell. */
  readableBytes(hostFd: number): number;
  /** Whether a descriptor is of a file that the kernel makes up in /proc (procfs). */
  isProcfs(hostFd: number): boolean;
  isTerminal(hostFd: number): boolean;
  clockGettime(clock: number): bigint;
}

/** See `Kernel.setTimes`. */
export interface FileTimes {
  readonly accessed: bigint | "now" | undefined;
  readonly modified: bigint | "now" | undefined;
}
