// SPDX-License-Identifier: Apache-2.0
import type { HostInterface } from "../link/host-interface.ts";
import { functions } from "./cli.ts";
import { POLLABLE } from "./io.ts";
import type { Kernel } from "@runwasi/wasi/system";
import { NOW, Pollable } from "./pollable.ts";

const CLOCK_REALTIME = 0;
const NS_PER_SECOND = 1_000_000_000n;
const MAX_U64 = 2n ** 64n - 1n;

/** A wall clock's time, `wasi:clocks/wall-clock.datetime`. */
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** `wasi:clocks`, the kernel's own. */
export function clockInterfaces(kernel: () => Kernel): Readonly<Record<string, HostInterface>> {
  const monotonic = functions(
    {
      now: () => process.hrtime.bigint(),
      resolution: () => 1n,
      "subscribe-instant": at,
      "subscribe-duration": (durationNs: bigint) =>
        durationNs === 0n ? new Pollable(NOW) : at(process.hrtime.bigint() + durationNs),
    },
    { pollable: POLLABLE },
  );
  const wall = functions({
    now: () => datetime(kernel().clockGettime(CLOCK_REALTIME)),
    resolution: () => datetime(1n),
  });
  return { "wasi:clocks/monotonic-clock": monotonic, "wasi:clocks/wall-clock": wall };
}

function at(atNs: bigint): Pollable {
  return new Pollable({ wakeup: { kind: "time", atNs: atNs > MAX_U64 ? MAX_U64 : atNs } });
}

/** A time in nanoseconds since the epoch; none before it, which the type cannot say. */
export function datetime(timeNs: bigint): Datetime {
  const positive = timeNs < 0n ? 0n : timeNs;
  return { seconds: positive / NS_PER_SECOND, nanoseconds: Number(positive % NS_PER_SECOND) };
}

export function nanoseconds({ seconds, nanoseconds: rest }: Datetime): bigint {
  return seconds * NS_PER_SECOND + BigInt(rest);
}
