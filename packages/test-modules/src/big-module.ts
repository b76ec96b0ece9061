// SPDX-License-Identifier: Apache-2.0
import { PREAMBLE, section, signed, sized, text, unsigned, type Bytes } from "./wasm-bytes.ts";

/** As many functions of as many statements make a megabyte: a statement has thirteen bytes on average. */
const FUNCTIONS_PER_MEGABYTE = 1_000;
const STATEMENTS = 77;

/** Of each function, its parameter among them; all are i32. */
const LOCALS = 9;
const GREETING = "hello world\n";

const [FUNCTION, I32, EMPTY] = [0x60, 0x7f, 0x40];
/** Opcodes. */
const [LOOP, IF, END, BR, BR_IF, CALL, DROP] = [0x03, 0x04, 0x0b, 0x0c, 0x0d, 0x10, 0x1a];
const [GET, SET, LOAD, STORE, CONST, ADD, AND] = [0x20, 0x21, 0x28, 0x36, 0x41, 0x6a, 0x71];
/** i32.add to i32.rotr but for the divisions, which can trap. */
const ARITHMETIC = [ADD, 0x6b, 0x6c, AND, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78];

/** What `_start` does: an imported function of four i32, how it is called, and what it finds in memory. */
interface Main {
  readonly imports: string;
  readonly code: Bytes;
  readonly data: readonly (readonly [address: number, bytes: Bytes])[];
}

/** fd_write of the greeting to stdout. */
const GREET: Main = {
  imports: "fd_write",
  code: [CONST, 1, CONST, 0, CONST, 1, CONST, 8, CALL, 0, DROP],
  data: [
    [0, [16, 0, 0, 0, GREETING.length, 0, 0, 0]],
    [16, [...new TextEncoder().encode(GREETING)]],
  ],
};

/** poll_oneoff of the monotonic clock for half a minute, for ever. */
const SLEEP: Main = {
  imports: "poll_oneoff",
  code: [
    LOOP,
    EMPTY,
    CONST,
    0,
    CONST,
    ...signed(64),
    CONST,
    1,
    CONST,
    ...signed(128),
    CALL,
    0,
    DROP,
    BR,
    0,
    END,
  ],
  data: [
    [16, [1]],
    [24, [0, 0xac, 0x23, 0xfc, 6, 0, 0, 0]],
  ],
};

/** How a big module differs from the one of two megabytes that greets. */
export interface BigModuleOptions {
  /** Of code, about. */
  readonly megabytes?: number;
  /** It never ends. */
  readonly sleeps?: boolean;
}

/**
 * A module of two megabytes that prints "hello world" at once: what code costs an engine before it runs. Each function
 * is another one, of arithmetic, loads, stores, branches, loops and calls; every build makes the same. The last is
 * exported as `all` and calls the others, so that nothing may be left out. Nobody waits for its end.
 */
export function encodeBigModule({ megabytes = 2, sleeps = false }: BigModuleOptions = {}): Uint8Array {
  const random = createRandom();
  const main = sleeps ? SLEEP : GREET;
  const count = Math.round(megabytes * FUNCTIONS_PER_MEGABYTE);
  // 0 is the import, and a function calls those before it.
  const functions = Array.from({ length: count }, (_, index) => computing(random, index));
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, [
      [FUNCTION, 4, I32, I32, I32, I32, 1, I32],
      [FUNCTION, 1, I32, 1, I32],
      [FUNCTION, 0, 0],
    ]),
    ...section(2, [[...text("wasi_snapshot_preview1"), ...text(main.imports), 0, 0]]),
    ...section(3, [...functions.map(() => [1]), [2]]),
    ...section(5, [[0, 1]]),
    ...section(7, [
      [...text("memory"), 2, 0],
      [...text("_start"), 0, ...unsigned(count + 1)],
      [...text("all"), 0, ...unsigned(count)],
    ]),
    ...section(10, [...functions, sized([0, ...main.code, END])]),
    ...section(
      11,
      main.data.map(([address, bytes]) => [0, CONST, ...signed(address), END, ...sized(bytes)]),
    ),
  ]);
}

/** Answers numbers from 0 to below a limit, the same ones in the same order each time (xorshift32). */
function createRandom(): (below: number) => number {
  let state = 0x9e3779b9;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A function with a parameter and a result. */
function computing(random: (below: number) => number, before: number): Bytes {
  const statements = Array.from({ length: STATEMENTS }, () => statement(random, before));
  // The one before it, always, so that the last reaches them all.
  const chain = before === 0 ? [] : [GET, 1, CALL, ...unsigned(before), SET, 2];
  return sized([1, LOCALS - 1, I32, ...statements.flat(), ...chain, GET, random(LOCALS), END]);
}

function statement(random: (below: number) => number, before: number): Bytes {
  const [to, from, other] = [random(LOCALS), random(LOCALS), random(LOCALS)];
  const operator = ARITHMETIC[random(ARITHMETIC.length)] ?? ADD;
  const number = signed(random(2 ** 32) | 0);
  const address = [GET, from, CONST, ...signed(0xfff0), AND];
  switch (random(8)) {
    case 0:
      return [...address, GET, other, STORE, 2, 0];
    case 1:
      return [...address, LOAD, 2, 0, SET, to];
    case 2:
      return [GET, from, IF, EMPTY, GET, to, CONST, ...number, operator, SET, to, END];
    case 3:
      return [LOOP, EMPTY, GET, to, CONST, ...signed(-1), ADD, SET, to, GET, to, BR_IF, 0, END];
    case 4:
      return before === 0 ? [] : [GET, from, CALL, ...unsigned(1 + random(before)), SET, to];
    default:
      return [GET, from, CONST, ...number, operator, GET, other, ADD, SET, to];
  }
}
