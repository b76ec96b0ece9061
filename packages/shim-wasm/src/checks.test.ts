// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ShimError } from "@runwasi/containerd-shimkit";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { ComponentExtern, WasmExport, WasmImport } from "@runwasi/wasm-binary";
import { assertRunnable } from "./checks.ts";
import { inProcess } from "./host/guest-command.ts";
import { workloadOf } from "./testing/workload.ts";
import type { Engine, WasmWorkload } from "./engine.ts";
import { WASI_PREVIEW1 } from "./wasi-preview1.ts";

const ENGINE: Engine = inProcess({ name: "test", imports: WASI_PREVIEW1, run: () => 0 });
const START: WasmExport = { name: "_start", kind: "func" };
const WRITE: WasmImport = { module: "wasi_snapshot_preview1", name: "fd_write", kind: "func" };

function workload(
  imports: readonly WasmImport[],
  exports: readonly WasmExport[] = [START],
  invoke?: string,
): WasmWorkload {
  const format = { kind: "module", interface: { imports, exports } } as const;
  return workloadOf(format, invoke);
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

test("text is refused where the engine does not take it", async () => {
  const error = await rejection(() => assertRunnable(ENGINE, workloadOf({ kind: "text" })));
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining("text format") });
});

test("an engine may refuse what the library does not, text too, with its own reason", async () => {
  const judged: string[] = [];
  const engine: Engine = {
    ...ENGINE,
    takesText: true,
    canHandle({ format }) {
      judged.push(format.kind);
      throw new ShimError("Unimplemented", "not today");
    },
  };
  expect((await rejection(() => assertRunnable(engine, workloadOf({ kind: "text" })))).code).toBe(
    "Unimplemented",
  );
  await rejection(() => assertRunnable(engine, workload([], [])));
  expect(judged).toEqual(["text"]);
});

const instance = (name: string): ComponentExtern => ({ name, kind: "instance" });
const RUN = instance("wasi:cli/run@0.2.0");

function component(
  imports: readonly ComponentExtern[],
  exports: readonly ComponentExtern[],
  functionName?: string,
) {
  return workloadOf({ kind: "component", interface: { imports, exports } }, functionName);
}

test("a component whose imports the engine has and whose entry is exported is fine", () => {
  const engine: Engine = { ...ENGINE, componentPackages: ["wasi:cli@0.2", "wasi:io"] };
  assertRunnable(
    engine,
    component(
      [
        instance("wasi:cli/environment@0.2.6"),
        instance("wasi:io/poll@0.3.0"),
        { name: "error-code", kind: "type" },
      ],
      [RUN],
    ),
  );
  assertRunnable(engine, component([], [{ name: "greet", kind: "func" }], "greet"));
  const http = component([], [instance("wasi:http/incoming-handler@0.2.0")]);
  assertRunnable(engine, { ...http, entry: { kind: "http", address: "0.0.0.0:8080" } });
});

test.each<[WasmWorkload, string]>([
  [component([instance("wasi:cli/environment@0.3.0")], [RUN]), "wasi:cli/environment@0.3.0"],
  [component([instance("wasi:cli/environment@0.20.0")], [RUN]), "wasi:cli/environment@0.20.0"],
  [component([instance("wasi:clip/board@0.2.0")], [RUN]), "wasi:clip/board"],
  [component([instance("wasi:cli-x/board@0.2.0")], [RUN]), "wasi:cli-x/board"],
  [component([{ name: "wasi:cli/run", kind: "func" }], [RUN]), "func"],
  [component([{ name: "log", kind: "func" }], [RUN]), '"log"'],
  [component([], [instance("a:b/c")]), "exported: a:b/c"],
  [component([], [RUN], "greet"), '"greet" (exported: wasi:cli/run@0.2.0)'],
  [component([], [instance("greet")], "greet"), '"greet"'],
])("a component that cannot run is InvalidArgument with the reason (%#)", async (refused, reason) => {
  const error = await rejection(() =>
    assertRunnable({ ...ENGINE, componentPackages: ["wasi:cli@0.2"] }, refused),
  );
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining(reason) });
});

test("an engine of core modules refuses components", async () => {
  const error = await rejection(() => assertRunnable(ENGINE, component([], [RUN])));
  expect(error).toMatchObject({
    code: "InvalidArgument",
    message: expect.stringContaining("core modules only"),
  });
});

test("a memory may be imported by a module of threads only, where the engine has them", async () => {
  const memory: WasmImport = { module: "env", name: "memory", kind: "memory" };
  const spawn: WasmImport = { module: "wasi", name: "thread-spawn", kind: "func" };
  const engine: Engine = {
    ...ENGINE,
    imports: new Map([...WASI_PREVIEW1, ["wasi", new Set(["thread-spawn"])]]),
  };
  assertRunnable(engine, workload([memory, spawn]));
  expect((await rejection(() => assertRunnable(engine, workload([memory])))).message).toContain("memory");
  expect((await rejection(() => assertRunnable(ENGINE, workload([memory, spawn])))).message).toContain(
    "memory",
  );
});
