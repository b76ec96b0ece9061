// SPDX-License-Identifier: Apache-2.0
import { readSync, writeSync } from "node:fs";
import type { WasiContext } from "./context.ts";
import { ERRNO, linuxErrnoOf, WasiErrno } from "./errno.ts";

// poll(2)
export const POLLIN = 0x1;
export const POLLOUT = 0x4;

const EINTR = 4;
const EAGAIN = 11;

/** Where in the file (`undefined`: the descriptor's own offset) and whether to wait for a non-blocking fd. */
export interface TransferOptions {
  readonly position?: number;
  readonly wait: boolean;
}

/**
 * Writes all of `bytes` and returns their number, or fewer when an error came after some were written: the
 * guest meets that error in its next call, as with write(2).
 *
 * The container's pipes may be non-blocking (whoever holds the other end decides), which must neither lose data
 * nor reach a guest that did not ask for it; so `wait` polls instead of answering `AGAIN`.
 */
export function writeAll(
  context: WasiContext,
  hostFd: number,
  bytes: Uint8Array,
  options: TransferOptions,
): number {
  let done = 0;
  while (done < bytes.length) {
    const { position } = options;
    const target = position === undefined ? undefined : position + done;
    try {
      done += writeSync(hostFd, bytes, done, bytes.length - done, target);
    } catch (error) {
      if (retries(context, hostFd, POLLOUT, error, options.wait)) continue;
      if (done > 0) return done;
      throw error;
    }
  }
  return done;
}

/** Reads once into `bytes`; 0 is the end of the file. */
export function readOnce(
  context: WasiContext,
  hostFd: number,
  bytes: Uint8Array,
  options: TransferOptions,
): number {
  for (;;) {
    try {
      return readSync(hostFd, bytes, 0, bytes.length, options.position ?? null);
    } catch (error) {
      if (!retries(context, hostFd, POLLIN, error, options.wait)) throw error;
    }
  }
}

// Waits until the call is worth repeating; false when the error is the guest's to see.
function retries(
  context: WasiContext,
  hostFd: number,
  events: number,
  error: unknown,
  wait: boolean,
): boolean {
  const linuxErrno = linuxErrnoOf(error);
  if (linuxErrno === EINTR) return true;
  if (linuxErrno !== EAGAIN || !wait) return false;
  context.kernel().poll([{ hostFd, events, revents: 0 }], undefined);
  return true;
}

/** An offset that `node:fs` can take; throws `INVAL` or `FBIG` where the kernel would. */
export function fileOffset(offset: bigint): number {
  const unsigned = BigInt.asUintN(64, offset);
  if (unsigned >= 1n << 63n) throw new WasiErrno(ERRNO.INVAL);
  if (unsigned > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiErrno(ERRNO.FBIG);
  return Number(unsigned);
}
