// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, spyOn, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { openFds } from "../testing/open-fds.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { rejection } from "../testing/rejection.ts";
import { openStdio, type StdioRequest } from "./stdio.ts";

const OWNER = {
  id: "one",
  namespace: "k8s.io",
  spawn: Bun.spawn,
  log: createRecordingLog(),
  stateDir: "/nonexistent",
};

function asking(uri: string): StdioRequest {
  return { stdin: "", stdout: uri, stderr: "", terminal: false };
}

test("the logger gets its arguments, the container's ids and streams, and nothing of our environment", async () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  const logger = folder.script(
    "my logger",
    `d='${folder.path}'
     printf '%s\\n' "$@" > "$d/args"
     tr '\\0' '\\n' < /proc/$$/environ > "$d/env"
     pwd > "$d/cwd"
     exec 5>&-
     cat <&3 > "$d/out" & cat <&4 > "$d/err"
     wait`,
  );
  const uri = `binary://${logger.replace("my logger", "my%20logger")}?key=a%20b&--flag=&key2=c`;
  {
    await using stdio = await openStdio(asking(uri), OWNER);
    const child = Bun.spawn(["sh", "-c", "echo to stdout; echo to stderr >&2"], { stdio: stdio.child });
    stdio.handedOver();
    await child.exited;
  }
  const file = (name: string) => readFileSync(join(folder.path, name), "utf8");
  expect(file("args")).toBe("key\na b\n--flag\n\nkey2\nc\n");
  expect(file("env").trim().split("\n").toSorted()).toEqual([
    "CONTAINER_ID=one",
    "CONTAINER_NAMESPACE=k8s.io",
  ]);
  expect(file("cwd")).toBe("/\n");
  expect(file("out")).toBe("to stdout\n");
  expect(file("err")).toBe("to stderr\n");
  expect(openFds()).toEqual(before);
});

test("the container waits until the logger says that it is ready", async () => {
  using folder = createTemporaryFolder();
  const logger = folder.script(
    "logger",
    `sleep 0.1; echo ready > '${folder.path}/ready'; exec 5>&-; cat <&3 >/dev/null`,
  );
  await using _stdio = await openStdio(asking(`binary://${logger}`), OWNER);
  expect(readFileSync(join(folder.path, "ready"), "utf8")).toBe("ready\n");
});

/** Runs with every timeout a hundred times shorter. */
async function hurried<T>(run: () => Promise<T>): Promise<T> {
  const real = globalThis.setTimeout;
  const clock = spyOn(globalThis, "setTimeout").mockImplementation(((callback: () => void, ms?: number) =>
    real(callback, (ms ?? 0) / 100)) as typeof setTimeout);
  try {
    return await run();
  } finally {
    clock.mockRestore();
  }
}

test("a logger that is never ready is killed, and its fds are given back", async () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  const logger = folder.script("logger", `echo $$ > '${folder.path}/pid'; exec sleep 60`);
  const error = await hurried(() => rejection(() => openStdio(asking(`binary://${logger}`), OWNER)));
  expect(error).toMatchObject({ code: "DeadlineExceeded", message: expect.stringContaining(logger) });
  const pid = Number(readFileSync(join(folder.path, "pid"), "utf8"));
  const isGone = () =>
    !Bun.spawnSync(["ps", "-o", "stat=", "-p", String(pid)])
      .stdout.toString()
      .match(/^[^Z]/);
  while (!isGone()) await Bun.sleep(5);
  while (openFds().length !== before.length) await Bun.sleep(5);
  expect(openFds()).toEqual(before);
});

test("a logger that does not end with its input is ended by TERM, a deaf one by KILL", async () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  for (const trap of [`trap 'echo term > ${folder.path}/term; exit' TERM`, "trap '' TERM"]) {
    const logger = folder.script("logger", `${trap}; exec 5>&-; while :; do sleep 0.01; done`);
    const children: Bun.Subprocess[] = [];
    const spawn: typeof OWNER.spawn = ((...given: Parameters<typeof Bun.spawn>) => {
      const child = Bun.spawn(...given);
      children.push(child);
      return child;
    }) as typeof OWNER.spawn;
    const stdio = await openStdio(asking(`binary://${logger}`), { ...OWNER, spawn });
    await hurried(async () => await stdio[Symbol.asyncDispose]());
    await children[0]?.exited;
  }
  expect(readFileSync(join(folder.path, "term"), "utf8")).toBe("term\n");
  expect(openFds()).toEqual(before);
});
