// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { FRAME_BODY_MAX_BYTES, FRAME_HEADER_BYTES } from "./frame.ts";
import { encodeRequest, parseRequest, type RequestHead } from "./request.ts";
import { StatusCode } from "./status.ts";
import { createRandom, fromHex, randomBytes } from "./testing/bytes.ts";
import { BytesValue } from "./testing/echo.ts";

const HEAD: RequestHead = {
  service: "a.B",
  method: "C",
  timeoutMs: 1.5,
  metadata: new Map([["Key", ["x", "ü"]]]),
};
const BODY = fromHex(
  "0a03 612e42 1201 43 1a04 0a02dead 20e0c65b 2a08 0a036b6579 1201 78 2a09 0a036b6579 1202 c3bc".replaceAll(
    " ",
    "",
  ),
);

function encodeBody(head: RequestHead, value: Uint8Array): Uint8Array {
  return encodeRequest(1, head, { codec: BytesValue, message: { value } }).subarray(FRAME_HEADER_BYTES);
}

test("encodeRequest() writes service, method, payload, timeout in nanoseconds and lower-case metadata", () => {
  const frame = encodeRequest(0x0305, HEAD, { codec: BytesValue, message: { value: fromHex("dead") } });
  expect(frame.subarray(0, FRAME_HEADER_BYTES)).toEqual(fromHex("00000027 00000305 01 00"));
  expect(frame.subarray(FRAME_HEADER_BYTES)).toEqual(BODY);
});

test("parseRequest() reads what encodeRequest() writes", () => {
  expect(parseRequest(BODY)).toEqual({
    service: "a.B",
    method: "C",
    payload: fromHex("0a02dead"),
    timeoutMs: 1.5,
    metadata: new Map([["key", ["x", "ü"]]]),
  });
});

test("parseRequest() reads an empty body as proto3 defaults, without a deadline", () => {
  expect(parseRequest(new Uint8Array(0))).toEqual({
    service: "",
    method: "",
    payload: new Uint8Array(0),
    timeoutMs: undefined,
    metadata: new Map(),
  });
});

test("parseRequest() reads a negative timeout, which Go's client sends for a deadline that has passed", () => {
  expect(parseRequest(fromHex("20 ffffffffffffffffff01")).timeoutMs).toBe(-0.000001);
});

test("parseRequest() skips unknown fields of every wire type", () => {
  const unknown = fromHex("3005 31 0102030405060708 3202 abcd 33 3005 34 35 01020304");
  const { service, payload } = parseRequest(Buffer.concat([unknown, BODY, unknown]));
  expect(service).toBe("a.B");
  expect(payload).toEqual(fromHex("0a02dead"));
});

test("parseRequest() throws on field number 0, a stray end of group and an overlong number", () => {
  for (const hex of ["0000", "34", "20ffffffffffffffffffffff01", "0affffffff7f"]) {
    expect(() => parseRequest(fromHex(hex))).toThrow();
  }
});

test("a request cut at any offset throws or lacks its last fields, never reads past the end", () => {
  const fieldEnds = new Set([0, 5, 8, 14, 18, 28, BODY.length]);
  for (let cut = 0; cut < BODY.length; cut++) {
    // In a larger buffer, so that reading too far would find bytes.
    const part = new Uint8Array([...BODY, ...BODY]).subarray(0, cut);
    if (fieldEnds.has(cut)) {
      expect(() => parseRequest(part)).not.toThrow();
    } else {
      expect(() => parseRequest(part)).toThrow();
    }
  }
});

test("encodeRequest() refuses a request over 4 MiB with ResourceExhausted", () => {
  expect(() => encodeBody(HEAD, new Uint8Array(FRAME_BODY_MAX_BYTES))).toThrow(
    expect.objectContaining({ code: StatusCode.ResourceExhausted }),
  );
});

test("encodeRequest() caps a timeout that nanoseconds cannot count exactly", () => {
  const { timeoutMs } = parseRequest(encodeBody({ ...HEAD, timeoutMs: Number.MAX_VALUE }, new Uint8Array(0)));
  expect(timeoutMs).toBe(Number.MAX_SAFE_INTEGER / 1e6);
});

test("random requests survive encoding and parsing", () => {
  const random = createRandom(7);
  const text = (): string =>
    Array.from({ length: random(300) }, () => String.fromCodePoint(32 + random(0x2000))).join("");
  for (let round = 0; round < 200; round++) {
    const metadata = new Map(Array.from({ length: random(4) }, (_, i) => [`key-${i}`, [text(), text()]]));
    const head = {
      service: text(),
      method: text(),
      timeoutMs: random(2) === 0 ? undefined : 1 + random(1e6),
      metadata,
    };
    const value = randomBytes(random, random(1000));
    const { payload, ...parsed } = parseRequest(encodeBody(head, value));
    expect(parsed).toEqual(head);
    expect(BytesValue.decode(payload).value).toEqual(value);
  }
});

test("random bytes are refused or parsed, and nothing else happens", () => {
  const random = createRandom(99);
  for (let round = 0; round < 2000; round++) {
    try {
      expect(typeof parseRequest(randomBytes(random, random(40))).service).toBe("string");
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  }
});
