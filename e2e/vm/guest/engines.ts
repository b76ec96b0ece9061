// SPDX-License-Identifier: Apache-2.0
// Every engine that the machine has: the embedded one, wasmtime as its makers build it, and Debian's wasmedge.
import { describe, expect, test } from "bun:test";
import { runContainer } from "../../src/harness/run.ts";
import { machine } from "./machine.ts";
import { IMAGE } from "./subjects.ts";

describe.each(["jsc", "wasmtime", "wasmedge"] as const)("%s", (runtime) => {
  const run = (...args: string[]) => runContainer(machine, { runtime, image: IMAGE, args });

  test("runs a module", async () => {
    expect(await run("/hello.wasm")).toEqual({ stdout: "hello world\n", stderr: "", exitCode: 0 });
    expect((await run("/exit.wasm", "42")).exitCode).toBe(42);
  });

  test("runs a native program", async () => {
    expect(await run("sh", "-c", "echo native; exit 3")).toEqual({
      stdout: "native\n",
      stderr: "",
      exitCode: 3,
    });
  });
});
