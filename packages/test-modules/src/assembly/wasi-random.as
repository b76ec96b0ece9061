// SPDX-License-Identifier: Apache-2.0
// Random bytes of any amount fill exactly their buffer.
import { equals, finish, holds, succeeds } from "./check";
import { random_get } from "./wasi";

function isFilled(at: usize, size: i32): bool {
  for (let start = 0; start + 64 <= size; start += 64) {
    let any: u64 = 0;
    for (let word = 0; word < 64; word += 8) any |= load<u64>(at + start + word);
    if (any === 0) return false;
  }
  return true;
}

function amount(size: i32): void {
  const name = size.toString() + " bytes";
  const buffer = heap.alloc(size + 16);
  memory.fill(buffer, 0, size + 16);
  succeeds("random_get of " + name, random_get(buffer + 8, size));
  equals("random_get of " + name + " leaves what is before its buffer", load<i64>(buffer), 0);
  equals("random_get of " + name + " leaves what is after its buffer", load<i64>(buffer + 8 + size), 0);
  holds("random_get of " + name + " fills its buffer", isFilled(buffer + 8, size));
}

function main(): void {
  succeeds("random_get of nothing", random_get(heap.alloc(1), 0));
  amount(256);
  amount(65536);
  amount(65600);
  amount(262144);
  const first = heap.alloc(32);
  const second = heap.alloc(32);
  random_get(first, 32);
  random_get(second, 32);
  holds("random_get never answers the same twice", memory.compare(first, second, 32) !== 0);
  finish();
}

main();
