// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ERRNO, WasiErrno } from "./errno.ts";
import { GuestMemory } from "./guest-memory.ts";

function attached(pages = 1): { memory: GuestMemory; guest: WebAssembly.Memory } {
  const guest = new WebAssembly.Memory({ initial: pages });
  const memory = new GuestMemory();
  memory.attach(guest);
  return { memory, guest };
}

function errnoOf(call: () => unknown): number | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof WasiErrno) return error.errno;
    throw error;
  }
  return undefined;
}

test("numbers are little endian", () => {
  const { memory } = attached();
  memory.setU64(8, 0x0102030405060708n);
  expect(memory.u8(8)).toBe(8);
  expect(memory.u16(8)).toBe(0x0708);
  expect(memory.u32(8)).toBe(0x05060708);
  expect(memory.u64(8)).toBe(0x0102030405060708n);
});

test("the last byte is inside and the next one is not", () => {
  const { memory } = attached();
  expect(memory.u8(65_535)).toBe(0);
  expect(errnoOf(() => memory.u8(65_536))).toBe(ERRNO.FAULT);
  expect(errnoOf(() => memory.u32(65_533))).toBe(ERRNO.FAULT);
  expect(memory.slice(65_536, 0).length).toBe(0);
});

test("negative pointers and lengths are large ones", () => {
  const { memory } = attached();
  expect(errnoOf(() => memory.u8(-1))).toBe(ERRNO.FAULT);
  expect(errnoOf(() => memory.slice(0, -1))).toBe(ERRNO.FAULT);
  expect(errnoOf(() => memory.slice(-1, -1))).toBe(ERRNO.FAULT);
});

test("what memory.grow added is inside", () => {
  const { memory, guest } = attached();
  memory.setU32(0, 7);
  guest.grow(1);
  expect(memory.u32(0)).toBe(7);
  memory.setU32(65_536, 9);
  expect(memory.u32(65_536)).toBe(9);
});

test("everything is outside before a memory is attached", () => {
  expect(errnoOf(() => new GuestMemory().u8(0))).toBe(ERRNO.FAULT);
});
