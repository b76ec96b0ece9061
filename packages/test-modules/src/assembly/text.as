// SPDX-License-Identifier: Apache-2.0
// UTF-8 text in linear memory, and writing it to a descriptor.
import { fd_write, proc_exit } from "./wasi";

/** Bytes in linear memory; nothing is ever freed, these programs end soon. */
export class Bytes {
  constructor(public at: usize, public size: i32) {}

  equals(other: Bytes): bool {
    return this.size === other.size && memory.compare(this.at, other.at, this.size) === 0;
  }
}

export function utf8(text: string): Bytes {
  const encoded = String.UTF8.encode(text);
  return new Bytes(changetype<usize>(encoded), encoded.byteLength);
}

export function decode(bytes: Bytes): string {
  return String.UTF8.decodeUnsafe(bytes.at, bytes.size);
}

/** A C string; its size is without the NUL. */
export function cString(at: usize): Bytes {
  let size = 0;
  while (load<u8>(at + size) !== 0) size += 1;
  return new Bytes(at, size);
}

/** One iovec in fresh memory. */
export function iovec(at: usize, size: i32): usize {
  const record = heap.alloc(8);
  store<u32>(record, <u32>at);
  store<u32>(record, <u32>size, 4);
  return record;
}

const written = memory.data(4, 4);

/** Writes everything; exits 2 when the descriptor does not take it. */
export function write(fd: i32, bytes: Bytes): void {
  let done = 0;
  while (done < bytes.size) {
    if (fd_write(fd, iovec(bytes.at + done, bytes.size - done), 1, written) !== 0) proc_exit(2);
    done += load<i32>(written);
  }
}

export function print(text: string): void {
  write(1, utf8(text + "\n"));
}
