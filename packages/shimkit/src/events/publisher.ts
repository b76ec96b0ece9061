// SPDX-License-Identifier: Apache-2.0
import { timestampFromMs } from "@runwasi/containerd-api";
import { EventsDefinition } from "@runwasi/containerd-api/gen/services/ttrpc/events/v1/events.ts";
import { connect, StatusCode, TtrpcError, type TtrpcClient } from "@runwasi/ttrpc";
import { messageOf } from "../error.ts";
import type { Logger } from "../log/logger.ts";
import type { TaskEvent } from "./task-event.ts";

/** As many as runc's shim keeps; what is older is lost and said in the log. */
const MAX_QUEUED = 2048;
const CALL_TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
/** On shutdown, how long the last events may take. */
const FLUSH_TIMEOUT_MS = 3_000;

/**
 * Sends events to containerd in the order of `publish` calls.
 *
 * One is under way at a time, so the order holds across reconnections: an event that fails is tried again before
 * the next. containerd may be away for a while (a restart); events wait.
 */
export interface Publisher {
  publish(event: TaskEvent): void;
  /** Waits until all is sent or the flush time is over, then disconnects. */
  close(): Promise<void>;
}

interface Queued extends TaskEvent {
  readonly timestampMs: number;
}

/**
 * @param address path of containerd's ttrpc socket (TTRPC_ADDRESS); empty means that nobody wants events
 */
export function createPublisher(address: string, namespace: string, log: Logger): Publisher {
  const queue: Queued[] = [];
  let client: TtrpcClient | undefined;
  let running: Promise<void> | undefined;
  const closing = Promise.withResolvers<void>();
  let isClosing = false;

  async function send({ timestampMs, topic, event }: Queued): Promise<void> {
    client ??= await connect({ path: address });
    const envelope = { timestamp: timestampFromMs(timestampMs), namespace, topic, event };
    await client.call(
      EventsDefinition,
      EventsDefinition.methods.forward,
      { envelope },
      { timeoutMs: CALL_TIMEOUT_MS },
    );
  }

  async function drain(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      try {
        await send(next);
        queue.shift();
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if (isRefusal(error)) {
          log.error(`event ${next.topic} is lost: containerd refuses it: ${messageOf(error)}`);
          queue.shift();
          continue;
        }
        client?.[Symbol.dispose]();
        client = undefined;
        if (retryMs === FIRST_RETRY_MS)
          log.warn(`cannot publish event ${next.topic}: ${messageOf(error)}; trying again`);
        // A pause of seconds must not eat up the time that close gives.
        if (isClosing) await Bun.sleep(FIRST_RETRY_MS);
        else await Promise.race([Bun.sleep(retryMs), closing.promise]);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
    running = undefined;
  }

  return {
    publish(event) {
      if (address === "") return;
      if (queue.length >= MAX_QUEUED) {
        // The first may be under way; the second is the oldest that is not.
        const [lost] = queue.splice(1, 1);
        log.error(`event ${lost?.topic} is lost: ${MAX_QUEUED} wait for containerd`);
      }
      queue.push({ timestampMs: Date.now(), ...event });
      running ??= drain();
    },
    async close() {
      isClosing = true;
      closing.resolve();
      if (running) await Promise.race([running, Bun.sleep(FLUSH_TIMEOUT_MS)]);
      queue.length = 0;
      client?.[Symbol.dispose]();
    },
  };
}

/** Whether the event itself is at fault, so that sending it again would hold up all after it for good. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof TtrpcError &&
    (error.code === StatusCode.InvalidArgument || error.code === StatusCode.ResourceExhausted)
  );
}
