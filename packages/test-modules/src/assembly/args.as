// SPDX-License-Identifier: Apache-2.0
// The arguments as strings.
import { cString, decode } from "./text";
import { args_get, args_sizes_get } from "./wasi";

const sizes = memory.data(8, 4);
let pointers: usize = 0;

export function argCount(): i32 {
  args_sizes_get(sizes, sizes + 4);
  return load<i32>(sizes);
}

export function arg(index: i32): string {
  if (pointers === 0) {
    pointers = heap.alloc(argCount() * 4);
    args_get(pointers, heap.alloc(load<i32>(sizes, 4)));
  }
  return decode(cString(load<u32>(pointers + index * 4)));
}
