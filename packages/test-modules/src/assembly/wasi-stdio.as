// SPDX-License-Identifier: Apache-2.0
// Descriptors 0, 1 and 2: types, rights, directions, empty and scattered writes.
import { equals, fails, finish, holds, succeeds } from "./check";
import { fdstat, statFd } from "./path";
import { iovec, utf8 } from "./text";
import * as wasi from "./wasi";

const count = memory.data(8, 8);

function types(fd: i32, name: string): void {
  const stat = fdstat(fd);
  succeeds("fd_fdstat_get of " + name, stat.errno);
  holds(name + " is no directory and no link", stat.filetype !== wasi.DIRECTORY && stat.filetype !== wasi.SYMBOLIC_LINK);
  const right = fd === 0 ? wasi.RIGHT_READ : wasi.RIGHT_WRITE;
  holds(name + " has the right of its direction", (stat.base & right) !== 0);
  holds(name + " cannot seek", (stat.base & (1 << 2)) === 0);
  succeeds("fd_filestat_get of " + name, statFd(fd).errno);
  fails("fd_prestat_get of " + name, wasi.fd_prestat_get(fd, count), wasi.BADF);
  fails("fd_seek of " + name, wasi.fd_seek(fd, 0, wasi.CUR, count), wasi.SPIPE);
  fails("fd_tell of " + name, wasi.fd_tell(fd, count), wasi.SPIPE);
}

function scattered(): void {
  const iovs = heap.alloc(40);
  const parts = ["ok ", "", "scattered ", "write", "\n"];
  let total = 0;
  for (let index = 0; index < parts.length; index += 1) {
    const bytes = utf8(parts[index]);
    store<u32>(iovs + index * 8, <u32>bytes.at);
    store<u32>(iovs + index * 8, bytes.size, 4);
    total += bytes.size;
  }
  // A short count is allowed; the rest has to be accepted after it.
  let first = 0;
  let sum = 0;
  while (sum < total) {
    if (wasi.fd_write(1, iovs + first * 8, parts.length - first, count) !== 0) break;
    let taken = load<i32>(count);
    sum += taken;
    while (first < parts.length && taken >= load<i32>(iovs + first * 8, 4)) {
      taken -= load<i32>(iovs + first * 8, 4);
      first += 1;
    }
    if (first < parts.length) {
      store<u32>(iovs + first * 8, load<u32>(iovs + first * 8) + taken);
      store<u32>(iovs + first * 8, load<u32>(iovs + first * 8, 4) - taken, 4);
    }
  }
  equals("a write of several ranges is written in order", sum, total);
}

function main(): void {
  types(0, "stdin");
  types(1, "stdout");
  types(2, "stderr");
  scattered();
  succeeds("fd_write of nothing", wasi.fd_write(1, iovec(0, 0), 1, count));
  equals("fd_write of nothing writes nothing", load<i32>(count), 0);
  succeeds("fd_write without ranges", wasi.fd_write(1, 0, 0, count));
  fails("fd_write to stdin", wasi.fd_write(0, iovec(heap.alloc(1), 1), 1, count), wasi.BADF);
  fails("fd_read of stdout", wasi.fd_read(1, iovec(heap.alloc(1), 1), 1, count), wasi.BADF);
  fails("fd_pwrite to stdout", wasi.fd_pwrite(1, iovec(heap.alloc(1), 1), 1, 0, count), wasi.SPIPE);
  fails("fd_pread of stdin", wasi.fd_pread(0, iovec(heap.alloc(1), 1), 1, 0, count), wasi.SPIPE);
  fails("fd_write to a descriptor that is not open", wasi.fd_write(77, iovec(0, 0), 1, count), wasi.BADF);
  fails("fd_read of a descriptor that is not open", wasi.fd_read(77, iovec(0, 0), 1, count), wasi.BADF);
  fails("fd_fdstat_get of a descriptor that is not open", fdstat(77).errno, wasi.BADF);

  const buffer = heap.alloc(64);
  succeeds("fd_read of stdin", wasi.fd_read(0, iovec(buffer, 5), 1, count));
  equals("fd_read of stdin reads what is there", load<i32>(count), 5);
  holds("fd_read of stdin reads the right bytes", memory.compare(buffer, utf8("stdin").at, 5) === 0);
  succeeds("fd_read at the end of stdin", wasi.fd_read(0, iovec(buffer, 64), 1, count));
  equals("fd_read at the end of stdin reads 0 bytes", load<i32>(count), 0);

  succeeds("fd_close of stderr", wasi.fd_close(2));
  fails("fd_write to a closed stderr", wasi.fd_write(2, iovec(buffer, 1), 1, count), wasi.BADF);
  fails("fd_close of a closed stderr", wasi.fd_close(2), wasi.BADF);
  finish();
}

main();
