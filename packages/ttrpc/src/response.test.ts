// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { FRAME_BODY_MAX_BYTES, FRAME_HEADER_BYTES } from "./frame.ts";
import { encodeReply, encodeStatus, parseResponse } from "./response.ts";
import { type Status, StatusCode } from "./status.ts";
import { createRandom, fromHex, randomBytes } from "./testing/bytes.ts";
import { BytesValue } from "./testing/echo.ts";

const STATUS: Status = {
  code: StatusCode.NotFound,
  message: "gone",
  details: [{ typeUrl: "t/x", value: fromHex("beef") }],
};
const STATUS_BODY = fromHex("0a13 0805 1204 676f6e65 1a09 0a03742f78 1202 beef");

function bodyOf(frame: Uint8Array): Uint8Array {
  return frame.subarray(FRAME_HEADER_BYTES);
}

test("encodeReply() writes the message as the payload of a response frame", () => {
  const frame = encodeReply(3, BytesValue, { value: fromHex("cafe") });
  expect(frame).toEqual(fromHex("00000006 00000003 02 00 1204 0a02cafe"));
  expect(parseResponse(bodyOf(frame))).toEqual({ kind: "message", payload: fromHex("0a02cafe") });
});

test("encodeStatus() writes code, message and details", () => {
  const frame = encodeStatus(3, STATUS);
  expect(frame.subarray(0, FRAME_HEADER_BYTES)).toEqual(fromHex("00000015 00000003 02 00"));
  expect(bodyOf(frame)).toEqual(STATUS_BODY);
  expect(parseResponse(bodyOf(frame))).toEqual({ kind: "error", status: STATUS });
});

test("parseResponse() takes an empty body and a status of Ok as success", () => {
  expect(parseResponse(new Uint8Array(0))).toEqual({ kind: "message", payload: new Uint8Array(0) });
  expect(parseResponse(fromHex("0a00 1201 07"))).toEqual({ kind: "message", payload: fromHex("07") });
});

test("parseResponse() reads a code that is none of google.rpc.Code as Unknown", () => {
  for (const hex of ["0a02 0811", "0a0b 08 ffffffffffffffffff01"]) {
    expect(parseResponse(fromHex(hex))).toEqual({
      kind: "error",
      status: { code: StatusCode.Unknown, message: "", details: [] },
    });
  }
});

test("a response cut at any offset throws, never reads past the end", () => {
  for (let cut = 1; cut < STATUS_BODY.length; cut++) {
    const part = new Uint8Array([...STATUS_BODY, ...STATUS_BODY]).subarray(0, cut);
    expect(() => parseResponse(part)).toThrow();
  }
});

test("encodeReply() refuses a message over 4 MiB with ResourceExhausted", () => {
  expect(() => encodeReply(1, BytesValue, { value: new Uint8Array(FRAME_BODY_MAX_BYTES) })).toThrow(
    expect.objectContaining({ code: StatusCode.ResourceExhausted }),
  );
});

test("a status too large for a frame keeps its code and the start of its message", () => {
  const huge: Status = {
    code: StatusCode.Aborted,
    message: `start${"ü".repeat(3 << 20)}`,
    details: STATUS.details ?? [],
  };
  const response = parseResponse(bodyOf(encodeStatus(1, huge)));
  expect(response).toMatchObject({ kind: "error", status: { code: StatusCode.Aborted, details: [] } });
  expect(response.kind === "error" && response.status.message.startsWith("startü")).toBeTrue();
  const heavy = { ...STATUS, details: [{ typeUrl: "", value: new Uint8Array(FRAME_BODY_MAX_BYTES) }] };
  expect(parseResponse(bodyOf(encodeStatus(1, heavy)))).toMatchObject({
    status: { message: "gone", details: [] },
  });
});

test("random statuses survive encoding and parsing", () => {
  const random = createRandom(3);
  const codes = Object.values(StatusCode).filter((code) => code !== StatusCode.Ok);
  for (let round = 0; round < 200; round++) {
    const status: Status = {
      code: codes[random(codes.length)] ?? StatusCode.Unknown,
      message: String.fromCodePoint(...Array.from({ length: random(200) }, () => 1 + random(0xd000))),
      details: Array.from({ length: random(4) }, (_, index) => ({
        typeUrl: `type/${index}`,
        value: randomBytes(random, random(200)),
      })),
    };
    expect(parseResponse(bodyOf(encodeStatus(1, status)))).toEqual({ kind: "error", status });
  }
});
