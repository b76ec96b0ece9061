// SPDX-License-Identifier: Apache-2.0
import { criEnvironment, type CriNode } from "./cri-node.ts";

export interface ForwardedPort extends AsyncDisposable {
  readonly url: string;
}

/** Forwards a free port of the node's loopback to one of a pod's, with crictl; the caller disposes. */
export async function portForward(node: CriNode, podId: string, port: number): Promise<ForwardedPort> {
  const child = Bun.spawn(node.crictlCommand(["port-forward", podId, `0:${port}`]), {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    env: criEnvironment,
  });
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let printed = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`crictl port-forward ended: ${printed}`);
    printed += decoder.decode(value, { stream: true });
    const local = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
    if (local === undefined) continue;
    return {
      url: `http://127.0.0.1:${local}/`,
      async [Symbol.asyncDispose]() {
        child.kill();
        await child.exited;
      },
    };
  }
}
