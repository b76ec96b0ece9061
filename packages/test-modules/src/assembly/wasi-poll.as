// SPDX-License-Identifier: Apache-2.0
// Waiting: for a time, for descriptors, for whichever is first.
import { equals, fails, finish, holds, succeeds } from "./check";
import { open, writeFile } from "./path";
import * as wasi from "./wasi";

const REALTIME: i32 = 0;
const MONOTONIC: i32 = 1;
const CLOCK: i32 = 0;
const READ: i32 = 1;
const WRITE: i32 = 2;
const ABSOLUTE: i32 = 1;
const MS: u64 = 1000000;

const input: usize = heap.alloc(48 * 8);
const output: usize = heap.alloc(32 * 8);
const result = memory.data(8, 8);
const time = memory.data(8, 8);

function now(clock: i32): u64 {
  wasi.clock_time_get(clock, 1, time);
  return load<u64>(time);
}

function clock(index: i32, userdata: u64, id: i32, timeout: u64, flags: i32): void {
  const at = input + index * 48;
  memory.fill(at, 0, 48);
  store<u64>(at, userdata);
  store<u8>(at, CLOCK, 8);
  store<u32>(at, id, 16);
  store<u64>(at, timeout, 24);
  store<u64>(at, 1, 32);
  store<u16>(at, flags, 40);
}

function descriptor(index: i32, userdata: u64, type: i32, fd: i32): void {
  const at = input + index * 48;
  memory.fill(at, 0, 48);
  store<u64>(at, userdata);
  store<u8>(at, type, 8);
  store<u32>(at, fd, 16);
}

function poll(count: i32): i32 {
  memory.fill(output, 0xee, 32 * 8);
  store<u32>(result, 0);
  return wasi.poll_oneoff(input, output, count, result);
}

function events(): i32 {
  return load<i32>(result);
}

function find(userdata: u64): i32 {
  for (let index = 0; index < events(); index += 1) if (load<u64>(output + index * 32) === userdata) return index;
  return -1;
}

function times(): void {
  let start = now(MONOTONIC);
  clock(0, 0x1122334455667788, MONOTONIC, 30 * MS, 0);
  succeeds("poll_oneoff of a relative time", poll(1));
  let elapsed = now(MONOTONIC) - start;
  equals("poll_oneoff answers with one event", events(), 1);
  equals("the event has the subscription's userdata", load<i64>(output), 0x1122334455667788);
  equals("the event has no error", load<u16>(output, 8), 0);
  equals("the event is a clock's", load<u8>(output, 10), CLOCK);
  holds("a relative time is waited for", elapsed >= 30 * MS && elapsed < 5000 * MS);

  start = now(MONOTONIC);
  clock(0, 1, MONOTONIC, start + 30 * MS, ABSOLUTE);
  succeeds("poll_oneoff of an absolute time", poll(1));
  elapsed = now(MONOTONIC) - start;
  holds("an absolute time is waited for", elapsed >= 30 * MS && elapsed < 5000 * MS);
  clock(0, 1, MONOTONIC, 1, ABSOLUTE);
  succeeds("poll_oneoff of an absolute time that is over", poll(1));

  start = now(MONOTONIC);
  clock(0, 1, REALTIME, 20 * MS, 0);
  succeeds("poll_oneoff of a relative realtime", poll(1));
  holds("a relative realtime is waited for", now(MONOTONIC) - start >= 19 * MS);
  start = now(MONOTONIC);
  clock(0, 1, REALTIME, now(REALTIME) + 20 * MS, ABSOLUTE);
  succeeds("poll_oneoff of an absolute realtime", poll(1));
  holds("an absolute realtime is waited for", now(MONOTONIC) - start >= 15 * MS);
  clock(0, 1, REALTIME, 1, ABSOLUTE);
  succeeds("poll_oneoff of a realtime that is over", poll(1));

  start = now(MONOTONIC);
  clock(0, 1, MONOTONIC, 20 * MS, 0);
  clock(1, 2, MONOTONIC, 10000 * MS, 0);
  succeeds("poll_oneoff of two times", poll(2));
  equals("poll_oneoff of two times answers with the first", events(), 1);
  equals("poll_oneoff tells which time it was", load<i64>(output), 1);
  holds("poll_oneoff of two times waits for the first only", now(MONOTONIC) - start < 5000 * MS);
}

function descriptors(): void {
  writeFile(wasi.ROOT, "poll", "content");
  const file = open(wasi.ROOT, "poll", 0, wasi.READ_WRITE);
  descriptor(0, 7, READ, file);
  succeeds("poll_oneoff to read a file", poll(1));
  equals("a file is ready to read", events(), 1);
  equals("the event is a read", load<u8>(output, 10), READ);
  descriptor(0, 8, WRITE, file);
  succeeds("poll_oneoff to write a file", poll(1));
  equals("a file is ready to write", events(), 1);
  descriptor(0, 9, WRITE, 1);
  succeeds("poll_oneoff to write stdout", poll(1));
  equals("stdout is ready to write", events(), 1);

  descriptor(0, 10, READ, 0);
  clock(1, 11, MONOTONIC, 10000 * MS, 0);
  let start = now(MONOTONIC);
  succeeds("poll_oneoff to read stdin with a time", poll(2));
  holds("stdin with data is ready at once", find(10) >= 0 && now(MONOTONIC) - start < 5000 * MS);
  holds("the time that is not over has no event", find(11) === -1);

  descriptor(0, 12, READ, file);
  descriptor(1, 13, WRITE, 1);
  clock(2, 14, MONOTONIC, 10000 * MS, 0);
  succeeds("poll_oneoff of several descriptors", poll(3));
  holds("poll_oneoff answers for a descriptor that is ready", find(12) >= 0 || find(13) >= 0);
  equals("poll_oneoff writes no more events than it counts", load<u8>(output + events() * 32), 0xee);

  // The specification has an error per event; some engines refuse the call.
  descriptor(0, 15, READ, 99);
  const errno = poll(1);
  holds("poll_oneoff of a descriptor that is not open tells", errno === wasi.BADF || load<u16>(output, 8) === wasi.BADF);
  fails("poll_oneoff of nothing", wasi.poll_oneoff(input, output, 0, result), wasi.INVAL, 0, wasi.NOTSUP);
  wasi.fd_close(file);
}

function main(): void {
  times();
  descriptors();
  finish();
}

main();
