// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from "../abi/value-type.ts";
import { mismatch } from "../abi/values.ts";
import { hostFunction, hostResource, method } from "../host/host-function.ts";
import { InputStream } from "../host/input-stream.ts";
import { OutputStream } from "../host/output-stream.ts";
import { NOW, Pollable } from "../host/pollable.ts";
import { err, ok, type Result } from "../host/result.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { ByteQueue, QUEUE_BYTES } from "./byte-queue.ts";
import { type HttpErrorCode, internalError } from "./http-error-code.ts";

/** What is used of a `ReadableStreamDefaultReader`. */
interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** `wasi:http/types.incoming-body`: fetched from the platform's stream when the guest reads, not before. */
export class IncomingBody implements Disposable {
  readonly #queue = new ByteQueue();
  readonly #reader: Reader | undefined;
  #isConsumed = false;
  #isTaken = false;
  #isPumping = false;

  constructor(body: ReadableStream<Uint8Array> | null) {
    this.#reader = body?.getReader();
    if (this.#reader === undefined) this.#queue.close({ kind: "finished" });
  }

  /** Hands itself to the guest, once. */
  consume(): Result<IncomingBody, undefined> {
    if (this.#isConsumed) return err();
    this.#isConsumed = true;
    return ok(this);
  }

  /** What goes with the request or response that it is of: nothing once the guest has it. */
  disposeUnlessConsumed(): void {
    if (!this.#isConsumed) this[Symbol.dispose]();
  }

  stream(): Result<InputStream, undefined> {
    if (this.#isTaken) return err();
    this.#isTaken = true;
    this.#pump();
    const source = this.#queue.source(() => this[Symbol.dispose]());
    const read = (limit: number): Uint8Array => {
      const bytes = source.read(limit);
      this.#pump();
      return bytes;
    };
    return ok(new InputStream({ ...source, read }));
  }

  // Never rejects: how it ends is what the guest reads.
  #pump(): void {
    if (this.#isPumping || this.#reader === undefined) return;
    this.#isPumping = true;
    void this.#fill(this.#reader).finally(() => {
      this.#isPumping = false;
    });
  }

  async #fill(reader: Reader): Promise<void> {
    try {
      while (this.#queue.capacity > QUEUE_BYTES / 2 && this.#queue.end === undefined) {
        const { done, value } = await reader.read();
        if (value !== undefined) this.#queue.push(value);
        if (done) this.#queue.close({ kind: "finished" });
      }
    } catch (error) {
      this.#queue.close({ kind: "failed", error });
    }
  }

  [Symbol.dispose](): void {
    if (this.#queue.end !== undefined) return;
    this.#queue.close({ kind: "finished" });
    // Told that nobody reads on; that it had failed already is of no interest then.
    this.#reader?.cancel().catch(() => {});
  }
}

/** `wasi:http/types.outgoing-body`. */
export class OutgoingBody implements Disposable {
  readonly queue: ByteQueue = new ByteQueue();
  readonly #declaredBytes: bigint | undefined;
  #writtenBytes = 0n;
  #isTaken = false;

  /** `declaredBytes` is the content-length, which the guest must keep to. */
  constructor(declaredBytes: bigint | undefined) {
    this.#declaredBytes = declaredBytes;
  }

  write(): Result<OutputStream, undefined> {
    if (this.#isTaken) return err();
    this.#isTaken = true;
    const sink = this.queue.sink();
    const write = (bytes: Uint8Array): void => {
      this.#writtenBytes += BigInt(bytes.length);
      sink.write(bytes);
    };
    return ok(new OutputStream({ ...sink, write }));
  }

  finish(): Result<undefined, HttpErrorCode> {
    if (this.#declaredBytes !== undefined && this.#declaredBytes !== this.#writtenBytes) {
      this.queue.close({ kind: "failed", error: new Error("the body has not the length that was declared") });
      return err({ tag: "HTTP-request-body-size", val: this.#writtenBytes });
    }
    this.queue.close({ kind: "finished" });
    return ok();
  }

  /** The platform's body: bytes if it is complete, else a stream. */
  toBodyInit(): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
    const { queue } = this;
    return queue.end?.kind === "finished" ? new Uint8Array(queue.drain()) : this.toStream();
  }

  toStream(): ReadableStream<Uint8Array> {
    const { queue } = this;
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          while (queue.isEmpty && queue.end === undefined) await queue.changed();
          const bytes = queue.shift(QUEUE_BYTES);
          if (bytes !== undefined) controller.enqueue(bytes);
          else if (queue.end?.kind === "failed") controller.error(queue.end.error);
          else controller.close();
        },
        cancel(reason) {
          queue.close({ kind: "failed", error: reason });
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** A body that is dropped without being finished is incomplete, and its receiver must be told. */
  [Symbol.dispose](): void {
    this.queue.close({ kind: "failed", error: new Error("the body was not finished") });
  }
}

/** `wasi:http/types.future-trailers`: there never are any, since the platform does not give them. */
class FutureTrailers {
  #isTaken = false;

  get(): Result<Result<undefined, never>, undefined> {
    if (this.#isTaken) return err();
    this.#isTaken = true;
    return ok(ok());
  }
}

export const INCOMING_BODY: ResourceType = hostResource("incoming-body");
export const OUTGOING_BODY: ResourceType = hostResource("outgoing-body");
export const FUTURE_TRAILERS: ResourceType = hostResource("future-trailers");

export const bodyFunctions: HostInterface["functions"] = {
  "[method]incoming-body.stream": method(IncomingBody, (self) => self.stream()),
  "[static]incoming-body.finish": hostFunction((self: unknown) => {
    if (!(self instanceof IncomingBody)) throw mismatch("incoming-body", self);
    self[Symbol.dispose]();
    return new FutureTrailers();
  }),
  "[method]future-trailers.subscribe": method(FutureTrailers, () => new Pollable(NOW)),
  "[method]future-trailers.get": method(FutureTrailers, (self) => self.get()),
  "[method]outgoing-body.write": method(OutgoingBody, (self) => self.write()),
  "[static]outgoing-body.finish": hostFunction((self: unknown, trailers: unknown) => {
    if (!(self instanceof OutgoingBody)) throw mismatch("outgoing-body", self);
    if (trailers === undefined) return self.finish();
    self[Symbol.dispose]();
    return err(internalError("trailers cannot be sent"));
  }),
};
