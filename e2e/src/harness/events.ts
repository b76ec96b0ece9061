// SPDX-License-Identifier: Apache-2.0
import type { Containerd } from "./containerd.ts";
import { waitUntil } from "./wait-until.ts";

/** One line of `ctr events`. */
interface ContainerdEvent {
  readonly atMs: number;
  readonly namespace: string;
  readonly topic: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface EventSubscription extends AsyncDisposable {
  /** What has arrived so far about a container, in order of arrival. */
  of(containerId: string): ContainerdEvent[];
  /** Waits until an event of that topic about the container has arrived. */
  next(topic: string, containerId: string): Promise<ContainerdEvent>;
  /** Waits until the exit of a container's init has arrived. */
  initExit(containerId: string): Promise<ContainerdEvent>;
}

/** Subscribes with `ctr events`, and answers when containerd is known to deliver. The caller disposes. */
export async function subscribe(containerd: Containerd): Promise<EventSubscription> {
  const child = Bun.spawn(containerd.ctrCommand(["events"]), {
    stdout: "pipe",
    stderr: "inherit",
    stdin: "ignore",
  });
  const events: ContainerdEvent[] = [];
  const reading = readEvents(child.stdout, events);
  await waitUntil("first event", async () => {
    await containerd.ctr(["namespaces", "label", containerd.namespace, `probe=${performance.now()}`]);
    return events.length > 0 ? true : undefined;
  });
  const of = (id: string) =>
    events.filter(({ payload }) => (payload["container_id"] ?? payload["id"]) === id);
  return {
    of,
    next: (topic, id) =>
      waitUntil(`event ${topic} of ${id}`, () => of(id).find((event) => event.topic === topic)),
    initExit: (id) =>
      waitUntil(`exit of ${id}`, () =>
        of(id).find(({ topic, payload }) => topic === "/tasks/exit" && payload["id"] === id),
      ),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([child.exited, reading]);
    },
  };
}

async function readEvents(stream: ReadableStream<Uint8Array>, events: ContainerdEvent[]): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    events.push(...lines.filter((line) => line !== "").map(parseEvent));
  }
}

/** Parses "2026-11-23 19:08:14.5 +0000 UTC <namespace> <topic> <json>". */
function parseEvent(line: string): ContainerdEvent {
  const match = /^(\S+) (\S+) (\S+) \S+ (\S+) (\/\S+) (.*)$/.exec(line);
  if (!match) throw new Error(`cannot parse event "${line}"`);
  const [, date = "", time = "", zone = "", namespace = "", topic = "", json = ""] = match;
  const payload: unknown = JSON.parse(json);
  if (!isRecord(payload)) throw new Error(`cannot parse event "${line}": its payload is no object`);
  return { atMs: Date.parse(`${date}T${time}${zone}`), namespace, topic, payload };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
