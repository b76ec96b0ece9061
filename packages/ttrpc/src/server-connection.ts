// SPDX-License-Identifier: Apache-2.0
import { CallDispatcher, type DispatchOptions } from "./call-dispatcher.ts";
import { textOf } from "./error-text.ts";
import type { TtrpcLog } from "./event.ts";
import type { Frame } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { type ByteSink, Outbox } from "./outbox.ts";
import { StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

/** Reading stops while more reply bytes than this wait for the peer: room for one reply of the largest size. */
export const QUEUED_REPLIES_MAX_BYTES: number = 4 << 20;

/** Frames handled before other work gets its turn, so that the replies of quick handlers are counted in time. */
const FRAMES_PER_TURN = 64;

/** The socket as a connection needs it. */
export interface ServerSocket extends ByteSink {
  pause(): void;
  resume(): void;
  /** Ends the connection after the bytes that `write` took. */
  end(): void;
  /** Ends the connection at once. */
  terminate(): void;
}

/** The server's side of one connection: reads no faster than the peer takes the replies. */
export class ServerConnection {
  readonly #socket: ServerSocket;
  readonly #log: TtrpcLog;
  readonly #reader = new FrameReader();
  readonly #outbox: Outbox;
  readonly #dispatcher: CallDispatcher;
  /** `closing`: running calls may reply, then it ends. `closed`: nothing is sent any more. */
  #state: "open" | "closing" | "closed" = "open";
  #socketPaused = false;
  /** Whether frames wait for the peer to take replies; the log knows of it. */
  #congested = false;
  #nextTurn: NodeJS.Immediate | undefined;

  constructor(socket: ServerSocket, options: DispatchOptions) {
    this.#socket = socket;
    this.#log = options.log;
    this.#outbox = new Outbox(socket);
    this.#dispatcher = new CallDispatcher(options, (frame) => this.#send(frame));
  }

  /** Takes bytes from the socket; they must not change afterwards. */
  receive(chunk: Uint8Array): void {
    this.#reader.push(chunk);
    if (this.#nextTurn === undefined && !this.#congested) {
      this.#handleFrames();
    }
  }

  /** The socket takes bytes again. */
  drain(): void {
    if (!this.#outbox.flush()) {
      this.#break("the peer is gone");
      return;
    }
    if (this.#congested && this.#outbox.queuedBytes <= QUEUED_REPLIES_MAX_BYTES / 2) {
      this.#congested = false;
      this.#log({ kind: "reading-resumed" });
      this.#handleFrames();
    }
    this.#endIfIdle();
  }

  /** The socket is closed: aborts the running calls, whose handlers decide what to give up. */
  closed(cause?: Error): void {
    if (this.#state !== "closed" && cause !== undefined) {
      this.#log({ kind: "connection-broken", reason: `the socket failed: ${cause.message}`, cause });
    } else if (this.#state !== "closed" && this.#reader.insideFrame) {
      this.#log({ kind: "connection-broken", reason: "the peer left in the middle of a frame" });
    }
    this.#abandon("its connection has ended");
  }

  /** Ends the connection once its running calls have replied and the replies are written; new calls are refused. */
  close(): void {
    if (this.#state === "open") {
      this.#state = "closing";
      this.#dispatcher.refuseCalls();
      this.#endIfIdle();
    }
  }

  /** Ends the connection now and aborts the running calls. */
  terminate(): void {
    this.#abandon("the server is shutting down");
    this.#socket.terminate();
  }

  #handleFrames(): void {
    this.#nextTurn = undefined;
    for (let handled = 0; this.#state !== "closed"; handled++) {
      if (this.#outbox.queuedBytes > QUEUED_REPLIES_MAX_BYTES) {
        this.#congested = true;
        this.#pause();
        this.#log({ kind: "reading-paused", queuedBytes: this.#outbox.queuedBytes });
        return;
      }
      if (handled === FRAMES_PER_TURN) {
        this.#pause();
        this.#nextTurn = setImmediate(() => this.#handleFrames());
        return;
      }
      const frame = this.#nextFrame();
      if (frame === undefined) {
        this.#resume();
        return;
      }
      this.#dispatcher.handle(frame);
    }
  }

  #nextFrame(): Frame | undefined {
    try {
      return this.#reader.next();
    } catch (cause) {
      this.#break(textOf(cause), cause);
      return undefined;
    }
  }

  #send(frame: Uint8Array): void {
    if (this.#state === "closed") {
      return;
    }
    if (!this.#outbox.send(frame)) {
      this.#break("the peer is gone");
      return;
    }
    this.#endIfIdle();
  }

  #break(reason: string, cause?: unknown): void {
    this.#log({ kind: "connection-broken", reason, cause });
    this.#abandon("its connection has ended");
    this.#socket.terminate();
  }

  #endIfIdle(): void {
    if (this.#state === "closing" && this.#dispatcher.running === 0 && this.#outbox.queuedBytes === 0) {
      this.#abandon("the server is shutting down");
      this.#socket.end();
    }
  }

  #abandon(reason: string): void {
    this.#state = "closed";
    clearImmediate(this.#nextTurn);
    this.#outbox.clear();
    this.#dispatcher.abandon(new TtrpcError(StatusCode.Canceled, `the call is given up: ${reason}`));
  }

  #pause(): void {
    if (!this.#socketPaused) {
      this.#socketPaused = true;
      this.#socket.pause();
    }
  }

  #resume(): void {
    if (this.#socketPaused && this.#state !== "closed") {
      this.#socketPaused = false;
      this.#socket.resume();
    }
  }
}
