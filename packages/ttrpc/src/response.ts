// SPDX-License-Identifier: Apache-2.0
// Spec: message Response in request.proto of https://github.com/containerd/ttrpc at v1.2.10, and google/rpc/status.proto.
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { MessageCodec } from "./definition.ts";
import { createFrameWriter, FRAME_BODY_MAX_BYTES, finishFrame, MessageType } from "./frame.ts";
import { skipField } from "./skip-field.ts";
import { parseStatusCode, type Status, StatusCode, type StatusDetail } from "./status.ts";

const STATUS_TAG = 0x0a;
const PAYLOAD_TAG = 0x12;
const CODE_TAG = 0x08;
const MESSAGE_TAG = 0x12;
const DETAILS_TAG = 0x1a;
const TYPE_URL_TAG = 0x0a;
const VALUE_TAG = 0x12;

/** How much of a status's message is sent when the whole does not fit: UTF-16 units, each at most 3 bytes. */
const CUT_MESSAGE_LENGTH = 64 * 1024;

/** A received response: the still encoded message, or why there is none. */
export type Response =
  | { readonly kind: "message"; readonly payload: Uint8Array }
  | { readonly kind: "error"; readonly status: Status };

/** Encodes a successful response with its frame. Throws ResourceExhausted over the frame limit, and what the codec throws. */
export function encodeReply<T>(streamId: number, codec: MessageCodec<T>, message: T): Uint8Array {
  const writer = createFrameWriter();
  codec.encode(message, writer.uint32(PAYLOAD_TAG).fork()).join();
  return finishFrame(writer, streamId, MessageType.Response);
}

/** Encodes an error response with its frame. A status too large for a frame loses its details and the end of its message. */
export function encodeStatus(streamId: number, status: Status): Uint8Array {
  const fits = statusBytesAtMost(status) <= FRAME_BODY_MAX_BYTES;
  const { code, message, details } = fits
    ? status
    : { code: status.code, message: status.message.slice(0, CUT_MESSAGE_LENGTH), details: undefined };
  const writer = createFrameWriter();
  writer.uint32(STATUS_TAG).fork().uint32(CODE_TAG).int32(code).uint32(MESSAGE_TAG).string(message);
  for (const { typeUrl, value } of details ?? []) {
    writer.uint32(DETAILS_TAG).fork();
    writer.uint32(TYPE_URL_TAG).string(typeUrl).uint32(VALUE_TAG).bytes(value).join();
  }
  writer.join();
  return finishFrame(writer, streamId, MessageType.Response);
}

/** An upper bound: 3 bytes for each UTF-16 unit, and the tags and lengths around them. */
function statusBytesAtMost(status: Status): number {
  let bytes = 64 + status.message.length * 3;
  for (const { typeUrl, value } of status.details ?? []) {
    bytes += 32 + typeUrl.length * 3 + value.length;
  }
  return bytes;
}

const NO_PAYLOAD = new Uint8Array(0);

/** Decodes a response frame's body. Throws when it is not a Response. */
export function parseResponse(body: Uint8Array): Response {
  const reader = new BinaryReader(body);
  let payload: Uint8Array = NO_PAYLOAD;
  let status: Status | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    switch (tag) {
      case STATUS_TAG:
        status = parseStatus(reader.bytes());
        break;
      case PAYLOAD_TAG:
        payload = reader.bytes();
        break;
      default:
        skipField(reader, tag);
    }
  }
  return status === undefined || status.code === StatusCode.Ok
    ? { kind: "message", payload }
    : { kind: "error", status };
}

function parseStatus(bytes: Uint8Array): Status {
  const reader = new BinaryReader(bytes);
  let code: StatusCode = StatusCode.Ok;
  let message = "";
  const details: StatusDetail[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    switch (tag) {
      case CODE_TAG:
        code = parseStatusCode(reader.int32());
        break;
      case MESSAGE_TAG:
        message = reader.string();
        break;
      case DETAILS_TAG:
        details.push(parseStatusDetail(reader.bytes()));
        break;
      default:
        skipField(reader, tag);
    }
  }
  return { code, message, details };
}

function parseStatusDetail(bytes: Uint8Array): StatusDetail {
  const reader = new BinaryReader(bytes);
  let typeUrl = "";
  let value: Uint8Array = NO_PAYLOAD;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    switch (tag) {
      case TYPE_URL_TAG:
        typeUrl = reader.string();
        break;
      case VALUE_TAG:
        value = reader.bytes();
        break;
      default:
        skipField(reader, tag);
    }
  }
  return { typeUrl, value };
}
