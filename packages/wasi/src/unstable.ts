// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import type { Errno } from "./errno.ts";
import { fdSeek } from "./fd-io.ts";
import { fdFilestatGet } from "./fd-stat.ts";
import type { FilestatLayout } from "./filestat.ts";
import { pathFilestatGet } from "./path-stat.ts";
import { pollOneoff, type SubscriptionLayout } from "./poll.ts";

const FILESTAT: FilestatLayout = { sizeBytes: 56, nlink: { at: 20, bits: 32 }, size: 24 };
const SUBSCRIPTION: SubscriptionLayout = { sizeBytes: 56, clockAt: 24 };

// By the old numbers, which are: from the position, from the end, from the start.
const WHENCE: readonly number[] = [1, 2, 0];
const UNKNOWN_WHENCE = -1;

/**
 * Where `wasi_unstable`, which compilers made until 2020, differs from `wasi_snapshot_preview1`: the order of
 * whence, 32 bit link counts, and a clock subscription's additional field.
 *
 * @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview0/docs.md
 */
export const unstableFunctions: WasiFunctions = {
  fd_seek: (context: WasiContext, fd: number, offset: bigint, whence: number, result: number): Errno =>
    fdSeek(context, fd, offset, WHENCE[whence] ?? UNKNOWN_WHENCE, result),
  fd_filestat_get: fdFilestatGet(FILESTAT),
  path_filestat_get: pathFilestatGet(FILESTAT),
  poll_oneoff: pollOneoff(SUBSCRIPTION),
};
