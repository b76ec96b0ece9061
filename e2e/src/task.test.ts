// SPDX-License-Identifier: Apache-2.0
// What ctr tells of a running task.
import { expect, test } from "bun:test";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";
import { waitUntil } from "./harness/wait-until.ts";

const image = imageName("busybox");

forEachShim(
  NATIVE_RUNTIMES,
  async () => [await busyboxImage()],
  ({ runtime, containerd }) => {
    test("task ps lists every process of the container", async () => {
      const args = ["sh", "-c", "sleep 1000 & sleep 1000 & echo ready; wait"];
      await using container = await startDetached(containerd(), { runtime, image, args });
      await container.printed("ready");
      const { stdout } = await containerd().ctr(["task", "ps", container.id]);
      const pids = stdout
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => Number.parseInt(line, 10));
      expect(pids).toHaveLength(3);
      expect(pids).toContain(container.pid);
    });

    test("task metrics tells memory, CPU time and number of processes", async () => {
      const args = [
        "sh",
        "-c",
        "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 1000 & echo ready; wait",
      ];
      const flags = ["--memory-limit", "67108864"];
      await using container = await startDetached(containerd(), { runtime, image, args, flags });
      await container.printed("ready");
      const metrics = await waitUntil("metrics to show CPU time", async () => {
        const { stdout } = await containerd().ctr(["task", "metrics", container.id]);
        const rows = new Map(
          stdout
            .split("\n")
            .map((line) => line.trim().split(/\s+/))
            .map(([key = "", value = ""]) => [key, value]),
        );
        return Number(rows.get("cpuacct.usage")) > 0 ? rows : undefined;
      });
      expect(Number(metrics.get("memory.limit_in_bytes"))).toBe(67_108_864);
      expect(Number(metrics.get("memory.usage_in_bytes"))).toBeGreaterThan(0);
      expect(Number(metrics.get("pids.current"))).toBe(2);
    });
  },
);
