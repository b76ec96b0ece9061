// SPDX-License-Identifier: Apache-2.0
// A containerd that is killed and started again finds its pods as they are.
import { expect, test } from "bun:test";
import { ContainerState, PodSandboxState } from "../../gen/cri.ts";
import { readProcess } from "../harness/processes.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { pidOf } from "./container-info.ts";
import { RUNTIME } from "./cri-client.ts";
import { runPod } from "./pod.ts";
import { forEachPodShim } from "./shared-node.ts";

const COUNT = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done";

forEachPodShim(({ handler, node, containers }) => {
  test("a pod goes on while containerd is away: no line of its log is lost, nor an exit, and it is ended as ever", async () => {
    await using pod = await runPod(node(), handler);
    const app = await pod.start(containers.wasm("sleep"));
    const sidecar = await pod.start(containers.shell(COUNT));
    const short = await pod.start(containers.wasm("sleep", { name: "short", args: ["2"] }));
    await Promise.all([app.printed("sleeping"), sidecar.printed("5"), short.printed("sleeping")]);
    const pids = () => Promise.all([app, sidecar].map(({ id }) => pidOf(node(), id)));
    const before = await pids();
    const shortPid = await pidOf(node(), short.id);

    await node().containerd.kill();
    await waitUntil("the short one to end", async () =>
      (await readProcess(shortPid)) === undefined ? true : undefined,
    );
    await node().containerd.start();
    await waitUntil("CRI to answer", () =>
      node()
        .cri.runtime(RUNTIME.version, {})
        .catch(() => undefined),
    );

    expect(await short.exited()).toMatchObject({ exitCode: 0, reason: "Completed" });
    expect((await pod.status()).state).toBe(PodSandboxState.SANDBOX_READY);
    for (const container of [app, sidecar]) {
      expect((await container.status()).state).toBe(ContainerState.CONTAINER_RUNNING);
    }
    expect(await pids()).toEqual(before);
    expect((await app.execSync(["/hello.wasm"])).stdout).toBe("hello world\n");

    const last = (await sidecar.log()).length;
    await sidecar.printed(String(last + 20));
    const numbers = (await sidecar.log()).map(({ text }) => Number(text));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    await app.stop(0);
    expect((await app.exited()).exitCode).toBe(137);
  });
});
