// SPDX-License-Identifier: Apache-2.0
// FFI only: mount(2), umount2(2), statfs(2), openat2(2). Each function is one system call and answers as the
// kernel does: zero or a file descriptor that the caller owns, or a negative errno. Pointers are only lent, the
// kernel copies what they point to before the call returns; the buffers are passed as such, so that they live
// as long as the call. Strings must not contain a NUL, which would cut them off.
import { dlopen, FFIType } from "bun:ffi";
import { kernelAnswer } from "./last-errno.ts";
import { lazy } from "./lazy.ts";

/** umount2(2): take the mount out of the tree now, let go of it when its last user has. */
export const MNT_DETACH = 2;
/** umount2(2): fail on a symbolic link instead of following it. */
export const UMOUNT_NOFOLLOW = 8;
/** openat2(2): treat the directory as `/`, so that neither `..` nor a symbolic link leads out of it. */
export const RESOLVE_IN_ROOT = 0x10;
/** openat2(2): refuse links of the kind of /proc/self/fd/N, which lead anywhere. */
export const RESOLVE_NO_MAGICLINKS = 0x02;

/** The number of the unified syscall table, the same on x86-64 and arm64. */
const SYS_OPENAT2 = 437;
/** struct statfs of 64-bit Linux is 15 words, f_flags the eleventh of them. */
const STATFS_WORDS = 15;
const STATFS_FLAGS_WORD = 10;

const libc = lazy(() => {
  const { i32, i64, u64, ptr } = FFIType;
  return dlopen("libc.so.6", {
    mount: { args: [ptr, ptr, ptr, u64, ptr], returns: i32 },
    umount2: { args: [ptr, i32], returns: i32 },
    statfs: { args: [ptr, ptr], returns: i32 },
    // As openat2(2) uses it: number, directory, path, struct open_how, its size.
    syscall: { args: [i64, i64, ptr, ptr, i64], returns: i32 },
    __errno_location: { args: [], returns: ptr },
  }).symbols;
});

function cString(text: string | undefined): Uint8Array | null {
  return text === undefined ? null : Buffer.from(`${text}\0`);
}

/** What mount(2) takes; an absent string is a null pointer. */
export interface MountCall {
  readonly source?: string;
  readonly target: string;
  readonly type?: string;
  readonly flags: number;
  readonly data?: string;
}

/** mount(2). The kernel reads at most a page of `data`, its NUL included, and drops the rest unsaid. */
export function mountSyscall(call: MountCall): number {
  return kernelAnswer(
    libc(),
    libc().mount(
      cString(call.source),
      cString(call.target),
      cString(call.type),
      call.flags,
      cString(call.data),
    ),
  );
}

/** umount2(2); `-EINVAL` when nothing is mounted there. */
export function unmountSyscall(target: string, flags: number): number {
  return kernelAnswer(libc(), libc().umount2(cString(target), flags));
}

/** statfs(2)'s `f_flags`: the ST_* flags of the mount that `path` leads to. */
export function mountFlagsOf(path: string): number {
  const words = new BigUint64Array(STATFS_WORDS);
  const result = kernelAnswer(libc(), libc().statfs(cString(path), words));
  return result < 0 ? result : Number(words[STATFS_FLAGS_WORD] ?? 0n);
}

/** What openat2(2) takes: `flags` of open(2), `resolve` of RESOLVE_*. */
export interface OpenAtCall {
  readonly directory: number;
  readonly path: string;
  readonly flags: number;
  readonly resolve: number;
}

/** openat2(2), since Linux 5.6; the caller owns the descriptor. */
export function openAtSyscall(call: OpenAtCall): number {
  // struct open_how: flags, mode, resolve.
  const how = new BigUint64Array([BigInt(call.flags), 0n, BigInt(call.resolve)]);
  return kernelAnswer(
    libc(),
    libc().syscall(SYS_OPENAT2, call.directory, cString(call.path), how, how.byteLength),
  );
}
