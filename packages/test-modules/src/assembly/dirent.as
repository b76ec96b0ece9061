// SPDX-License-Identifier: Apache-2.0
// Directory entries, read as a C library reads them: with a buffer of any size, asking again for what was cut off.
import { Bytes, decode } from "./text";
import { fd_readdir } from "./wasi";

export class Entry {
  constructor(public name: string, public filetype: i32, public ino: u64, public next: u64) {}
}

export class Listing {
  errno: i32 = 0;
  entries: Entry[] = [];
}

const HEADER: i32 = 24;
const LIMIT: i32 = 100000;

/** All entries from `cookie` on; grows the buffer when a single entry does not fit. */
export function list(fd: i32, size: i32, cookie: u64 = 0): Listing {
  const listing = new Listing();
  const used = heap.alloc(4);
  let buffer = heap.alloc(size);
  for (let calls = 0; calls < LIMIT; calls += 1) {
    listing.errno = fd_readdir(fd, buffer, size, cookie, used);
    if (listing.errno !== 0) return listing;
    const end = load<i32>(used);
    let at = 0;
    while (at + HEADER <= end) {
      const nameSize = load<i32>(buffer + at, 16);
      if (at + HEADER + nameSize > end) break;
      cookie = load<u64>(buffer + at);
      const name = decode(new Bytes(buffer + at + HEADER, nameSize));
      listing.entries.push(new Entry(name, load<u8>(buffer + at, 20), load<u64>(buffer + at, 8), cookie));
      at += HEADER + nameSize;
    }
    if (end < size) return listing;
    if (at === 0) {
      size *= 2;
      buffer = heap.alloc(size);
    }
  }
  return listing;
}
