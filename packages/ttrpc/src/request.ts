// SPDX-License-Identifier: Apache-2.0
// Spec: message Request in request.proto of https://github.com/containerd/ttrpc at v1.2.10.
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { MessageCodec } from "./definition.ts";
import { createFrameWriter, finishFrame, MessageType } from "./frame.ts";
import { skipField } from "./skip-field.ts";

const SERVICE_TAG = 0x0a;
const METHOD_TAG = 0x12;
const PAYLOAD_TAG = 0x1a;
const TIMEOUT_NANO_TAG = 0x20;
const METADATA_TAG = 0x2a;
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

const NANOSECONDS_PER_MS = 1_000_000;

/** Values by lower-case key, in the order they were given. */
export type Metadata = ReadonlyMap<string, readonly string[]>;

/** The part of a request that does not depend on the message types. */
export interface RequestHead {
  readonly service: string;
  readonly method: string;
  /** What is left of the caller's time. Absent: no deadline. Zero or less: it has passed already. */
  readonly timeoutMs: number | undefined;
  readonly metadata: Metadata;
}

/** A received request; `payload` is the still encoded message and may share memory with the frame. */
export interface Request extends RequestHead {
  readonly payload: Uint8Array;
}

/** Encodes a request with its frame. Throws ResourceExhausted over the frame limit, and what the codec throws. */
export function encodeRequest<T>(
  streamId: number,
  head: RequestHead,
  body: { readonly codec: MessageCodec<T>; readonly message: T },
): Uint8Array {
  const writer = createFrameWriter();
  writer.uint32(SERVICE_TAG).string(head.service).uint32(METHOD_TAG).string(head.method);
  body.codec.encode(body.message, writer.uint32(PAYLOAD_TAG).fork()).join();
  if (head.timeoutMs !== undefined) {
    const timeoutNano = Math.min(Math.round(head.timeoutMs * NANOSECONDS_PER_MS), Number.MAX_SAFE_INTEGER);
    writer.uint32(TIMEOUT_NANO_TAG).int64(timeoutNano);
  }
  for (const [key, values] of head.metadata) {
    for (const value of values) {
      writer.uint32(METADATA_TAG).fork();
      writer.uint32(KEY_TAG).string(key.toLowerCase()).uint32(VALUE_TAG).string(value).join();
    }
  }
  return finishFrame(writer, streamId, MessageType.Request);
}

const NO_PAYLOAD = new Uint8Array(0);
const NO_METADATA: Metadata = new Map();

/** Decodes a request frame's body. Throws when it is not a Request. */
export function parseRequest(body: Uint8Array): Request {
  const reader = new BinaryReader(body);
  let service = "";
  let method = "";
  let payload: Uint8Array = NO_PAYLOAD;
  let timeoutNano = 0;
  let metadata: Map<string, string[]> | undefined;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    switch (tag) {
      case SERVICE_TAG:
        service = reader.string();
        break;
      case METHOD_TAG:
        method = reader.string();
        break;
      case PAYLOAD_TAG:
        payload = reader.bytes();
        break;
      case TIMEOUT_NANO_TAG:
        timeoutNano = Number(reader.int64());
        break;
      case METADATA_TAG:
        metadata ??= new Map();
        addMetadata(metadata, reader.bytes());
        break;
      default:
        skipField(reader, tag);
    }
  }
  // Zero is what an absent proto3 field reads as.
  const timeoutMs = timeoutNano === 0 ? undefined : timeoutNano / NANOSECONDS_PER_MS;
  return { service, method, payload, timeoutMs, metadata: metadata ?? NO_METADATA };
}

function addMetadata(metadata: Map<string, string[]>, keyValue: Uint8Array): void {
  const reader = new BinaryReader(keyValue);
  let key = "";
  let value = "";
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    switch (tag) {
      case KEY_TAG:
        key = reader.string().toLowerCase();
        break;
      case VALUE_TAG:
        value = reader.string();
        break;
      default:
        skipField(reader, tag);
    }
  }
  const values = metadata.get(key);
  if (values === undefined) {
    metadata.set(key, [value]);
  } else {
    values.push(value);
  }
}
