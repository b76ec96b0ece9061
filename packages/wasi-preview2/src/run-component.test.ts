// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "bun:test";
import { testModule } from "@runwasi/test-modules";
import { loadComponent } from "./component.ts";
import { ComponentError } from "./component-error.ts";
import { TRAP_EXIT_CODE } from "./run-component.ts";
import { type CapturedOptions, runCaptured } from "./testing/run-captured.ts";

async function run(name: string, options: Partial<CapturedOptions> = {}) {
  return await runCaptured({ component: await testModule(`component-${name}`), ...options });
}

async function errorOf(options: CapturedOptions): Promise<ComponentError> {
  try {
    await runCaptured(options);
  } catch (error) {
    if (error instanceof ComponentError) return error;
    throw error;
  }
  throw new Error("it ran");
}

test("a trap gives 134 and the engine's reason on stderr", async () => {
  const { exitCode, stderr } = await run("trap");
  expect(exitCode).toBe(TRAP_EXIT_CODE);
  expect(stderr).toStartWith("cannot run component: wasm trap: ");
  expect(stderr).toMatch(/unreachable/i);
  expect(stderr).not.toContain("evaluating");
});

describe("invoke", () => {
  test("writes what the function gives in the text form of wasmtime", async () => {
    expect(await run("export", { invoke: "greet" })).toMatchObject({
      exitCode: 0,
      stdout: '"hello from a component"\n',
    });
    const sum = await run("export", { invoke: "add", args: ["export", "40", "2"] });
    expect(sum).toMatchObject({ exitCode: 0, stdout: "42\n" });
  });

  test("finds a function of an exported interface, with and without version", async () => {
    for (const invoke of ["wasi:cli/run#run", "run"]) {
      expect((await run("hello", { invoke })).stdout).toBe("hello world\nok\n");
    }
  });

  test("refuses arguments that are missing, of another type or out of range", async () => {
    const component = await testModule("component-export");
    for (const args of [["x"], ["x", "1"], ["x", "1", "two"], ["x", "1", "-1"], ["x", "1", "4294967296"]]) {
      expect((await errorOf({ component, invoke: "add", args })).kind).toBe("bad-arguments");
    }
  });

  test("names what is exported when a function is not", async () => {
    const error = await errorOf({ component: await testModule("component-export"), invoke: "nothing" });
    expect(error.kind).toBe("missing-export");
    expect(error.names).toEqual(["nothing"]);
    expect(error.message).toContain('"greet"');
  });
});

test("the world tells what a component is made for", async () => {
  for (const [name, world] of [
    ["hello", "command"],
    ["export", "library"],
  ] as const) {
    expect(loadComponent(await testModule(`component-${name}`)).world).toBe(world);
  }
});

describe("components that cannot start", () => {
  test("core modules and other bytes are no components", async () => {
    for (const component of [await testModule("hello"), new Uint8Array(0), Buffer.from("(component)")]) {
      expect((await errorOf({ component })).kind).toBe("not-component");
    }
  });

  test("one without wasi:cli/run has no entry", async () => {
    expect((await errorOf({ component: await testModule("component-export") })).kind).toBe("missing-export");
  });

  test("imports that are not here are named", async () => {
    const bytes = Buffer.from(await testModule("component-hello"));
    const unknown = Buffer.from(
      bytes.toString("latin1").replaceAll("wasi:cli/stdout", "wasi:cli/stdxxx"),
      "latin1",
    );
    const error = await errorOf({ component: unknown });
    expect(error.kind).toBe("missing-import");
    expect(error.names.join()).toContain("wasi:cli/stdxxx@0.2.");
  });

  test("any other patch version of an interface links", async () => {
    const bytes = Buffer.from(await testModule("component-hello"));
    const other = Buffer.from(bytes.toString("latin1").replace(/@0\.2\.\d/g, "@0.2.9"), "latin1");
    expect((await runCaptured({ component: other })).stdout).toBe("hello world\n");
  });

  test("one that is cut off anywhere says so, or runs as the whole where only custom sections are gone", async () => {
    const component = await testModule("component-hello");
    for (let length = 0; length < component.length; length += 1) {
      const ended = await runCaptured({ component: component.subarray(0, length) }).catch(
        (error: unknown) => error,
      );
      if (ended instanceof ComponentError) {
        expect(["not-component", "bad-component", "missing-export"]).toContain(ended.kind);
      } else expect(ended).toEqual({ exitCode: 0, stdout: "hello world\n", stderr: "" });
    }
  }, 60_000);
});
