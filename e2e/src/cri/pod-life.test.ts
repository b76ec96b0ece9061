// SPDX-License-Identifier: Apache-2.0
// How containers of a pod end, and what is left of them, through CRI.
import { beforeAll, expect, test } from "bun:test";
import { assertNothingLeft } from "../harness/leftovers.ts";
import { readProcess } from "../harness/processes.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { ContainerState, NamespaceMode, PodSandboxState } from "../../gen/cri.ts";
import { pidOf } from "./container-info.ts";
import { RUNTIME } from "./cri-client.ts";
import { firstAnswer } from "./first-answer.ts";
import { listNodePossessions } from "./node-possessions.ts";
import { runPod, type PodContainer } from "./pod.ts";
import { forEachPodShim, httpServer } from "./shared-node.ts";

const GRACE_S = 2;
/** Above any grace period: who is given it and ends sooner has obeyed. */
const LONG_GRACE_S = 60;
const PODS = 20;
const KILLED = 137;
const TERMINATED = 143;
/** containerd's own, for a task whose daemon it cannot ask any more: it does not wait for what `delete` will say. */
const UNKNOWN = 255;

forEachPodShim(({ handler, node, containers }) => {
  /** How long a stop took, and the exit code. */
  async function stopped(container: PodContainer, graceS: number) {
    const startedAtMs = performance.now();
    await container.stop(graceS);
    const { exitCode } = await container.exited();
    return { exitCode, tookMs: performance.now() - startedAtMs };
  }

  // containerd and the daemons open some files only once.
  beforeAll(async () => {
    await using pod = await runPod(node(), handler);
    await (await pod.start(containers.wasm("hello"))).exited();
    await (await pod.start(containers.shell("true"))).exited();
  });

  test("who obeys ends at once, who is deaf is killed when the grace period is over", async () => {
    await using pod = await runPod(node(), handler);
    const server = await pod.start(httpServer(containers));
    await firstAnswer(node(), `http://${await pod.ip()}:8080/`);
    const guest = await pod.start(containers.wasm("sleep", { name: "guest" }));
    const obedient = await pod.start(
      containers.shell("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"),
    );
    const deaf = await pod.start(
      containers.shell("trap '' TERM; echo ready; while :; do sleep 0.05; done", { name: "deaf" }),
    );
    await Promise.all([guest.printed("sleeping"), obedient.printed("ready"), deaf.printed("ready")]);
    for (const [container, exitCode] of [
      [server, 0],
      [guest, TERMINATED],
      [obedient, 5],
    ] as const) {
      const stop = await stopped(container, LONG_GRACE_S);
      expect(stop.exitCode).toBe(exitCode);
      expect(stop.tookMs).toBeLessThan((LONG_GRACE_S * 1000) / 2);
    }
    const { exitCode, tookMs } = await stopped(deaf, GRACE_S);
    expect(exitCode).toBe(KILLED);
    expect(tookMs).toBeGreaterThanOrEqual(GRACE_S * 1000);
  });

  test("containers that share their processes see each other, and each ends alone", async () => {
    const shared = { namespaceOptions: { pid: NamespaceMode.POD } };
    const linux = { securityContext: shared };
    await using pod = await runPod(node(), handler, { linux });
    const app = await pod.start(containers.wasm("sleep", { linux }));
    const sidecar = await pod.start(containers.shell("echo ready; sleep 1000", { linux }));
    await Promise.all([app.printed("sleeping"), sidecar.printed("ready")]);
    const processes = await sidecar.execSync(["ps", "-o", "pid,args"]);
    expect(processes.stdout).toContain("/pause");
    expect(processes.stdout).toContain("sleep.wasm");
    expect(await stopped(app, LONG_GRACE_S)).toMatchObject({ exitCode: TERMINATED });
    expect((await sidecar.status()).state).toBe(ContainerState.CONTAINER_RUNNING);
  });

  test("a container that has crashed is started again in its pod, beside the one that goes on", async () => {
    await using pod = await runPod(node(), handler);
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    for (const attempt of [0, 1, 2]) {
      const crashing = containers.wasm("exit", { args: ["3"], attempt });
      const app = await pod.start(crashing);
      expect(await app.exited()).toMatchObject({ exitCode: 3, reason: "Error" });
      await app.remove();
    }
    const app = await pod.start(containers.wasm("sleep", { attempt: 3 }));
    await app.printed("sleeping");
    expect((await sidecar.status()).state).toBe(ContainerState.CONTAINER_RUNNING);
  });

  test("of twenty pods that come and go at once nothing is left", async () => {
    const before = await listNodePossessions(node());
    await Promise.all(
      Array.from({ length: PODS }, async () => {
        await using pod = await runPod(node(), handler);
        const app = await pod.start(containers.wasm("sleep"));
        const sidecar = await pod.start(containers.shell("echo ready; sleep 1000"));
        await Promise.all([app.printed("sleeping"), sidecar.printed("ready")]);
      }),
    );
    await assertNothingLeft(node().containerd, before.possessions);
    expect((await listNodePossessions(node())).network).toEqual(before.network);
  }, 120_000);

  test("of pods that are removed while a container starts or a program is executed nothing is left", async () => {
    const before = await listNodePossessions(node());
    await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        await using pod = await runPod(node(), handler);
        const executing = await pod.start(containers.shell("sleep 1000"));
        const cut = [executing.execSync(["sleep", "1000"]), pod.start(containers.wasm("sleep"))].map((call) =>
          call.catch(() => undefined),
        );
        await Bun.sleep(index * 20); // not for anything to have happened: to meet it at another moment
        // A container that is just starting is refused; the kubelet tries again.
        await pod.remove().catch(() => undefined);
        await Promise.all(cut);
      }),
    );
    await assertNothingLeft(node().containerd, before.possessions);
    expect((await listNodePossessions(node())).network).toEqual(before.network);
  });

  test("a daemon that is killed takes its pod with it, nothing is left, and a new pod runs", async () => {
    const before = await listNodePossessions(node());
    {
      await using pod = await runPod(node(), handler);
      const app = await pod.start(containers.wasm("sleep"));
      const sidecar = await pod.start(containers.shell("echo ready; sleep 1000"));
      await Promise.all([app.printed("sleeping"), sidecar.printed("ready")]);
      const init = await readProcess(await pidOf(node(), pod.id));
      process.kill(init?.parentPid ?? Number.NaN, "SIGKILL");
      for (const container of [app, sidecar]) {
        expect(await container.exited()).toMatchObject({ exitCode: UNKNOWN });
      }
      await waitUntil("the pod to be not ready", async () =>
        (await pod.status()).state === PodSandboxState.SANDBOX_NOTREADY ? true : undefined,
      );
      // As the kubelet, which makes a new sandbox for a pod whose old one is not ready.
      await using next = await runPod(node(), handler, { hostname: "again" });
      const again = await next.start(containers.wasm("sleep"));
      await again.printed("sleeping");
      const { items } = await node().cri.runtime(RUNTIME.listPodSandbox, {
        filter: { state: { state: PodSandboxState.SANDBOX_READY } },
      });
      expect(items.map(({ id }) => id)).toEqual([next.id]);
    }
    await assertNothingLeft(node().containerd, before.possessions);
    expect((await listNodePossessions(node())).network).toEqual(before.network);
  });
});
