// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from "../abi/value-type.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { hostFunction, hostResource, method } from "./host-function.ts";
import { InputStream } from "./input-stream.ts";
import { OutputStream } from "./output-stream.ts";
import { poll, Pollable } from "./pollable.ts";
import { err, ok } from "./result.ts";
import { IoError, type StreamResult, streamResult } from "./stream-error.ts";
import type { Waiter } from "./waiter.ts";

export const ERROR: ResourceType = hostResource("error");
export const POLLABLE: ResourceType = hostResource("pollable");
export const INPUT_STREAM: ResourceType = hostResource("input-stream");
export const OUTPUT_STREAM: ResourceType = hostResource("output-stream");

const BLOCKS = true;
const MAX_ZEROES = 4096n;
const MAX_SPLICE_BYTES = 65_536n;

/** `wasi:io/error`, `wasi:io/poll` and `wasi:io/streams`. */
export function ioInterfaces(waiter: Waiter): Readonly<Record<string, HostInterface>> {
  return {
    "wasi:io/error": {
      resources: { error: ERROR },
      functions: { "[method]error.to-debug-string": method(IoError, (self) => self.message) },
    },
    "wasi:io/poll": {
      resources: { pollable: POLLABLE },
      functions: {
        "[method]pollable.ready": method(Pollable, ({ source }) => waiter.ready([source]).length > 0),
        "[method]pollable.block": method(Pollable, ({ source }) => waiter.wait([source]), BLOCKS),
        poll: hostFunction((pollables: readonly unknown[]) => poll(waiter, pollables), BLOCKS),
      },
    },
    "wasi:io/streams": {
      resources: {
        error: ERROR,
        pollable: POLLABLE,
        "input-stream": INPUT_STREAM,
        "output-stream": OUTPUT_STREAM,
      },
      functions: { ...inputFunctions(waiter), ...outputFunctions(waiter) },
    },
  };
}

function inputFunctions(waiter: Waiter): HostInterface["functions"] {
  const size = ({ length }: Uint8Array): bigint => BigInt(length);
  return {
    "[method]input-stream.read": method(InputStream, (self, limit: bigint) => self.read(limit)),
    "[method]input-stream.blocking-read": method(
      InputStream,
      (self, limit: bigint) => self.blockingRead(waiter, limit),
      BLOCKS,
    ),
    "[method]input-stream.skip": method(InputStream, (self, limit: bigint) =>
      streamResult(() => size(self.take(limit))),
    ),
    "[method]input-stream.blocking-skip": method(
      InputStream,
      (self, limit: bigint) => mapResult(self.blockingRead(waiter, limit), size),
      BLOCKS,
    ),
    "[method]input-stream.subscribe": method(InputStream, (self) => new Pollable(self.poll)),
  };
}

function outputFunctions(waiter: Waiter): HostInterface["functions"] {
  return {
    "[method]output-stream.check-write": method(OutputStream, (self) => self.checkWrite()),
    "[method]output-stream.write": method(OutputStream, (self, bytes: Uint8Array) => self.write(bytes)),
    "[method]output-stream.blocking-write-and-flush": method(
      OutputStream,
      (self, bytes: Uint8Array) => self.blockingWriteAndFlush(waiter, bytes),
      BLOCKS,
    ),
    "[method]output-stream.flush": method(OutputStream, (self) => mapResult(self.checkWrite(), nothing)),
    "[method]output-stream.blocking-flush": method(
      OutputStream,
      (self) => self.blockingFlush(waiter),
      BLOCKS,
    ),
    "[method]output-stream.subscribe": method(OutputStream, (self) => new Pollable(self.poll)),
    "[method]output-stream.write-zeroes": method(OutputStream, (self, size: bigint) =>
      self.write(zeroes(size)),
    ),
    "[method]output-stream.blocking-write-zeroes-and-flush": method(
      OutputStream,
      (self, size: bigint) => self.blockingWriteAndFlush(waiter, zeroes(size)),
      BLOCKS,
    ),
    "[method]output-stream.splice": method(OutputStream, splice),
    "[method]output-stream.blocking-splice": method(
      OutputStream,
      (self, source: unknown, limit: bigint) => blockingSplice(waiter, self, source, limit),
      BLOCKS,
    ),
  };
}

function nothing(): undefined {
  return undefined;
}

// What is asked for beyond the limit of a blocking write, or beyond check-write, traps in the stream.
function zeroes(size: bigint): Uint8Array {
  return new Uint8Array(Number(size > MAX_ZEROES * 16n ? MAX_ZEROES * 16n + 1n : size));
}

function mapResult<From, To>(result: StreamResult<From>, map: (value: From) => To): StreamResult<To>;
function mapResult<From, To>(
  result: StreamResult<From> | Promise<StreamResult<From>>,
  map: (value: From) => To,
): StreamResult<To> | Promise<StreamResult<To>>;
function mapResult<From, To>(
  result: StreamResult<From> | Promise<StreamResult<From>>,
  map: (value: From) => To,
): StreamResult<To> | Promise<StreamResult<To>> {
  if (result instanceof Promise) return result.then((settled) => mapResult(settled, map));
  return result.tag === "ok" ? ok(map(result.val)) : result;
}

function splice(self: OutputStream, source: unknown, limit: bigint): StreamResult<bigint> {
  if (!(source instanceof InputStream)) throw new TypeError("splice reads from what is no input stream");
  const capacity = self.checkWrite();
  if (capacity.tag === "err") return capacity;
  const size = [limit, capacity.val, MAX_SPLICE_BYTES].reduce((least, one) => (one < least ? one : least));
  const bytes = source.read(size);
  if (bytes.tag === "err") return bytes;
  const written = self.write(bytes.val);
  return written.tag === "err" ? err(written.val) : ok(BigInt(bytes.val.length));
}

function blockingSplice(
  waiter: Waiter,
  self: OutputStream,
  source: unknown,
  limit: bigint,
): StreamResult<bigint> | Promise<StreamResult<bigint>> {
  if (!(source instanceof InputStream)) throw new TypeError("splice reads from what is no input stream");
  for (;;) {
    const result = splice(self, source, limit);
    if (limit === 0n || result.tag === "err" || result.val > 0n) return result;
    const capacity = self.checkWrite();
    const waitFor = capacity.tag === "ok" && capacity.val === 0n ? self.poll : source.poll;
    const waited = waiter.wait([waitFor]);
    if (waited instanceof Promise) return waited.then(() => blockingSplice(waiter, self, source, limit));
  }
}
