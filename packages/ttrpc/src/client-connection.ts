// SPDX-License-Identifier: Apache-2.0
import { assertTimeLeft, type CallLimits, watchLimits } from "./call-limits.ts";
import type { UnaryMethodDefinition } from "./definition.ts";
import { textOf } from "./error-text.ts";
import type { TtrpcLog } from "./event.ts";
import { type Frame, MessageType } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { type ByteSink, Outbox } from "./outbox.ts";
import { encodeRequest, type Metadata } from "./request.ts";
import { parseResponse } from "./response.ts";
import { StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

/** Requests that wait for a peer that does not read; more are rejected with ResourceExhausted. */
export const QUEUED_REQUESTS_MAX_BYTES: number = 64 << 20;

const STREAM_ID_MAX = 0xffff_ffff;

/** How a call may be limited and what goes with it. */
export interface CallOptions extends CallLimits {
  /** Keys are sent in lower case. */
  readonly metadata?: Metadata;
}

/** The socket as a client needs it. */
export interface ClientSocket extends ByteSink {
  /** Ends the connection at once. */
  terminate(): void;
}

/** A method and its request. */
export interface Call<Request, Response> {
  readonly serviceName: string;
  readonly method: UnaryMethodDefinition<Request, Response>;
  readonly request: Request;
  readonly options: CallOptions;
}

interface PendingCall {
  succeed(payload: Uint8Array): void;
  fail(error: TtrpcError): void;
}

const NO_METADATA: Metadata = new Map();

/** The client's side of one connection: calls out, responses in, in any order. */
export class ClientConnection {
  readonly #socket: ClientSocket;
  readonly #log: TtrpcLog;
  readonly #reader = new FrameReader();
  readonly #outbox: Outbox;
  readonly #pending = new Map<number, PendingCall>();
  readonly #ended = Promise.withResolvers<void>();
  #nextStreamId = 1;
  #endedWith: TtrpcError | undefined;

  constructor(socket: ClientSocket, log: TtrpcLog) {
    this.#socket = socket;
    this.#log = log;
    this.#outbox = new Outbox(socket);
  }

  /** Resolves when the connection has ended, whoever ended it. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Makes a call; see `TtrpcClient.call`. */
  call<Request, Response>(call: Call<Request, Response>): Promise<Response> {
    const { method, options } = call;
    const name = `/${call.serviceName}/${method.name}`;
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const streamId = this.#nextStreamId;
    try {
      this.#send(name, this.#encode(streamId, name, call));
    } catch (error) {
      reject(error);
      return promise;
    }
    const limits = watchLimits(options, name, (error) => this.#pending.get(streamId)?.fail(error));
    const settle = (): void => {
      this.#pending.delete(streamId);
      limits[Symbol.dispose]();
    };
    this.#pending.set(streamId, {
      succeed: (payload) => {
        settle();
        try {
          resolve(method.responseType.decode(payload));
        } catch (cause) {
          reject(
            new TtrpcError(StatusCode.Internal, `cannot read the response of "${name}": ${textOf(cause)}`, {
              cause,
            }),
          );
        }
      },
      fail: (error) => {
        settle();
        reject(error);
      },
    });
    return promise;
  }

  /** Takes bytes from the socket; they must not change afterwards. */
  receive(chunk: Uint8Array): void {
    this.#reader.push(chunk);
    try {
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        this.#handle(frame);
      }
    } catch (cause) {
      this.#break(textOf(cause), cause);
    }
  }

  /** The socket takes bytes again. */
  drain(): void {
    if (!this.#outbox.flush()) {
      this.#break("the peer is gone");
    }
  }

  /** The socket is closed: rejects what is pending. */
  closed(cause?: Error): void {
    if (this.#endedWith === undefined && (cause !== undefined || this.#reader.insideFrame)) {
      const reason = cause?.message ?? "the peer left in the middle of a frame";
      this.#log({ kind: "connection-broken", reason, cause });
    }
    this.#end(new TtrpcError(StatusCode.Unavailable, "the server has closed the connection", { cause }));
  }

  /** Ends the connection; what is pending rejects with Canceled. */
  terminate(): void {
    this.#end(new TtrpcError(StatusCode.Canceled, "the client is closed"));
    this.#socket.terminate();
  }

  #encode<Request, Response>(streamId: number, name: string, call: Call<Request, Response>): Uint8Array {
    const { options, serviceName, method, request } = call;
    this.#admit(streamId, name, options);
    const { timeoutMs, metadata = NO_METADATA } = options;
    const head = { service: serviceName, method: method.name, timeoutMs, metadata };
    try {
      return encodeRequest(streamId, head, { codec: method.requestType, message: request });
    } catch (cause) {
      const code = cause instanceof TtrpcError ? cause.code : StatusCode.Internal;
      throw new TtrpcError(code, `cannot call "${name}": ${textOf(cause)}`, { cause });
    }
  }

  /** Throws what a call rejects with that cannot be made. */
  #admit(streamId: number, name: string, options: CallOptions): void {
    if (this.#endedWith !== undefined) {
      const { code, message } = this.#endedWith;
      throw new TtrpcError(code, `cannot call "${name}": ${message}`, { cause: this.#endedWith });
    }
    assertTimeLeft(options, name);
    if (streamId > STREAM_ID_MAX) {
      throw new TtrpcError(
        StatusCode.Unavailable,
        `cannot call "${name}": the connection's stream ids are used up`,
      );
    }
    if (this.#outbox.queuedBytes > QUEUED_REQUESTS_MAX_BYTES) {
      const message = `cannot call "${name}": the server does not read (${this.#outbox.queuedBytes} bytes wait)`;
      throw new TtrpcError(StatusCode.ResourceExhausted, message);
    }
  }

  #send(name: string, frame: Uint8Array): void {
    if (!this.#outbox.send(frame)) {
      this.#break("the peer is gone");
      throw new TtrpcError(
        StatusCode.Unavailable,
        `cannot call "${name}": the server has closed the connection`,
      );
    }
    this.#nextStreamId += 2;
  }

  #handle({ streamId, type, body }: Frame): void {
    const pending = this.#pending.get(streamId);
    if (pending === undefined || (type !== MessageType.Response && type !== MessageType.Data)) {
      this.#log({ kind: "frame-ignored", streamId, type });
      return;
    }
    if (type === MessageType.Data) {
      pending.fail(
        new TtrpcError(StatusCode.Internal, "cannot read response: a data frame for a unary call"),
      );
      return;
    }
    try {
      const response = parseResponse(body);
      if (response.kind === "message") {
        pending.succeed(response.payload);
      } else {
        const { code, message, details = [] } = response.status;
        pending.fail(new TtrpcError(code, message, { details }));
      }
    } catch (cause) {
      pending.fail(new TtrpcError(StatusCode.Internal, `cannot read response: ${textOf(cause)}`, { cause }));
    }
  }

  #break(reason: string, cause?: unknown): void {
    this.#log({ kind: "connection-broken", reason, cause });
    this.#end(new TtrpcError(StatusCode.Unavailable, `the connection is broken: ${reason}`, { cause }));
    this.#socket.terminate();
  }

  #end(error: TtrpcError): void {
    if (this.#endedWith !== undefined) {
      return;
    }
    this.#endedWith = error;
    this.#outbox.clear();
    for (const pending of this.#pending.values()) {
      pending.fail(new TtrpcError(error.code, `the call is lost: ${error.message}`, { cause: error }));
    }
    this.#ended.resolve();
  }
}
