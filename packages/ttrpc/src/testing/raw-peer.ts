// SPDX-License-Identifier: Apache-2.0
import type { Frame } from "../frame.ts";
import { FrameReader } from "../frame-reader.ts";

/** A peer that speaks in bytes, to say what a client never would. It takes what it is sent only while not paused. */
export interface RawPeer extends Disposable {
  /** Sends all of the bytes, however slowly the other side takes them. Rejects when the connection ends first. */
  send(bytes: Uint8Array): Promise<void>;
  /** The next frame. Rejects when the connection ends first. */
  receive(): Promise<Frame>;
  pause(): void;
  resume(): void;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
}

/** Connects to the socket at `path`; the caller disposes. */
export async function openRawPeer(path: string): Promise<RawPeer> {
  const inbox = createInbox();
  const ended = Promise.withResolvers<void>();
  let drained = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    unix: path,
    socket: {
      data: (_socket, chunk) => inbox.push(chunk),
      drain() {
        drained.resolve();
        drained = Promise.withResolvers();
      },
      close() {
        ended.resolve();
        drained.resolve();
        inbox.end();
      },
    },
  });
  return {
    closed: ended.promise,
    async send(bytes) {
      for (let sent = 0; sent < bytes.length;) {
        const taken = socket.write(bytes.subarray(sent));
        if (taken < 0) {
          throw new Error("the connection has ended");
        }
        sent += taken;
        if (sent < bytes.length) {
          await drained.promise;
        }
      }
    },
    receive: () => inbox.take(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    [Symbol.dispose]: () => socket.terminate(),
  };
}

interface Inbox {
  push(chunk: Uint8Array): void;
  take(): Promise<Frame>;
  end(): void;
}

function createInbox(): Inbox {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  const waiting: PromiseWithResolvers<Frame>[] = [];
  let ended = false;
  const deliver = (): void => {
    for (let frame = frames[0]; frame !== undefined && waiting.length > 0; frame = frames[0]) {
      frames.shift();
      waiting.shift()?.resolve(frame);
    }
    if (ended) {
      for (const waiter of waiting.splice(0)) {
        waiter.reject(new Error("the connection has ended"));
      }
    }
  };
  return {
    push(chunk) {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        frames.push(frame);
      }
      deliver();
    },
    take() {
      const waiter = Promise.withResolvers<Frame>();
      waiting.push(waiter);
      deliver();
      return waiter.promise;
    },
    end() {
      ended = true;
      deliver();
    },
  };
}
