// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { testModule } from "./build.ts";

// Here the thread runs within thread-spawn, as neither Bun nor wasmtime 48 has wasi-threads.
test("threads: the thread gets the argument of thread-spawn and prints before main does", async () => {
  const module = new WebAssembly.Module(new Uint8Array(await testModule("threads")));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  let stdout = "";
  const instantiate = (): WebAssembly.Instance =>
    new WebAssembly.Instance(module, {
      env: { memory },
      wasi: { "thread-spawn": spawn },
      wasi_snapshot_preview1: { fd_write: write, proc_exit: () => expect.unreachable() },
    });
  function write(_descriptor: number, vectors: number): number {
    const view = new DataView(memory.buffer);
    const bytes = new Uint8Array(
      memory.buffer,
      view.getUint32(vectors, true),
      view.getUint32(vectors + 4, true),
    );
    stdout += new TextDecoder().decode(bytes.slice());
    return 0;
  }
  function spawn(argument: number): number {
    call(instantiate(), "wasi_thread_start", 1, argument);
    return 1;
  }
  call(instantiate(), "_start");
  expect(stdout).toBe("thread\nmain\n");
});

function call({ exports }: WebAssembly.Instance, name: string, ...args: readonly number[]): void {
  const entry = exports[name];
  if (typeof entry !== "function") throw new Error(`the module exports no function "${name}"`);
  entry(...args);
}
