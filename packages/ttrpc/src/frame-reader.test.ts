// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import {
  createFrameWriter,
  FRAME_BODY_MAX_BYTES,
  FRAME_HEADER_BYTES,
  finishFrame,
  type Frame,
} from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { StatusCode } from "./status.ts";
import { createRandom, fromHex, randomBytes } from "./testing/bytes.ts";

const VECTOR = fromHex("00000003 00000105 02 04 0a0b0c");
const VECTOR_FRAME: Frame = { streamId: 0x105, type: 2, flags: 4, body: fromHex("0a0b0c") };

function readAll(reader: FrameReader): Frame[] {
  const frames: Frame[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    frames.push({ ...frame, body: new Uint8Array(frame.body) });
  }
  return frames;
}

function encode(streamId: number, body: Uint8Array): Uint8Array {
  return finishFrame(createFrameWriter().raw(body), streamId, 1);
}

test("finishFrame() writes length, stream id, type and no flags before the body", () => {
  expect(encode(0xfffffffd, fromHex("ff00"))).toEqual(fromHex("00000002 fffffffd 01 00 ff00"));
  expect(encode(1, new Uint8Array(0))).toEqual(fromHex("00000000 00000001 01 00"));
});

test("finishFrame() refuses a body over 4 MiB with ResourceExhausted and takes one of 4 MiB", () => {
  expect(encode(1, new Uint8Array(FRAME_BODY_MAX_BYTES)).length).toBe(
    FRAME_BODY_MAX_BYTES + FRAME_HEADER_BYTES,
  );
  expect(() => encode(1, new Uint8Array(FRAME_BODY_MAX_BYTES + 1))).toThrow(
    expect.objectContaining({ code: StatusCode.ResourceExhausted }),
  );
});

test("a frame is read from one chunk without copying its body", () => {
  const reader = new FrameReader();
  reader.push(VECTOR);
  const frame = reader.next();
  expect(frame).toEqual(VECTOR_FRAME);
  expect(frame?.body.buffer).toBe(VECTOR.buffer);
  expect(reader.next()).toBeUndefined();
  expect(reader.insideFrame).toBeFalse();
});

test("a frame cut at any offset gives nothing until the rest comes", () => {
  for (let cut = 1; cut < VECTOR.length; cut++) {
    const reader = new FrameReader();
    reader.push(VECTOR.subarray(0, cut));
    expect(reader.next()).toBeUndefined();
    expect(reader.insideFrame).toBeTrue();
    reader.push(VECTOR.subarray(cut));
    expect(readAll(reader)).toEqual([VECTOR_FRAME]);
    expect(reader.insideFrame).toBeFalse();
  }
});

test("a stream that comes byte by byte gives the same frames", () => {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  for (const byte of [...VECTOR, ...encode(7, new Uint8Array(0)), ...VECTOR]) {
    reader.push(Uint8Array.of(byte));
    frames.push(...readAll(reader));
  }
  const empty = { streamId: 7, type: 1, flags: 0, body: new Uint8Array(0) };
  expect(frames).toEqual([VECTOR_FRAME, empty, VECTOR_FRAME]);
});

test("chunks may pile up before they are read", () => {
  const reader = new FrameReader();
  for (let i = 0; i < 5; i++) {
    reader.push(VECTOR.subarray(0, 4));
    reader.push(VECTOR.subarray(4));
  }
  expect(readAll(reader)).toEqual(Array.from({ length: 5 }, () => VECTOR_FRAME));
});

test("a frame of 4 MiB is read and one byte more is refused by its header alone", () => {
  const reader = new FrameReader();
  const largest = encode(1, new Uint8Array(FRAME_BODY_MAX_BYTES).fill(7));
  reader.push(largest.subarray(0, 1000));
  expect(reader.next()).toBeUndefined();
  reader.push(largest.subarray(1000));
  expect(reader.next()?.body.every((byte) => byte === 7)).toBeTrue();
  reader.push(fromHex("00400001 00000001 01 00"));
  expect(() => reader.next()).toThrow(expect.objectContaining({ code: StatusCode.ResourceExhausted }));
});

test("random frames in random chunks come out as they went in", () => {
  const random = createRandom(20);
  for (let round = 0; round < 50; round++) {
    const bodies = Array.from({ length: 1 + random(20) }, () => randomBytes(random, random(300)));
    const stream = Buffer.concat(bodies.map((body, index) => encode(index * 2 + 1, body)));
    const reader = new FrameReader();
    const frames: Frame[] = [];
    for (let offset = 0; offset < stream.length;) {
      const size = 1 + random(200);
      reader.push(stream.subarray(offset, offset + size));
      offset += size;
      if (random(3) > 0) {
        frames.push(...readAll(reader));
      }
    }
    frames.push(...readAll(reader));
    expect(frames).toEqual(
      bodies.map((body, index) => ({ streamId: index * 2 + 1, type: 1, flags: 0, body })),
    );
  }
});
