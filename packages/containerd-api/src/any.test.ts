// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { Timestamp } from "../gen/google/protobuf/timestamp.ts";
import { packAny, unpackAny } from "./any.ts";

const NAME = "google.protobuf.Timestamp";
const MESSAGE = { seconds: 1n, nanos: 2 };

test("packAny() writes the bare name and the message's bytes", () => {
  const any = packAny(NAME, Timestamp, MESSAGE);
  expect(any.typeUrl).toBe(NAME);
  expect([...any.value]).toEqual([0x08, 0x01, 0x10, 0x02]);
});

test("unpackAny() takes the bare name and any URL that ends in it", () => {
  const { value } = packAny(NAME, Timestamp, MESSAGE);
  for (const typeUrl of [NAME, `type.googleapis.com/${NAME}`, `a/b/${NAME}`]) {
    expect(unpackAny({ typeUrl, value }, NAME, Timestamp)).toEqual(MESSAGE);
  }
});

test("unpackAny() answers undefined for another type, whatever its bytes", () => {
  const value = new Uint8Array([0xff]);
  for (const typeUrl of ["", "Timestamp", `x${NAME}`, `${NAME}/`, `${NAME}2`]) {
    expect(unpackAny({ typeUrl, value }, NAME, Timestamp)).toBeUndefined();
  }
});

test("unpackAny() throws on bytes of the right type that are cut off", () => {
  expect(() => unpackAny({ typeUrl: NAME, value: new Uint8Array([0x08]) }, NAME, Timestamp)).toThrow();
});
