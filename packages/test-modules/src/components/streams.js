// SPDX-License-Identifier: Apache-2.0
// What each component does with the streams of wasi:io.
import { errorCode } from "./error-code.js";

/** What blocking-write-and-flush takes at most. */
const MAX_WRITE_BYTES = 4096;

/** Writes all bytes; throws the stream's error. */
export function writeAll(output, bytes) {
  for (let offset = 0; offset < bytes.length; offset += MAX_WRITE_BYTES) {
    output.blockingWriteAndFlush(bytes.slice(offset, offset + MAX_WRITE_BYTES));
  }
}

/** Copies until the input's end, as the bytes come; throws any other error of the streams. */
export function copy(input, output) {
  for (let bytes = read(input); bytes !== undefined; bytes = read(input)) writeAll(output, bytes);
}

/** The next bytes, once there are some; undefined at the end. */
function read(input) {
  try {
    return input.blockingRead(MAX_WRITE_BYTES);
  } catch (error) {
    if (errorCode(error) === "closed") return undefined;
    throw error;
  }
}

/** Waits until a pollable is ready, and disposes of it. */
export function wait(pollable) {
  pollable.block();
  dispose(pollable);
}

/** Disposes of resources in order: hosts trap when one goes before what came of it. */
export function dispose(...resources) {
  for (const resource of resources) resource[Symbol.dispose]();
}
