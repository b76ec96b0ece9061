// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { RUNTIME } from "./cri-client.ts";
import { firstAnswer } from "./first-answer.ts";
import { runPod } from "./pod.ts";
import { forEachPodShim, httpServer } from "./shared-node.ts";

forEachPodShim(({ handler, node, containers }) => {
  test("stats of containers and of the pod say what they used", async () => {
    await using pod = await runPod(node(), handler);
    const app = await pod.start(httpServer(containers));
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    await firstAnswer(node(), `http://${await pod.ip()}:8080/`);
    const filter = { podSandboxId: pod.id };
    const { stats } = await node().cri.runtime(RUNTIME.listContainerStats, { filter });
    expect(new Set(stats.map(({ attributes }) => attributes?.id))).toEqual(new Set([app.id, sidecar.id]));
    for (const { attributes, cpu, memory } of stats) {
      const { id } = attributes ?? {};
      expect({ id, value: Number(cpu?.usageCoreNanoSeconds?.value) > 0 }).toEqual({ id, value: true });
      expect({ id, value: Number(memory?.workingSetBytes?.value) > 0 }).toEqual({ id, value: true });
    }
    const {
      stats: [ofPod],
    } = await node().cri.runtime(RUNTIME.listPodSandboxStats, { filter: { id: pod.id } });
    const { cpu, memory, network, process, containers: ofContainers } = ofPod?.linux ?? {};
    expect(Number(cpu?.usageCoreNanoSeconds?.value)).toBeGreaterThan(0);
    expect(Number(memory?.workingSetBytes?.value)).toBeGreaterThan(sumOfWorkingSets(stats) / 2);
    expect(Number(network?.defaultInterface?.rxBytes?.value)).toBeGreaterThan(0);
    expect(Number(network?.defaultInterface?.txBytes?.value)).toBeGreaterThan(0);
    expect(Number(process?.processCount?.value)).toBeGreaterThan(0);
    expect(ofContainers).toHaveLength(2);
  });
});

interface WithMemory {
  readonly memory?: { readonly workingSetBytes?: { readonly value: bigint } | undefined } | undefined;
}

function sumOfWorkingSets(stats: readonly WithMemory[]): number {
  return stats.reduce((sum, { memory }) => sum + Number(memory?.workingSetBytes?.value ?? 0n), 0);
}
