// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { Outbox } from "./outbox.ts";
import { createRandom, randomBytes } from "./testing/bytes.ts";

/** A socket that takes as many bytes of each write as told. */
function createSink(take: (offered: number) => number): {
  write(bytes: Uint8Array): number;
  taken: Uint8Array[];
} {
  const taken: Uint8Array[] = [];
  return {
    taken,
    write(bytes) {
      const size = take(bytes.length);
      if (size > 0) {
        taken.push(bytes.slice(0, size));
      }
      return size;
    },
  };
}

test("send() writes at once what the socket takes and counts the rest", () => {
  const sink = createSink((offered) => Math.min(offered, 3));
  const outbox = new Outbox(sink);
  expect(outbox.send(Uint8Array.of(1, 2, 3))).toBeTrue();
  expect(outbox.queuedBytes).toBe(0);
  expect(outbox.send(Uint8Array.of(4, 5, 6, 7))).toBeTrue();
  expect(outbox.queuedBytes).toBe(1);
  expect(outbox.send(Uint8Array.of(8))).toBeTrue();
  expect(outbox.queuedBytes).toBe(2);
  expect(sink.taken.length).toBe(2);
});

test("partial writes of any size keep order and lose nothing", () => {
  const random = createRandom(11);
  const sink = createSink((offered) => random(offered + 1));
  const outbox = new Outbox(sink);
  const frames = Array.from({ length: 300 }, () => randomBytes(random, 1 + random(100)));
  for (const frame of frames) {
    outbox.send(frame);
    if (random(4) === 0) {
      outbox.flush();
    }
  }
  while (outbox.queuedBytes > 0) {
    outbox.flush();
  }
  expect(Buffer.concat(sink.taken)).toEqual(Buffer.concat(frames));
});

test("send() and flush() return false when the peer is gone", () => {
  const results = [0, -1, -1];
  const outbox = new Outbox({ write: () => results.shift() ?? -1 });
  expect(outbox.send(Uint8Array.of(1))).toBeTrue();
  expect(outbox.flush()).toBeFalse();
  outbox.clear();
  expect(outbox.queuedBytes).toBe(0);
  expect(outbox.send(Uint8Array.of(2))).toBeFalse();
});
