// SPDX-License-Identifier: Apache-2.0
import type { Timestamp } from "../gen/google/protobuf/timestamp.ts";

/** Milliseconds since the epoch, fractions kept to the microsecond, as a protobuf Timestamp. */
export function timestampFromMs(ms: number): Timestamp {
  const us = Math.round(ms * 1000); // rounded first, or the nanos could come to a whole second
  const seconds = Math.floor(us / 1e6);
  return { seconds: BigInt(seconds), nanos: (us - seconds * 1e6) * 1000 };
}

/** A protobuf Timestamp as milliseconds since the epoch. */
export function timestampToMs(timestamp: Timestamp): number {
  return Number(timestamp.seconds) * 1000 + timestamp.nanos / 1e6;
}
