// SPDX-License-Identifier: Apache-2.0
// Copies the files named by the arguments to stdout.
import { arg, argCount } from "./args";
import { openGuestPath } from "./guest-path";
import { Bytes, iovec, utf8, write } from "./text";
import * as wasi from "./wasi";

const SIZE: i32 = 65536;

function main(): void {
  const buffer = heap.alloc(SIZE);
  const count = heap.alloc(4);
  const iovs = iovec(buffer, SIZE);
  for (let index = 1; index < argCount(); index += 1) {
    const path = arg(index);
    const fd = openGuestPath(path, 0, wasi.RIGHT_READ);
    let errno = fd < 0 ? -fd : wasi.fd_read(fd, iovs, 1, count);
    while (errno === 0 && load<i32>(count) > 0) {
      write(1, new Bytes(buffer, load<i32>(count)));
      errno = wasi.fd_read(fd, iovs, 1, count);
    }
    if (errno !== 0) {
      write(2, utf8("cannot read " + path + ": errno " + errno.toString() + "\n"));
      wasi.proc_exit(1);
    }
    wasi.fd_close(fd);
  }
}

main();
