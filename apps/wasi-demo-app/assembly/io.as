// SPDX-License-Identifier: Apache-2.0
// Text in and out of the sandbox. Nothing is freed but buffers that are used again: commands are short, or reuse theirs.
import * as wasi from "./wasi";

const iovec = memory.data(8, 4);
const count = memory.data(4, 4);

/** Writes all of it; an errno when the descriptor does not take it. */
export function writeBytes(fd: i32, at: usize, size: i32): i32 {
  while (size > 0) {
    store<u32>(iovec, <u32>at);
    store<u32>(iovec, <u32>size, 4);
    const errno = wasi.fd_write(fd, iovec, 1, count);
    if (errno !== 0) return errno;
    at += load<i32>(count);
    size -= load<i32>(count);
  }
  return 0;
}

export function writeText(fd: i32, text: string): i32 {
  const bytes = String.UTF8.encode(text);
  return writeBytes(fd, changetype<usize>(bytes), bytes.byteLength);
}

/** A line on stdout. Ends the program when nobody reads it any more. */
export function print(line: string): void {
  if (writeText(1, line + "\n") !== 0) exit(74);
}

/** Says why on stderr, and ends the program. */
export function fail(reason: string, code: i32 = 1): void {
  writeText(2, "wasi-demo-app: " + reason + "\n");
  exit(code);
}

export function exit(code: i32): void {
  wasi.proc_exit(code);
  unreachable();
}

/** Copies until the descriptor has no more. */
export function copy(from: i32, to: i32): void {
  const size = 65536;
  const buffer = heap.alloc(size);
  for (;;) {
    store<u32>(iovec, <u32>buffer);
    store<u32>(iovec, <u32>size, 4);
    const errno = wasi.fd_read(from, iovec, 1, count);
    if (errno !== 0) fail("cannot read stdin: errno " + errno.toString());
    const length = load<i32>(count);
    if (length === 0) return;
    if (writeBytes(to, buffer, length) !== 0) exit(74);
  }
}

/** The strings that two calls answer, such as args_sizes_get and args_get. */
export function strings(count: i32, pointers: usize): string[] {
  const texts: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = load<u32>(pointers + index * 4);
    let size = 0;
    while (load<u8>(at + size) !== 0) size += 1;
    texts.push(String.UTF8.decodeUnsafe(at, size));
  }
  return texts;
}

const sizes = memory.data(8, 4);

export function args(): string[] {
  wasi.args_sizes_get(sizes, sizes + 4);
  const count = load<i32>(sizes);
  const pointers = heap.alloc(count * 4 + 4);
  wasi.args_get(pointers, heap.alloc(load<i32>(sizes, 4) + 1));
  return strings(count, pointers);
}

export function environment(): string[] {
  wasi.environ_sizes_get(sizes, sizes + 4);
  const count = load<i32>(sizes);
  const pointers = heap.alloc(count * 4 + 4);
  wasi.environ_get(pointers, heap.alloc(load<i32>(sizes, 4) + 1));
  return strings(count, pointers);
}
