// SPDX-License-Identifier: Apache-2.0
// The environment is exactly what the engine was given, in that order.
import { equals, finish, holds, succeeds } from "./check";
import { cString, decode } from "./text";
import * as wasi from "./wasi";

const EXPECTED: string[] = ["A=1", "EMPTY=", "SPACES= a  b ", "EQUALS=x=y=z", "UTF8=ünï€", "QUOTE=\"'", "lower=case"];

function main(): void {
  const sizes = heap.alloc(8);
  succeeds("environ_sizes_get answers", wasi.environ_sizes_get(sizes, sizes + 4));
  const count = load<i32>(sizes);
  const size = load<i32>(sizes, 4);
  equals("environ_sizes_get counts the variables", count, EXPECTED.length);
  const pointers = heap.alloc(count * 4 + 4);
  const buffer = heap.alloc(size + 4);
  store<u32>(pointers + count * 4, 0xaaaaaaaa);
  store<u32>(buffer + size, 0xbbbbbbbb);
  succeeds("environ_get answers", wasi.environ_get(pointers, buffer));
  equals("environ_get writes no more pointers than counted", load<u32>(pointers + count * 4), 0xaaaaaaaa);
  equals("environ_get writes no more bytes than counted", load<u32>(buffer + size), 0xbbbbbbbb);
  let used = 0;
  for (let index = 0; index < count; index += 1) used += cString(load<u32>(pointers + index * 4)).size + 1;
  equals("the strings and their NULs are as long as environ_sizes_get says", used, size);
  for (let index = 0; index < EXPECTED.length && index < count; index += 1) {
    const variable = decode(cString(load<u32>(pointers + index * 4)));
    holds("variable " + index.toString() + " is unchanged", variable == EXPECTED[index]);
  }
  finish();
}

main();
