// SPDX-License-Identifier: Apache-2.0
// FFI only: open_tree(2), move_mount(2), mount_setattr(2). Each function is one system call and answers as the
// kernel does: zero or a file descriptor that the caller owns, or a negative errno. Pointers are only lent for
// the call, and passed as buffers, so that they live as long. Strings must not contain a NUL.
import { dlopen, FFIType } from "bun:ffi";
import { kernelAnswer } from "./last-errno.ts";
import { lazy } from "./lazy.ts";

/** mount_setattr(2): owners appear as the user namespace says. */
export const MOUNT_ATTR_IDMAP = 0x0010_0000;
/** mount_setattr(2): read-only. */
export const MOUNT_ATTR_RDONLY = 1;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const MS_PRIVATE = 1 << 18;
// Numbers of the unified syscall table, the same on x86-64 and arm64.
const SYS_OPEN_TREE = 428;
const SYS_MOVE_MOUNT = 429;
const SYS_MOUNT_SETATTR = 442;

const libc = lazy(() => {
  const { i32, i64, ptr } = FFIType;
  return dlopen("libc.so.6", {
    // The three have their second pointer, if any, in the same place.
    syscall: { args: [i64, i64, ptr, i64, ptr, i64], returns: i32 },
    __errno_location: { args: [], returns: ptr },
  }).symbols;
});

function call(
  number: number,
  fd: number,
  path: Uint8Array,
  third: number,
  fourth: Uint8Array | null,
  fifth: number,
): number {
  return kernelAnswer(libc(), libc().syscall(number, fd, path, third, fourth, fifth));
}

function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

/** open_tree(2) with OPEN_TREE_CLONE, since Linux 5.2: a detached copy of the mount, with those below if asked. */
export function cloneTreeSyscall(path: string, recursive: boolean): number {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
  return call(SYS_OPEN_TREE, AT_FDCWD, cString(path), flags, null, 0);
}

/** move_mount(2), since Linux 5.2: attaches a detached mount; its descriptor stays good. */
export function attachTreeSyscall(tree: number, target: string): number {
  return call(SYS_MOVE_MOUNT, tree, cString(""), AT_FDCWD, cString(target), MOVE_MOUNT_F_EMPTY_PATH);
}

/** What mount_setattr(2) is to set, MOUNT_ATTR_* flags; `usernsFd` is for MOUNT_ATTR_IDMAP. */
export interface TreeAttributes {
  readonly set: number;
  readonly usernsFd: number;
  readonly recursive: boolean;
}

/** mount_setattr(2), since Linux 5.12, on a detached mount, which it makes private too. */
export function setTreeAttributesSyscall(tree: number, attributes: TreeAttributes): number {
  // struct mount_attr: attr_set, attr_clr, propagation, userns_fd.
  const attr = new BigUint64Array([
    BigInt(attributes.set),
    0n,
    BigInt(MS_PRIVATE),
    BigInt(attributes.usernsFd),
  ]);
  const flags = AT_EMPTY_PATH | (attributes.recursive ? AT_RECURSIVE : 0);
  return call(SYS_MOUNT_SETATTR, tree, cString(""), flags, new Uint8Array(attr.buffer), attr.byteLength);
}
