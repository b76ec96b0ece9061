// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, existsSync, mkdirSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { TaskCreate } from "@runwasi/containerd-api/gen/events/task.ts";
import { CreateTaskRequest } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { ShimError } from "../error.ts";
import type { CreateInstance } from "../instance.ts";
import { FakeInstance } from "../testing/fake-instance.ts";
import { makeFifo } from "../testing/fifo.ts";
import { openFds } from "../testing/open-fds.ts";
import { createRecordingPublisher } from "../testing/recording-publisher.ts";
import { rejection } from "../testing/rejection.ts";
import { createTask, type TaskHost } from "./create-task.ts";

function hostWith(createInstance: CreateInstance) {
  const publisher = createRecordingPublisher();
  const host: TaskHost = {
    shimName: "io.containerd.test.v1",
    namespace: "default",
    logLevel: "info",
    stateDir: "/nonexistent",
    containerdAddress: "/nonexistent/containerd.sock",
    spawn: Bun.spawn,
    reaper: {
      spawn: Bun.spawn,
      watch: () => ({ claim: () => expect.unreachable(), [Symbol.dispose]: () => {} }),
      [Symbol.dispose]: () => {},
    },
    publisher,
    createInstance,
  };
  return { host, publisher };
}

function request(difference: Partial<CreateTaskRequest>): CreateTaskRequest {
  return { ...CreateTaskRequest.decode(new Uint8Array(0)), id: "one", ...difference };
}

const NEVER: CreateInstance = () => expect.unreachable();

test("a created task has published its creation, with its pid, before anything can end", async () => {
  using folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "rootfs"));
  const before = openFds();
  const instance = new FakeInstance();
  const { host, publisher } = hostWith(async ({ id, namespace, bundle, stdio }) => {
    expect([id, namespace, bundle.path]).toEqual(["one", "default", folder.path]);
    expect(stdio.child[1]).toBeNumber();
    instance.end(0); // at once
    return instance;
  });
  const stdout = makeFifo(folder.path, "out");
  const task = await createTask(request({ bundle: folder.path, stdout }), host);
  await task.stopped;
  expect(publisher.topics).toEqual(["/tasks/create", "/tasks/exit"]);
  const created = TaskCreate.decode(publisher.events[0]?.event.value ?? new Uint8Array(0));
  expect(created).toMatchObject({ containerId: "one", bundle: folder.path, pid: 4242, io: { stdout } });
  await task.delete();
  expect(openFds()).toEqual(before);
});

test("a bundle that is missing, below a file, a file or relative is NotFound", async () => {
  using folder = createTemporaryFolder();
  const file = join(folder.path, "file");
  writeFileSync(file, "");
  const { host } = hostWith(NEVER);
  for (const bundle of ["", "relative", ".", join(folder.path, "absent"), file, join(file, "below")]) {
    expect((await rejection(() => createTask(request({ bundle }), host))).code).toBe("NotFound");
  }
});

test.each([
  ["that is not there", { checkpoint: "/nonexistent/images" }, "NotFound"],
  ["that is a file", { checkpoint: "/etc/passwd" }, "NotFound"],
  ["that is relative", { checkpoint: "images" }, "InvalidArgument"],
  ["with a parent", { checkpoint: "/tmp", parentCheckpoint: "/tmp" }, "Unimplemented"],
] as const)("a checkpoint %s is refused before anything is mounted", async (_what, difference, code) => {
  const { host } = hostWith(NEVER);
  const error = await rejection(() => createTask(request({ bundle: "/tmp", ...difference }), host));
  expect(error.code).toBe(code);
});

test("a failure is in the bundle's log and leaves no fd and no event", async () => {
  using folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "rootfs"));
  const log = openSync(makeFifo(folder.path, "log"), constants.O_RDONLY | constants.O_NONBLOCK);
  const stdout = makeFifo(folder.path, "out");
  const before = openFds();
  const { host, publisher } = hostWith(() =>
    Promise.reject(new ShimError("InvalidArgument", 'bad\nlevel=error msg="x"')),
  );
  const error = await rejection(() => createTask(request({ bundle: folder.path, stdout }), host));
  expect(error.code).toBe("InvalidArgument");
  expect(openFds()).toEqual(before);
  const buffer = new Uint8Array(65_536);
  const lines = new TextDecoder()
    .decode(buffer.subarray(0, readSync(log, buffer)))
    .trimEnd()
    .split("\n");
  closeSync(log);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('level=error msg="bad\\nlevel=error');
  expect(publisher.topics).toEqual([]);
});

test("options and stdio that cannot be used stop before the instance", async () => {
  using folder = createTemporaryFolder();
  const { host } = hostWith(NEVER);
  const bundle = folder.path;
  const options = { typeUrl: "example.Options", value: new Uint8Array(0) };
  expect((await rejection(() => createTask(request({ bundle, options }), host))).code).toBe(
    "InvalidArgument",
  );
  const stdout = "/nonexistent/out";
  expect((await rejection(() => createTask(request({ bundle, stdout }), host))).code).toBe("InvalidArgument");
  expect(existsSync(join(bundle, "config.json"))).toBe(false);
});
