// SPDX-License-Identifier: Apache-2.0

/** Numbers of the system calls in use: Linux v6.1, arch/x86/entry/syscalls/syscall_64.tbl. */
const X64 = {
  ioctl: 16,
  fcntl: 72,
  fstatfs: 138,
  getdents64: 217,
  clock_gettime: 228,
  openat: 257,
  mkdirat: 258,
  unlinkat: 263,
  linkat: 265,
  symlinkat: 266,
  readlinkat: 267,
  ppoll: 271,
  utimensat: 280,
  renameat2: 316,
  openat2: 437,
} as const;

/** The same from include/uapi/asm-generic/unistd.h, which arm64 uses. */
const ARM64: SyscallNumbers = {
  ioctl: 29,
  fcntl: 25,
  fstatfs: 44,
  getdents64: 61,
  clock_gettime: 113,
  openat: 56,
  mkdirat: 34,
  unlinkat: 35,
  linkat: 37,
  symlinkat: 36,
  readlinkat: 78,
  ppoll: 73,
  utimensat: 88,
  renameat2: 276,
  openat2: 437,
};

/** A number per call name. */
export type SyscallNumbers = Readonly<Record<keyof typeof X64, number>>;

/** The numbers for this processor; throws on one that no shim is built for. */
export function syscallNumbers(): SyscallNumbers {
  if (process.arch === "x64") return X64;
  if (process.arch === "arm64") return ARM64;
  throw new Error(`cannot make system calls on "${process.arch}": its numbers are not known (x64 or arm64)`);
}
