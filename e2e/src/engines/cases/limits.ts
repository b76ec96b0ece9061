// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import { subscribe } from "../../harness/events.ts";
import type { CaseContext, CaseGroup } from "../engine-case.ts";

/** More than any engine needs itself, and less than a guest that grows by 512 MiB. */
const MEMORY_LIMIT = ["--memory-limit", String(192 << 20)];

/** How a guest is ended, by signals and limits, and what it runs on. */
export const limits: CaseGroup = {
  title: "Signals, limits, threads",
  cases: [
    {
      name: "sleep-sigterm",
      title: "a sleeping guest ends on SIGTERM with 143",
      async check({ start }) {
        await using container = await start(["/sleep.wasm"]);
        await container.printed("sleeping");
        await container.kill();
        expect(await container.deleted()).toBe(143);
      },
    },
    {
      name: "loop-sigterm",
      title: "a computing guest ends on SIGTERM with 143",
      async check({ start }) {
        await using container = await start(["/loop.wasm"]);
        await container.kill();
        expect(await container.deleted()).toBe(143);
      },
    },
    {
      name: "memory-within",
      title: "memory grows by 32 MiB within a limit of 192 MiB",
      async check({ run }) {
        const grown = await run(["/grow.wasm", "32"], { flags: MEMORY_LIMIT });
        expect(grown).toEqual({ stdout: "grown\n", stderr: "", exitCode: 0 });
      },
    },
    {
      name: "memory-limit",
      title: "a guest that outgrows its limit: 137, and the event /tasks/oom",
      check: checkMemoryLimit,
    },
    {
      name: "threads",
      title: "wasi-threads",
      async check({ run }) {
        expect(await run(["/threads.wasm"])).toEqual({ stdout: "thread\nmain\n", stderr: "", exitCode: 0 });
      },
    },
  ],
};

async function checkMemoryLimit({ start, containerd }: CaseContext): Promise<void> {
  await using events = await subscribe(containerd);
  await using container = await start(["/grow.wasm", "512"], { flags: MEMORY_LIMIT });
  expect(await container.deleted()).toBe(137);
  await events.next("/tasks/exit", container.id);
  expect(events.of(container.id).map(({ topic }) => topic)).toContain("/tasks/oom");
}
