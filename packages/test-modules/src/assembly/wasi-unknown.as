// SPDX-License-Identifier: Apache-2.0
// Numbers that preview 1 has no meaning for, and pointers beyond the memory, are refused with an errno.
import { fails, finish } from "./check";
import { open, tryOpen } from "./path";
import { iovec, utf8 } from "./text";
import * as wasi from "./wasi";

const FAULT: i32 = 21;
const BEYOND: usize = 0xfffffff0;
const result = memory.data(64, 8);

function values(): void {
  const fd = open(wasi.ROOT, "file", wasi.O_CREAT, wasi.READ_WRITE);
  fails("clock_time_get of an unknown clock", wasi.clock_time_get(9, 1, result), wasi.INVAL);
  fails("clock_res_get of an unknown clock", wasi.clock_res_get(9, result), wasi.INVAL);
  fails("fd_seek with an unknown whence", wasi.fd_seek(fd, 0, 7, result), wasi.INVAL);
  fails("fd_advise with unknown advice", wasi.fd_advise(fd, 0, 0, 99), wasi.INVAL);
  fails("fd_filestat_set_times with unknown flags", wasi.fd_filestat_set_times(fd, 0, 0, 16), wasi.INVAL);
  fails("path_open with unknown flags", tryOpen(wasi.ROOT, "file", 16, wasi.RIGHT_READ), wasi.INVAL);
  fails("path_open with unknown descriptor flags", tryOpen(wasi.ROOT, "file", 0, wasi.RIGHT_READ, 32), wasi.INVAL);
  const subscription = heap.alloc(48);
  memory.fill(subscription, 0, 48);
  store<u32>(subscription, 9, 16);
  fails("poll_oneoff of an unknown clock", wasi.poll_oneoff(subscription, heap.alloc(32), 1, result), wasi.INVAL);
  store<u8>(subscription, 9, 8);
  fails("poll_oneoff of an unknown kind", wasi.poll_oneoff(subscription, heap.alloc(32), 1, result), wasi.INVAL);
}

function pointers(): void {
  const path = utf8("file");
  fails("args_sizes_get beyond the memory", wasi.args_sizes_get(BEYOND, result), FAULT);
  fails("args_get beyond the memory", wasi.args_get(BEYOND, result), FAULT);
  fails("clock_time_get beyond the memory", wasi.clock_time_get(1, 1, BEYOND), FAULT);
  fails("random_get beyond the memory", wasi.random_get(BEYOND, 64), FAULT);
  fails("random_get of more than the memory", wasi.random_get(0, -1), FAULT);
  fails("fd_write of ranges beyond the memory", wasi.fd_write(1, BEYOND, 1, result), FAULT);
  fails("fd_write of bytes beyond the memory", wasi.fd_write(1, iovec(BEYOND, 64), 1, result), FAULT);
  fails("fd_fdstat_get beyond the memory", wasi.fd_fdstat_get(0, BEYOND), FAULT);
  fails("path_open of a path beyond the memory", wasi.path_open(3, 0, BEYOND, 64, 0, 2, 2, 0, result), FAULT);
  fails("path_filestat_get beyond the memory", wasi.path_filestat_get(3, 0, path.at, path.size, BEYOND), FAULT);
  fails("poll_oneoff beyond the memory", wasi.poll_oneoff(BEYOND, result, 1, result), FAULT);
}

function main(): void {
  values();
  pointers();
  finish();
}

main();
