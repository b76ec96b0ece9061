// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";
import { TaskDelete } from "@runwasi/containerd-api/gen/events/task.ts";
import {
  EventsDefinition,
  type ForwardRequest,
} from "@runwasi/containerd-api/gen/services/ttrpc/events/v1/events.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { serve, service, StatusCode, TtrpcError, type TtrpcServer } from "@runwasi/ttrpc";
import { createRecordingLog } from "../testing/recording-log.ts";
import { createPublisher } from "./publisher.ts";
import { taskDelete, type TaskEvent } from "./task-event.ts";

function event(index: number): TaskEvent {
  return taskDelete({ ...TaskDelete.decode(new Uint8Array(0)), containerId: String(index), pid: index });
}

/** containerd's end: keeps what it gets, by container id; `answer` may refuse one. */
function containerd(path: string, received: string[], answer: (id: string) => void = () => {}): TtrpcServer {
  return serve({
    listen: { path },
    services: [
      service(EventsDefinition, {
        async forward({ envelope }: ForwardRequest) {
          const { containerId } = TaskDelete.decode(envelope?.event?.value ?? new Uint8Array(0));
          answer(containerId);
          received.push(containerId);
          return {};
        },
      }),
    ],
    toStatus: (error) =>
      error instanceof TtrpcError ? error : { code: StatusCode.Unknown, message: String(error) },
  });
}

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

test("an event arrives with its namespace, topic, time and type", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "s");
  const got = Promise.withResolvers<ForwardRequest>();
  await using _server = serve({
    listen: { path },
    services: [
      service(EventsDefinition, {
        async forward(request) {
          got.resolve(request);
          return {};
        },
      }),
    ],
    toStatus: (error) => ({ code: StatusCode.Unknown, message: String(error) }),
  });
  const publisher = createPublisher(path, "k8s.io", createRecordingLog());
  const before = Math.floor(Date.now() / 1000);
  publisher.publish(event(1));
  const { envelope } = await got.promise;
  expect(envelope).toMatchObject({ namespace: "k8s.io", topic: "/tasks/delete" });
  expect(envelope?.event?.typeUrl).toBe("containerd.events.TaskDelete");
  expect(Number(envelope?.timestamp?.seconds)).toBeGreaterThanOrEqual(before);
  await publisher.close();
});

test("events arrive in order, all of them before close() returns", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "s");
  const received: string[] = [];
  await using _server = containerd(path, received);
  const log = createRecordingLog();
  const publisher = createPublisher(path, "default", log);
  for (let index = 0; index < 500; index += 1) publisher.publish(event(index));
  await publisher.close();
  expect(received).toEqual(range(0, 500));
  expect(log.lines).toEqual([]);
});

test("the order holds across a containerd that goes away and comes back", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "s");
  const received: string[] = [];
  const publisher = createPublisher(path, "default", createRecordingLog());
  for (let index = 0; index < 10; index += 1) publisher.publish(event(index)); // nobody listens yet
  {
    await using _first = containerd(path, received);
    while (received.length < 10) await Bun.sleep(5);
  }
  for (let index = 10; index < 20; index += 1) publisher.publish(event(index));
  await using _second = containerd(path, received);
  await publisher.close();
  expect(received).toEqual(range(0, 20));
});

test("close() does not wait out the pause of a retry", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "s");
  const received: string[] = [];
  const publisher = createPublisher(path, "default", createRecordingLog());
  publisher.publish(event(0));
  await Bun.sleep(500); // the pause is 400 ms by now, then 800
  await using _server = containerd(path, received);
  const started = performance.now();
  await publisher.close();
  expect(received).toEqual(["0"]);
  expect(performance.now() - started).toBeLessThan(350);
});

test("an event that containerd refuses is lost, said in the log, and holds up no other", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "s");
  const received: string[] = [];
  await using _server = containerd(path, received, (id) => {
    if (id === "1") throw new TtrpcError(StatusCode.InvalidArgument, "bad topic");
  });
  const log = createRecordingLog();
  const publisher = createPublisher(path, "default", log);
  for (let index = 0; index < 3; index += 1) publisher.publish(event(index));
  await publisher.close();
  expect(received).toEqual(["0", "2"]);
  expect(log.lines).toEqual([expect.stringContaining("error: event /tasks/delete is lost")]);
});

test("an event that fails for another reason is sent again before the next", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "s");
  const received: string[] = [];
  let failures = 2;
  await using _server = containerd(path, received, (id) => {
    if (id === "1" && (failures -= 1) >= 0) throw new TtrpcError(StatusCode.Unavailable, "starting");
  });
  const publisher = createPublisher(path, "default", createRecordingLog());
  for (let index = 0; index < 3; index += 1) publisher.publish(event(index));
  await publisher.close();
  expect(received).toEqual(range(0, 3));
});

test("the queue is bounded: the oldest that wait are lost, one log line each, the newest are kept", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "s");
  const received: string[] = [];
  const log = createRecordingLog();
  const publisher = createPublisher(path, "default", log);
  for (let index = 0; index < 2058; index += 1) publisher.publish(event(index));
  expect(log.lines.filter((line) => line.includes("is lost"))).toHaveLength(10);
  await using _server = containerd(path, received);
  await publisher.close();
  expect(received).toEqual(["0", ...range(11, 2058)]);
});

test("without an address nothing is kept and close() returns at once", async () => {
  const log = createRecordingLog();
  const publisher = createPublisher("", "default", log);
  publisher.publish(event(0));
  await publisher.close();
  expect(log.lines).toEqual([]);
});
