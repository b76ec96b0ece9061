// SPDX-License-Identifier: Apache-2.0
import { textOf } from "./error-text.ts";
import type { TtrpcLog } from "./event.ts";
import { type Frame, MessageFlag, MessageType } from "./frame.ts";
import { parseRequest, type Request } from "./request.ts";
import { encodeReply, encodeStatus } from "./response.ts";
import { ServerCall } from "./server-call.ts";
import type { BoundMethod, Service } from "./service.ts";
import { type Status, StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

/**
 * Calls that may run at once on one connection; more answer ResourceExhausted. Reading cannot stop for them: among them
 * may be long polls (containerd's Wait) that only a later request ends.
 */
export const RUNNING_CALLS_MAX = 8192;

/** What all connections of a server share. */
export interface DispatchOptions {
  readonly services: ReadonlyMap<string, Service>;
  readonly toStatus: (error: unknown) => Status;
  readonly log: TtrpcLog;
}

/** Turns one connection's requests into handler calls and their results into frames for `send`. */
export class CallDispatcher {
  readonly #options: DispatchOptions;
  readonly #send: (frame: Uint8Array) => void;
  readonly #running = new Map<number, ServerCall>();
  #lastStreamId = 0;
  #closing = false;

  constructor(options: DispatchOptions, send: (frame: Uint8Array) => void) {
    this.#options = options;
    this.#send = send;
  }

  /** The number of calls whose reply is still to come. */
  get running(): number {
    return this.#running.size;
  }

  /** From now on new calls answer Unavailable. */
  refuseCalls(): void {
    this.#closing = true;
  }

  /** Aborts all running calls; their replies are not sent. */
  abandon(reason: TtrpcError): void {
    const calls = [...this.#running.values()];
    this.#running.clear();
    for (const call of calls) {
      call.abort(reason);
    }
  }

  handle(frame: Frame): void {
    const { streamId, type } = frame;
    if (type !== MessageType.Request && type !== MessageType.Data) {
      // As Go's server: unknown types are for future versions, and responses are never for a server.
      this.#options.log({ kind: "frame-ignored", streamId, type });
      return;
    }
    try {
      if (streamId % 2 === 0) {
        throw new TtrpcError(StatusCode.InvalidArgument, `stream id ${streamId} is even (a client's is odd)`);
      }
      if (type === MessageType.Data) {
        this.#rejectData(streamId);
      } else {
        this.#handleRequest(frame);
      }
    } catch (error) {
      this.#send(encodeStatus(streamId, error instanceof TtrpcError ? error : this.#unexpected(error)));
    }
  }

  /** All streams here are unary, so a data frame never belongs to one. It ends the call that it names. */
  #rejectData(streamId: number): never {
    const call = this.#running.get(streamId);
    if (call === undefined) {
      throw new TtrpcError(StatusCode.InvalidArgument, `stream ${streamId} is not active`);
    }
    const message = `method "${call.method}" is unary: it takes no data frame`;
    const refusal = new TtrpcError(StatusCode.InvalidArgument, message);
    this.#running.delete(streamId);
    call.abort(refusal);
    throw refusal;
  }

  #handleRequest({ streamId, flags, body }: Frame): void {
    if (streamId <= this.#lastStreamId) {
      const message = `stream id ${streamId} comes after ${this.#lastStreamId} (each must be greater than the last)`;
      throw new TtrpcError(StatusCode.InvalidArgument, message);
    }
    this.#lastStreamId = streamId;
    const request = readRequest(body);
    const method = findMethod(this.#options.services, request);
    this.#admit(method, request, flags);
    const message = readMessage(method, request.payload);
    const { metadata, timeoutMs } = request;
    const call = new ServerCall({ streamId, method: method.fullName, metadata, timeoutMs });
    this.#running.set(streamId, call);
    invoke(method, message, call).then(
      (response) => this.#finish(call, () => this.#encodeReply(call, method, response)),
      (error: unknown) => this.#finish(call, () => encodeStatus(streamId, this.#toStatus(call, error))),
    );
  }

  /** Throws the refusal of a call that may not run. */
  #admit(method: BoundMethod, request: Request, flags: number): void {
    const refuse = (code: StatusCode, reason: string): never => {
      throw new TtrpcError(code, `cannot call "${method.fullName}": ${reason}`);
    };
    if ((flags & MessageFlag.RemoteOpen) !== 0) {
      refuse(StatusCode.InvalidArgument, "it is unary (a request must not leave its stream open)");
    }
    if (this.#closing) {
      refuse(StatusCode.Unavailable, "the server is shutting down");
    }
    if (this.#running.size >= RUNNING_CALLS_MAX) {
      refuse(StatusCode.ResourceExhausted, `${RUNNING_CALLS_MAX} calls are running on this connection`);
    }
    if (request.timeoutMs !== undefined && request.timeoutMs <= 0) {
      refuse(StatusCode.DeadlineExceeded, "its deadline has passed");
    }
  }

  /** Sends a call's reply, unless the call was given up in the meantime. */
  #finish(call: ServerCall, encode: () => Uint8Array): void {
    call.finish();
    // Encoded also when given up: `toStatus` is where the owner learns of its errors.
    const frame = this.#encodeSafely(call, encode);
    if (this.#running.get(call.streamId) === call) {
      this.#running.delete(call.streamId);
      this.#send(frame);
    }
  }

  /** A `toStatus` that breaks its types must not take the process down. */
  #encodeSafely(call: ServerCall, encode: () => Uint8Array): Uint8Array {
    try {
      return encode();
    } catch (cause) {
      return encodeStatus(call.streamId, this.#unexpected(cause));
    }
  }

  #encodeReply(call: ServerCall, method: BoundMethod, response: unknown): Uint8Array {
    try {
      return encodeReply(call.streamId, method.responseType, response);
    } catch (cause) {
      const reason = textOf(cause);
      this.#options.log({ kind: "reply-replaced", method: call.method, reason, cause });
      const code = cause instanceof TtrpcError ? cause.code : StatusCode.Internal;
      return encodeStatus(call.streamId, { code, message: `cannot answer "${call.method}": ${reason}` });
    }
  }

  #toStatus(call: ServerCall, error: unknown): Status {
    if (error instanceof TtrpcError && error === call.abortedWith) {
      return error;
    }
    const { code, message, details = [] } = this.#options.toStatus(error);
    // An error must never read as success.
    return { code: code === StatusCode.Ok ? StatusCode.Unknown : code, message, details };
  }

  #unexpected(cause: unknown): Status {
    const reason = textOf(cause);
    this.#options.log({ kind: "internal-error", reason, cause });
    return { code: StatusCode.Unknown, message: reason };
  }
}

/** Calls the handler so that a rejection has an owner from its first moment. */
function invoke(method: BoundMethod, message: unknown, call: ServerCall): Promise<unknown> {
  const { handler } = method;
  try {
    return Promise.resolve(handler(message, call));
  } catch (error) {
    return Promise.reject(error);
  }
}

function readRequest(body: Uint8Array): Request {
  try {
    return parseRequest(body);
  } catch (cause) {
    throw new TtrpcError(StatusCode.InvalidArgument, `cannot read request: ${textOf(cause)}`, { cause });
  }
}

function findMethod(services: ReadonlyMap<string, Service>, request: Request): BoundMethod {
  const service = services.get(request.service);
  if (service === undefined) {
    throw new TtrpcError(StatusCode.Unimplemented, `service "${request.service}" is not served here`);
  }
  const method = service.methods.get(request.method);
  if (method === undefined) {
    const message = `method "${request.method}" of service "${request.service}" is not implemented`;
    throw new TtrpcError(StatusCode.Unimplemented, message);
  }
  return method;
}

function readMessage(method: BoundMethod, payload: Uint8Array): unknown {
  try {
    return method.requestType.decode(payload);
  } catch (cause) {
    // The code that Go's server gives.
    const message = `cannot read the request of "${method.fullName}": ${textOf(cause)}`;
    throw new TtrpcError(StatusCode.Internal, message, { cause });
  }
}
