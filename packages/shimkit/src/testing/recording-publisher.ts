// SPDX-License-Identifier: Apache-2.0
import type { Publisher } from "../events/publisher.ts";
import type { TaskEvent } from "../events/task-event.ts";

/** A publisher that keeps its events, and whose `topics` tell their order. */
export interface RecordingPublisher extends Publisher {
  readonly events: readonly TaskEvent[];
  readonly topics: readonly string[];
}

/** @param order where topics are noted too, among other things of a test */
export function createRecordingPublisher(order: string[] = []): RecordingPublisher {
  const events: TaskEvent[] = [];
  return {
    events,
    get topics() {
      return events.map(({ topic }) => topic);
    },
    publish(event) {
      events.push(event);
      order.push(event.topic);
    },
    close: () => Promise.resolve(),
  };
}
