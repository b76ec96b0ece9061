// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from "node:fs";
import { errnoName } from "../linux/errno.ts";
import {
  configureLoop,
  freeLoopNumber,
  LO_FLAGS_AUTOCLEAR,
  LO_FLAGS_DIRECT_IO,
  LO_FLAGS_READ_ONLY,
} from "../linux/loop-syscalls.ts";

/** Each attempt lost means that another process won a device, so this many are not lost in a row. */
const MAX_ATTEMPTS = 100;

/**
 * A block device over a file. Dispose of it once it is mounted: the mount then keeps it, and the kernel frees it
 * when the mount goes, so nothing is left behind even if the shim dies. Disposed of earlier, it is freed at once.
 */
export interface LoopDevice extends Disposable {
  readonly path: string;
}

/** How the backing file is used. */
export interface LoopMode {
  readonly readOnly: boolean;
  /** Past the page cache. */
  readonly directIo: boolean;
}

/** A loop device, or the errno with the step that failed. */
export type LoopResult =
  | { readonly kind: "open"; readonly device: LoopDevice }
  | { readonly kind: "failed"; readonly errno: string; readonly step: string };

/**
 * Attaches a file to a free loop device (loop(4)); the caller owns the device.
 *
 * @throws Error of node:fs when the file or a device cannot be opened.
 */
export function openLoopDevice(file: string, mode: LoopMode): LoopResult {
  const access = mode.readOnly ? constants.O_RDONLY : constants.O_RDWR;
  using undo = new DisposableStack();
  const backingFd = openOwned(file, access, undo);
  const control = openOwned("/dev/loop-control", constants.O_RDWR, undo);
  const flags =
    LO_FLAGS_AUTOCLEAR | (mode.readOnly ? LO_FLAGS_READ_ONLY : 0) | (mode.directIo ? LO_FLAGS_DIRECT_IO : 0);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const number = freeLoopNumber(control);
    if (number < 0) return failed("LOOP_CTL_GET_FREE", number);
    const path = `/dev/loop${number}`;
    const fd = openSync(path, access);
    const result = configureLoop(fd, { backingFd, flags, name: file });
    if (result === 0) return { kind: "open", device: { path, [Symbol.dispose]: () => closeSync(fd) } };
    closeSync(fd);
    if (errnoName(-result) !== "EBUSY") return failed("LOOP_CONFIGURE", result);
  }
  return { kind: "failed", errno: "EBUSY", step: "LOOP_CONFIGURE" };
}

function openOwned(path: string, flags: number, owner: DisposableStack): number {
  const fd = openSync(path, flags);
  owner.defer(() => closeSync(fd));
  return fd;
}

function failed(step: string, result: number): LoopResult {
  return { kind: "failed", errno: errnoName(-result), step };
}
