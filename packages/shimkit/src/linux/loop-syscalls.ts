// SPDX-License-Identifier: Apache-2.0
// FFI only: ioctl(2) of loop(4). Each function is one system call and answers as the kernel does: a number of at
// least zero, or a negative errno. The struct is only lent: the kernel copies it before the call returns.
import { dlopen, FFIType } from "bun:ffi";
import { kernelAnswer } from "./last-errno.ts";
import { lazy } from "./lazy.ts";

/** loop(4): the device refuses writes. */
export const LO_FLAGS_READ_ONLY = 1;
/** loop(4): the kernel frees the device when the last one that has it open, or mounted, lets go. */
export const LO_FLAGS_AUTOCLEAR = 4;
/** loop(4): the backing file is read and written without the page cache. */
export const LO_FLAGS_DIRECT_IO = 16;

// include/uapi/linux/loop.h
const LOOP_CONFIGURE = 0x4c0a;
const LOOP_CTL_GET_FREE = 0x4c82;
/** struct loop_config: fd, block size, struct loop_info64 of 232 bytes, 64 bytes reserved. */
const CONFIG_BYTES = 304;
const CONFIG_FLAGS_OFFSET = 8 + 52;
const CONFIG_NAME_OFFSET = 8 + 56;
/** lo_file_name, its terminating NUL included. */
const NAME_BYTES = 64;

const libc = lazy(() => {
  const { i32, u64, ptr } = FFIType;
  return dlopen("libc.so.6", {
    ioctl: { args: [i32, u64, ptr], returns: i32 },
    __errno_location: { args: [], returns: ptr },
  }).symbols;
});

function ioctl(fd: number, request: number, argument: Uint8Array | null): number {
  return kernelAnswer(libc(), libc().ioctl(fd, request, argument));
}

/** LOOP_CTL_GET_FREE on an open /dev/loop-control: the number of a device that is free now, made if need be. */
export function freeLoopNumber(control: number): number {
  return ioctl(control, LOOP_CTL_GET_FREE, null);
}

/** What LOOP_CONFIGURE takes; `name` is for people (losetup(8)) and cut to 63 bytes. */
export interface LoopConfig {
  readonly backingFd: number;
  readonly flags: number;
  readonly name: string;
}

/** LOOP_CONFIGURE on an open loop device, since Linux 5.8; `-EBUSY` when another process was faster. */
export function configureLoop(device: number, config: LoopConfig): number {
  const bytes = new Uint8Array(CONFIG_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, config.backingFd, true);
  view.setUint32(CONFIG_FLAGS_OFFSET, config.flags, true);
  bytes.set(Buffer.from(config.name).subarray(0, NAME_BYTES - 1), CONFIG_NAME_OFFSET);
  return ioctl(device, LOOP_CONFIGURE, bytes);
}
