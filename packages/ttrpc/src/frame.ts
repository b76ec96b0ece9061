// SPDX-License-Identifier: Apache-2.0
// Spec: PROTOCOL.md of https://github.com/containerd/ttrpc at v1.2.10, "Message Frame".
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

/** Length (uint32), stream id (uint32), both big-endian, type (uint8), flags (uint8). */
export const FRAME_HEADER_BYTES = 10;

/** The largest body of a frame, 4 MiB; with its header a frame takes 10 bytes more. */
export const FRAME_BODY_MAX_BYTES: number = 4 << 20;

/** What a frame is for. */
export const MessageType = { Request: 1, Response: 2, Data: 3 } as const;

/** A set bit in a request's or data frame's flags. A unary request has none. */
export const MessageFlag = { RemoteClosed: 1, RemoteOpen: 2, NoData: 4 } as const;

/** A received frame. `type` and `flags` are as sent: the receiver decides what to make of unknown ones. */
export interface Frame {
  readonly streamId: number;
  readonly type: number;
  readonly flags: number;
  /** May share memory with the chunk it came in. */
  readonly body: Uint8Array;
}

const HEADER_SPACE = new Uint8Array(FRAME_HEADER_BYTES);

/** Starts a frame: a writer positioned where the body goes, so that body and header share one buffer. */
export function createFrameWriter(): BinaryWriter {
  return new BinaryWriter().raw(HEADER_SPACE);
}

/**
 * Ends what `createFrameWriter` began and returns the frame's bytes, header included.
 * Throws ResourceExhausted when the body is over the limit.
 */
export function finishFrame(writer: BinaryWriter, streamId: number, type: number): Uint8Array {
  const frame = writer.finish();
  const bodyBytes = frame.length - FRAME_HEADER_BYTES;
  if (bodyBytes > FRAME_BODY_MAX_BYTES) {
    throw new TtrpcError(
      StatusCode.ResourceExhausted,
      `cannot send message: it has ${bodyBytes} bytes (at most ${FRAME_BODY_MAX_BYTES} fit in a frame)`,
    );
  }
  const header = new DataView(frame.buffer, frame.byteOffset, FRAME_HEADER_BYTES);
  header.setUint32(0, bodyBytes);
  header.setUint32(4, streamId);
  header.setUint8(8, type);
  return frame;
}
