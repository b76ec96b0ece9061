// SPDX-License-Identifier: Apache-2.0
// The arguments are exactly those that the engine was given: empty ones, blanks, quotes, UTF-8.
import { equals, finish, holds, succeeds } from "./check";
import { cString, decode } from "./text";
import * as wasi from "./wasi";

const EXPECTED: string[] = ["one", "two words", "", "=", "a=b", "\"quoted\"", "'single'", "$HOME", "ünï€", "-x", "--"];

function main(): void {
  const sizes = heap.alloc(8);
  succeeds("args_sizes_get answers", wasi.args_sizes_get(sizes, sizes + 4));
  const count = load<i32>(sizes);
  const size = load<i32>(sizes, 4);
  equals("args_sizes_get counts the arguments", count, EXPECTED.length + 1);
  const pointers = heap.alloc(count * 4 + 4);
  const buffer = heap.alloc(size + 4);
  store<u32>(pointers + count * 4, 0xaaaaaaaa);
  store<u32>(buffer + size, 0xbbbbbbbb);
  succeeds("args_get answers", wasi.args_get(pointers, buffer));
  equals("args_get writes no more pointers than counted", load<u32>(pointers + count * 4), 0xaaaaaaaa);
  equals("args_get writes no more bytes than counted", load<u32>(buffer + size), 0xbbbbbbbb);
  holds("args[0] is not empty", cString(load<u32>(pointers)).size > 0);
  let used = 0;
  for (let index = 0; index < count; index += 1) used += cString(load<u32>(pointers + index * 4)).size + 1;
  equals("the strings and their NULs are as long as args_sizes_get says", used, size);
  for (let index = 0; index < EXPECTED.length && index + 1 < count; index += 1) {
    const arg = decode(cString(load<u32>(pointers + (index + 1) * 4)));
    holds("argument " + (index + 1).toString() + " is unchanged", arg == EXPECTED[index]);
  }
  finish();
}

main();
