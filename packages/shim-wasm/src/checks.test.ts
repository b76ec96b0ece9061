// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ShimError } from "@runwasi/containerd-shimkit";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { assertRunnable } from "./checks.ts";
import type { Engine, WasmWorkload } from "./engine.ts";
import { WASI_PREVIEW1 } from "./wasi-preview1.ts";
import type { WasmExport, WasmImport } from "./wasm-interface.ts";

const ENGINE: Engine = {
  name: "test",
  executable: { kind: "embedded" },
  imports: WASI_PREVIEW1,
  command: () => ({ args: [], env: [] }),
};
const START: WasmExport = { name: "_start", kind: "func" };
const WRITE: WasmImport = { module: "wasi_snapshot_preview1", name: "fd_write", kind: "func" };

function workload(
  imports: readonly WasmImport[],
  exports: readonly WasmExport[] = [START],
  invoke?: string,
): WasmWorkload {
  const format = { kind: "module", interface: { imports, exports } } as const;
  return { path: "/app.wasm", format, invoke, args: [], env: [], preopens: [] };
}

test("a module whose imports the engine has and whose entry is exported is fine", () => {
  assertRunnable(ENGINE, workload([WRITE, { ...WRITE, module: "wasi_unstable" }]));
  assertRunnable(ENGINE, workload([], [{ name: "run", kind: "func" }], "run"));
});

test.each<[WasmWorkload, string]>([
  [workload([WRITE, { module: "env", name: "memory", kind: "memory" }]), '"memory" from "env"'],
  [workload([{ ...WRITE, name: "sock_open" }]), '"sock_open"'],
  [workload([{ ...WRITE, kind: "global" }]), "global"],
  [workload([{ ...WRITE, module: "__proto__" }]), "__proto__"],
  [workload([{ ...WRITE, name: "constructor" }]), "constructor"],
  [workload([], []), '"_start" (it exports none)'],
  [workload([], [{ name: "_start", kind: "memory" }]), '"_start"'],
  [workload([], [START], "run"), '"run" (exported: _start)'],
  [workload([], [START], ""), '""'],
  [
    workload(
      [],
      Array.from({ length: 20 }, (_, index) => ({ name: `f${index}`, kind: "func" })),
    ),
    "and 12 more",
  ],
])("a module that cannot run is InvalidArgument with the reason (%#)", async (refused, reason) => {
  const error = await rejection(() => assertRunnable(ENGINE, refused));
  expect(error.code).toBe("InvalidArgument");
  expect(error.message).toContain(reason);
  expect(error.message).toContain('"/app.wasm"');
});

test("components and text are the engine's to judge, which may refuse with its own reason", async () => {
  const judged: string[] = [];
  const engine: Engine = {
    ...ENGINE,
    canHandle({ format }) {
      judged.push(format.kind);
      if (format.kind === "component") throw new ShimError("Unimplemented", "no components");
    },
  };
  assertRunnable(engine, { ...workload([]), format: { kind: "text" } });
  expect(
    (await rejection(() => assertRunnable(engine, { ...workload([]), format: { kind: "component" } }))).code,
  ).toBe("Unimplemented");
  await rejection(() => assertRunnable(engine, workload([], [])));
  expect(judged).toEqual(["text", "component"]);
});
