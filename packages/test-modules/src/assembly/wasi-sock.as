// SPDX-License-Identifier: Apache-2.0
// The socket functions on descriptors that are no sockets.
import { fails, finish } from "./check";
import { open } from "./path";
import { iovec } from "./text";
import * as wasi from "./wasi";

const result = memory.data(16, 8);
const buffer: usize = heap.alloc(16);

function on(name: string, fd: i32, errno: i32): void {
  fails("sock_accept on " + name, wasi.sock_accept(fd, 0, result), errno, wasi.NOTSUP);
  fails("sock_recv on " + name, wasi.sock_recv(fd, iovec(buffer, 16), 1, 0, result, result + 4), errno, wasi.NOTSUP);
  fails("sock_send on " + name, wasi.sock_send(fd, iovec(buffer, 1), 1, 0, result), errno, wasi.NOTSUP);
  fails("sock_shutdown on " + name, wasi.sock_shutdown(fd, 1), errno, wasi.NOTSUP);
}

function main(): void {
  on("stdin", 0, wasi.NOTSOCK);
  on("stdout", 1, wasi.NOTSOCK);
  on("a file", open(wasi.ROOT, "file", wasi.O_CREAT, wasi.READ_WRITE), wasi.NOTSOCK);
  on("a folder", wasi.ROOT, wasi.NOTSOCK);
  on("a descriptor that is not open", 99, wasi.BADF);
  finish();
}

main();
