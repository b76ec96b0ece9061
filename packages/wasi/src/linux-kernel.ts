// SPDX-License-Identifier: Apache-2.0
import { errnoFromLinux, WasiErrno } from "./errno.ts";
import type { FileTimes, Kernel, KernelDirent, PollFd } from "./kernel.ts";
import { checked, loadLibc, type Libc } from "./libc.ts";
import { syscallNumbers, type SyscallNumbers } from "./syscall-numbers.ts";

/** open(2) for metadata only; the same on x86-64 and arm64, and not among `node:fs`'s constants. */
export const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;

// openat2(2)
const RESOLVE_NO_MAGICLINKS = 0x02n;
const RESOLVE_BENEATH = 0x08n;
const OPEN_HOW_BYTES = 24;
// unlinkat(2), utimensat(2)
const AT_REMOVEDIR = 0x200;
const AT_EMPTY_PATH = 0x1000;
const UTIME_NOW = 0x3fffffffn;
const UTIME_OMIT = 0x3ffffffen;
// statfs(2): the type is the first word of struct statfs, which has 120 bytes
const PROC_SUPER_MAGIC = 0x9fa0n;
const STATFS_WORDS = 15;
const F_SETFL = 4;
const SEEK_SET = 0;
// ioctl_tty(2); struct termios has 36 bytes
const TCGETS = 0x5401;
const FIONREAD = 0x541b;
const TERMIOS_BYTES = 36;
const EINTR = 4;
const EINVAL = 22;

const PATH_MAX = 4096;
const DIRENT_BUFFER_BYTES = 32_768;
const NANOSECONDS = 1_000_000_000n;

/** The system calls on this machine. */
export function openKernel(): Kernel {
  const libc = loadLibc();
  const numbers = syscallNumbers();
  return { ...pathCalls(libc, numbers), ...descriptorCalls(libc, numbers), ...waitCalls(libc, numbers) };
}

type PathCalls = Pick<
  Kernel,
  "openat" | "tryOpenBeneath" | "mkdirat" | "unlinkat" | "renameat" | "linkat" | "symlinkat" | "readlinkat"
>;

function pathCalls({ syscall }: Libc, numbers: SyscallNumbers): PathCalls {
  return {
    openat: (dirFd, path, flags, mode) =>
      checked(syscall(numbers.openat, dirFd, terminated(path), flags | O_CLOEXEC, mode)),
    tryOpenBeneath(dirFd, path, flags, mode) {
      const resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
      const how = BigUint64Array.of(BigInt(flags | O_CLOEXEC), BigInt(mode), resolve);
      return syscall(numbers.openat2, dirFd, terminated(path), how, OPEN_HOW_BYTES);
    },
    mkdirat(dirFd, path) {
      checked(syscall(numbers.mkdirat, dirFd, terminated(path), 0o777));
    },
    unlinkat(dirFd, path, kind) {
      checked(syscall(numbers.unlinkat, dirFd, terminated(path), kind === "directory" ? AT_REMOVEDIR : 0));
    },
    renameat(fromDirFd, from, toDirFd, to) {
      checked(syscall(numbers.renameat2, fromDirFd, terminated(from), toDirFd, terminated(to), 0));
    },
    linkat(fromDirFd, from, toDirFd, to) {
      checked(syscall(numbers.linkat, fromDirFd, terminated(from), toDirFd, terminated(to), 0));
    },
    symlinkat(target, dirFd, path) {
      checked(syscall(numbers.symlinkat, terminated(target), dirFd, terminated(path)));
    },
    readlinkat(dirFd, path) {
      const target = new Uint8Array(PATH_MAX);
      const size = checked(syscall(numbers.readlinkat, dirFd, terminated(path), target, target.length));
      return target.subarray(0, size);
    },
  };
}

type DescriptorCalls = Pick<
  Kernel,
  | "setTimes"
  | "getdents"
  | "seek"
  | "allocate"
  | "advise"
  | "setStatusFlags"
  | "readableBytes"
  | "isProcfs"
  | "isTerminal"
>;

function descriptorCalls(libc: Libc, numbers: SyscallNumbers): DescriptorCalls {
  const { syscall } = libc;
  const seek = (hostFd: number, offset: bigint, whence: number): bigint => {
    const result = libc.lseek(hostFd, BigInt.asIntN(64, offset), whence);
    if (result < 0n) throw new WasiErrno(errnoFromLinux(Number(-result)));
    return result;
  };
  return {
    seek,
    setTimes: (hostFd, times) => setTimes(libc, numbers, hostFd, times),
    getdents(hostFd, position, visit) {
      seek(hostFd, position, SEEK_SET);
      const buffer = new Uint8Array(DIRENT_BUFFER_BYTES);
      for (;;) {
        const size = checked(syscall(numbers.getdents64, hostFd, buffer, buffer.length));
        if (size === 0 || !visitAll(buffer.subarray(0, size), visit)) return;
      }
    },
    allocate(hostFd, offset, sizeBytes) {
      checked(libc.fallocate(hostFd, 0, BigInt.asIntN(64, offset), BigInt.asIntN(64, sizeBytes)));
    },
    advise(hostFd, offset, sizeBytes, advice) {
      checked(libc.posixFadvise(hostFd, BigInt.asIntN(64, offset), BigInt.asIntN(64, sizeBytes), advice));
    },
    setStatusFlags(hostFd, flags) {
      checked(syscall(numbers.fcntl, hostFd, F_SETFL, flags));
    },
    readableBytes(hostFd) {
      const size = new Int32Array(1);
      return syscall(numbers.ioctl, hostFd, FIONREAD, size) < 0 ? 0 : Math.max(0, size[0] ?? 0);
    },
    isProcfs(hostFd) {
      const statfs = new BigUint64Array(STATFS_WORDS);
      checked(syscall(numbers.fstatfs, hostFd, statfs));
      return statfs[0] === PROC_SUPER_MAGIC;
    },
    isTerminal: (hostFd) => syscall(numbers.ioctl, hostFd, TCGETS, new Uint8Array(TERMIOS_BYTES)) === 0,
  };
}

function waitCalls({ syscall }: Libc, numbers: SyscallNumbers): Pick<Kernel, "poll" | "clockGettime"> {
  return {
    poll(fds, timeoutNs) {
      const table = pollTable(fds);
      const timeout =
        timeoutNs === undefined ? 0 : BigUint64Array.of(timeoutNs / NANOSECONDS, timeoutNs % NANOSECONDS);
      const ready = syscall(numbers.ppoll, table.length === 0 ? 0 : table, fds.length, timeout, 0, 8);
      if (ready === -EINTR) return 0;
      const view = new DataView(table.buffer);
      for (const [index, fd] of fds.entries()) fd.revents = view.getInt16(index * 8 + 6, true);
      return checked(ready);
    },
    clockGettime(clock) {
      const time = new BigUint64Array(2);
      checked(syscall(numbers.clock_gettime, clock, time));
      return (time[0] ?? 0n) * NANOSECONDS + (time[1] ?? 0n);
    },
  };
}

// struct pollfd of poll(2): int fd; short events; short revents.
function pollTable(fds: readonly PollFd[]): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(fds.length * 8);
  const view = new DataView(table.buffer);
  for (const [index, fd] of fds.entries()) {
    view.setInt32(index * 8, fd.hostFd, true);
    view.setInt16(index * 8 + 4, fd.events, true);
  }
  return table;
}

// struct linux_dirent64 of getdents(2): u64 ino; s64 off; u16 reclen; u8 type; name with its NUL.
function visitAll(entries: Uint8Array<ArrayBuffer>, visit: (entry: KernelDirent) => boolean): boolean {
  const view = new DataView(entries.buffer, entries.byteOffset, entries.length);
  let at = 0;
  while (at < entries.length) {
    const recordBytes = view.getUint16(at + 16, true);
    const name = entries.subarray(at + 19, at + recordBytes);
    const entry: KernelDirent = {
      inode: view.getBigUint64(at, true),
      next: view.getBigUint64(at + 8, true),
      type: view.getUint8(at + 18),
      name: name.subarray(0, name.indexOf(0)),
    };
    if (!visit(entry)) return false;
    at += recordBytes;
  }
  return true;
}

// With AT_EMPTY_PATH (Linux 5.8) a descriptor opened with O_PATH will do; without it only others.
function setTimes({ syscall }: Libc, numbers: SyscallNumbers, hostFd: number, times: FileTimes): void {
  const timespecs = BigUint64Array.of(...timespec(times.accessed), ...timespec(times.modified));
  const result = syscall(numbers.utimensat, hostFd, new Uint8Array(1), timespecs, AT_EMPTY_PATH);
  checked(result === -EINVAL ? syscall(numbers.utimensat, hostFd, 0, timespecs, 0) : result);
}

function timespec(time: bigint | "now" | undefined): [bigint, bigint] {
  if (time === undefined) return [0n, UTIME_OMIT];
  if (time === "now") return [0n, UTIME_NOW];
  return [time / NANOSECONDS, time % NANOSECONDS];
}

function terminated(path: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(path.length + 1);
  bytes.set(path);
  return bytes;
}
