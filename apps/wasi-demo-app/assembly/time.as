// SPDX-License-Identifier: Apache-2.0
import * as wasi from "./wasi";

const SECOND: f64 = 1e9;
const time = memory.data(8, 8);
/** A subscription to a clock, and the event it gives. */
const subscription = memory.data(48, 8);
const event = memory.data(32, 8);
const events = memory.data(4, 4);

/** Nanoseconds since some moment. */
export function now(): u64 {
  wasi.clock_time_get(wasi.MONOTONIC, 0, time);
  return load<u64>(time);
}

/** Waits without using the CPU. */
export function sleep(seconds: f64): void {
  memory.fill(subscription, 0, 48);
  store<u32>(subscription, wasi.MONOTONIC, 16);
  store<u64>(subscription, <u64>(seconds * SECOND), 24);
  wasi.poll_oneoff(subscription, event, 1, events);
}

/** Computes until the time is over; answers how many rounds that was. */
export function burn(seconds: f64): u64 {
  const end = now() + <u64>(seconds * SECOND);
  let state: u64 = 88172645463325252;
  let rounds: u64 = 0;
  while (now() < end) {
    // xorshift, between two looks at the clock.
    for (let step = 0; step < 100000; step += 1) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
    }
    rounds += 1;
  }
  // Without a use of it, the loop could be left out.
  return state === 0 ? 0 : rounds;
}
