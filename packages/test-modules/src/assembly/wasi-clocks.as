// SPDX-License-Identifier: Apache-2.0
// Clocks have a resolution, run forwards and do not mix.
import { fails, finish, holds, succeeds } from "./check";
import * as wasi from "./wasi";

const REALTIME: i32 = 0;
const MONOTONIC: i32 = 1;
const YEAR_2024_NS: u64 = 1704067200000000000;
const YEAR_2200_NS: u64 = 7258118400000000000;
const SECOND_NS: u64 = 1000000000;

const result = memory.data(8, 8);

function now(clock: i32): u64 {
  wasi.clock_time_get(clock, 1, result);
  return load<u64>(result);
}

function resolution(clock: i32, name: string): void {
  succeeds("clock_res_get of the " + name + " clock", wasi.clock_res_get(clock, result));
  const ns = load<u64>(result);
  holds("the " + name + " clock's resolution is between 1 ns and 1 s", ns >= 1 && ns <= SECOND_NS);
  succeeds("clock_time_get of the " + name + " clock", wasi.clock_time_get(clock, 1, result));
}

function main(): void {
  resolution(REALTIME, "realtime");
  resolution(MONOTONIC, "monotonic");
  const today = now(REALTIME);
  holds("the realtime clock counts from 1970", today > YEAR_2024_NS && today < YEAR_2200_NS);

  let previous = now(MONOTONIC);
  let backwards = 0;
  for (let turn = 0; turn < 1000; turn += 1) {
    const next = now(MONOTONIC);
    if (next < previous) backwards += 1;
    previous = next;
  }
  holds("the monotonic clock never runs backwards", backwards === 0);

  const start = now(MONOTONIC);
  let turns = 0;
  while (now(MONOTONIC) === start && turns < 10000000) turns += 1;
  holds("the monotonic clock advances", now(MONOTONIC) > start);

  const monotonicStart = now(MONOTONIC);
  const realtimeStart = now(REALTIME);
  while (now(MONOTONIC) < monotonicStart + 20000000) {}
  const elapsed = now(REALTIME) - realtimeStart;
  holds("the realtime clock advances as the monotonic one does", elapsed > 10000000 && elapsed < 10 * SECOND_NS);

  // CPU time is optional: WASI 0.2 dropped it.
  fails("clock_time_get of the process's CPU time", wasi.clock_time_get(2, 1, result), 0, wasi.BADF, wasi.NOTSUP);
  fails("clock_time_get of the thread's CPU time", wasi.clock_time_get(3, 1, result), 0, wasi.BADF, wasi.NOTSUP);
  finish();
}

main();
