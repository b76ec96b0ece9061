// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { parseRuntimeSpec, parseSpecProcess } from "@runwasi/oci";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { parseConfig } from "./config.ts";
import { decideExec, type RunningContainer } from "./decide-exec.ts";
import type { Engine } from "./engine.ts";
import { guestCommand } from "./host/guest-command.ts";
import { REAL_MODULE } from "@runwasi/wasm-binary/testing/wasm-bytes.ts";
import { WASI_PREVIEW1 } from "./wasi-preview1.ts";

const ENGINE: Engine = {
  name: "test",
  executable: { kind: "embedded", run: () => 0 },
  imports: WASI_PREVIEW1,
  command: (workload) => ({ ...guestCommand("test", workload), signalMap: new Map([[15, 2]]) }),
};
const SPEC = parseRuntimeSpec(
  JSON.stringify({ ociVersion: "1.0.2", process: { cwd: "/", args: ["/engine"] } }),
);
const MOUNTED = { folder: "/dev/.runwasi", argv: ["/dev/.runwasi/ld.so", "/dev/.runwasi/engine"] };

async function container(mounted: RunningContainer["mounted"], rest = {}) {
  const folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "rootfs"));
  writeFileSync(join(folder.path, "rootfs/app.wasm"), REAL_MODULE);
  writeFileSync(join(folder.path, "rootfs/sh"), "#!/bin/x");
  const config = await parseConfig({}, rest, ENGINE, [ENGINE]);
  const running = { id: "one", engine: ENGINE, others: [], config, bundle: folder.path, mounted };
  return {
    decide: (...args: string[]) =>
      decideExec(
        running,
        parseSpecProcess(JSON.stringify({ args, cwd: "/work", env: ["A=1"], user: { uid: 7 } })),
        SPEC,
      ),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("WebAssembly in a Wasm container: the engine that lies there, with what else the process says", async () => {
  using running = await container(MOUNTED);
  const { process, signals, doubt } = running.decide("/app.wasm", "x");
  expect(process.args?.slice(0, 3)).toEqual([...MOUNTED.argv, "run-guest"]);
  expect(process.args?.slice(-3)).toEqual(["/app.wasm", "/app.wasm", "x"]);
  expect(process).toMatchObject({ cwd: "/", env: ["guest:A=1"], user: { uid: 7 } });
  expect(signals).toEqual({ kind: "terminate", map: new Map([[15, 2]]) });
  expect(doubt).toBeUndefined();
});

test("a native program in a Wasm container is left as it came", async () => {
  using running = await container(MOUNTED);
  const { process, signals, doubt } = running.decide("/sh");
  expect([process.args, process.cwd, signals.kind, doubt]).toEqual([["/sh"], "/work", "as-sent", undefined]);
});

test("WebAssembly in a native container is the OCI runtime's, with what was found", async () => {
  using running = await container(undefined);
  const { process, doubt } = running.decide("/app.wasm");
  expect(process.args).toEqual(["/app.wasm"]);
  expect(doubt).toContain('"/app.wasm" is WebAssembly (module)');
});

test("what is missing is the OCI runtime's, with a doubt", async () => {
  using running = await container(MOUNTED);
  expect(running.decide("/absent").doubt).toBeString();
});

test("a function that is not exported is refused, as is what the node does not accept", async () => {
  using running = await container(MOUNTED);
  expect((await rejection(() => running.decide("/app.wasm#nope"))).code).toBe("InvalidArgument");
  using strict = await container(MOUNTED, { workloads: ["wasm"] });
  expect((await rejection(() => strict.decide("/sh"))).code).toBe("PermissionDenied");
});
