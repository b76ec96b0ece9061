// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, setDefaultTimeout } from "bun:test";
import { busyboxImage } from "../harness/native-images.ts";
import { SHIMS, type Runtime } from "../harness/runtimes.ts";
import { wasmImage } from "../harness/wasm-images.ts";
import { startCriNode, type CriNode, type CriNodeOptions } from "./cri-node.ts";
import type { ContainerSetting } from "./pod.ts";

const TEST_TIMEOUT_MS = 60_000;
const MODULES = ["sleep", "echo", "env", "exit", "hello", "lines", "readfile", "writefile", "grow"];
const HTTP_SERVER = "component-http-hello";

/** What a Wasm container and a native one are made of on a node of `forEachPodShim`. */
export interface Containers {
  /** A container of the module /<name>.wasm; it is called `app` unless `setting` says otherwise. */
  wasm(module: string, setting?: Partial<ContainerSetting>): ContainerSetting;
  /** A container that runs a shell script; it is called `sidecar` unless `setting` says otherwise. */
  shell(script: string, setting?: Partial<ContainerSetting>): ContainerSetting;
}

export interface PodShim {
  readonly handler: Runtime;
  /** The node that all tests of the file share; only to be called in a test. */
  readonly node: () => CriNode;
  readonly containers: Containers;
}

/** Defines the same tests for each of our shims under test, on one node. */
export function forEachPodShim(
  define: (shim: PodShim) => void,
  options: () => Promise<CriNodeOptions> = async () => ({}),
): void {
  setDefaultTimeout(TEST_TIMEOUT_MS);
  let started: CriNode | undefined;
  const images = { wasm: "", busybox: "" };
  beforeAll(async () => {
    started = await startCriNode(await options());
    images.wasm = await started.pull(await wasmImage("wasm", [...MODULES, HTTP_SERVER]));
    images.busybox = await started.pull(await busyboxImage());
  });
  afterAll(async () => {
    await started?.[Symbol.asyncDispose]();
  });
  const node = () => {
    if (started === undefined) throw new Error("the node has not started");
    return started;
  };
  const containers: Containers = {
    wasm: (module, setting) => ({
      name: "app",
      image: images.wasm,
      command: [`/${module}.wasm`],
      ...setting,
    }),
    shell: (script, setting) => ({
      name: "sidecar",
      image: images.busybox,
      command: ["sh", "-c", script],
      ...setting,
    }),
  };
  describe.each([...SHIMS])("%s", (handler) => define({ handler, node, containers }));
}

/** A server of wasi:http, on port 8080 of its pod. */
export function httpServer(containers: Containers): ContainerSetting {
  return containers.wasm(HTTP_SERVER);
}
