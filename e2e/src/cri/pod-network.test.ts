// SPDX-License-Identifier: Apache-2.0
// A pod's network through the CRI plugin and CNI: a Wasm server beside a native sidecar.
import { expect, test } from "bun:test";
import { parentOf } from "../harness/processes.ts";
import { pidOf } from "./container-info.ts";
import type { CriNode } from "./cri-node.ts";
import { firstAnswer } from "./first-answer.ts";
import { portForward } from "./port-forward.ts";
import { runPod } from "./pod.ts";
import { forEachPodShim, httpServer } from "./shared-node.ts";

const HTTP_PORT = 8080;
const NODE_PORT = 30_080;

forEachPodShim(({ handler, node, containers }) => {
  test("a wasm server is reached through the pod's IP, and by the native sidecar over localhost", async () => {
    await using pod = await runPod(node(), handler);
    await pod.start(httpServer(containers));
    expect(await firstAnswer(node(), `http://${await pod.ip()}:${HTTP_PORT}/`)).toBe("hello");
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    const { stdout, stderr } = await sidecar.execSync(["wget", "-qO-", `http://localhost:${HTTP_PORT}/`]);
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: "hello", stderr: "" });
  });

  test("all containers of a pod, its pause among them, are children of one daemon", async () => {
    await using pod = await runPod(node(), handler);
    await using other = await runPod(node(), handler);
    const app = await pod.start(containers.wasm("sleep"));
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    const [pause, wasm, native, elsewhere] = await Promise.all(
      [pod.id, app.id, sidecar.id, other.id].map((id) => daemonOf(node(), id)),
    );
    expect([wasm, native]).toEqual([pause, pause]);
    expect(elsewhere).not.toBe(pause);
  });

  test("a port of the node leads to the wasm server, and a forwarded port does", async () => {
    const portMappings = [{ containerPort: HTTP_PORT, hostPort: NODE_PORT }];
    await using pod = await runPod(node(), handler, { portMappings });
    await pod.start(httpServer(containers));
    expect(await firstAnswer(node(), `http://127.0.0.1:${NODE_PORT}/`)).toBe("hello");
    await using forwarded = await portForward(node(), pod.id, HTTP_PORT);
    expect(await firstAnswer(node(), forwarded.url)).toBe("hello");
  });
});

async function daemonOf(node: CriNode, id: string): Promise<number> {
  return await parentOf(await pidOf(node, id));
}
