// SPDX-License-Identifier: Apache-2.0
// What may be set of an engine, where: containerd's runtime options, the node's file, the pod's annotations.
import { describe, expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { requestInside } from "./harness/http-request.ts";
import { imageName } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { openNetworkNamespace } from "./harness/network-namespace.ts";
import { openNodeConfig, type NodeConfig } from "./harness/node-config.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const image = imageName("wasm");
const MODULES = ["hello", "loop", "grow", "trap", "component-http-serve"];
const HELLO = { stdout: "hello world\n", stderr: "", exitCode: 0 };
const LITTLE_FUEL = 1_000_000;
const OUT_OF_FUEL = /all fuel consumed/;

/** The value of an annotation for wasmtime. */
const annotate = (option: string, value: string) => [
  "--annotation",
  `wasmtime.${option}.runwasi.io=${value}`,
];

forEachShim(
  SHIMS.filter((name) => name === "wasmtime"),
  async () => [await wasmImage("wasm", MODULES), await busyboxImage()],
  ({ runtime, containerd }) => {
    const run = (args: readonly string[], flags: readonly string[] = [], from = image) =>
      runContainer(containerd(), { runtime, image: from, args, flags });

    async function optionFlags(toml: string): Promise<readonly string[]> {
      const path = join(containerd().folder, `options-${containerd().nextId()}.toml`);
      await writeFile(path, toml);
      return ["--runtime-config-path", path];
    }

    /** Runs with runtime options in the table of wasmtime. */
    const withOptions = async (toml: string, args: readonly string[], more: readonly string[] = []) =>
      run(args, [...(await optionFlags(`[wasmtime]\n${toml}\n`)), ...more]);

    async function expectRefusal(refused: ReturnType<typeof run>, tells: string): Promise<void> {
      const { stdout, stderr, exitCode } = await refused;
      expect({ stdout, failed: exitCode !== 0 }).toEqual({ stdout: "", failed: true });
      expect(stderr).toContain(tells);
    }

    describe("an option of the runtime", () => {
      test("fuel ends a guest that has consumed it", async () => {
        const { stderr, exitCode } = await withOptions(`fuel = ${LITTLE_FUEL}`, ["/loop.wasm"]);
        expect(stderr).toMatch(OUT_OF_FUEL);
        expect(exitCode).not.toBe(0);
        expect(await withOptions(`fuel = ${LITTLE_FUEL}`, ["/hello.wasm"])).toEqual(HELLO);
      });

      test("timeout ends a guest that takes longer", async () => {
        const { stderr, exitCode } = await withOptions("timeout = 300", ["/loop.wasm"]);
        expect(stderr).toMatch(/wasm trap: interrupt/);
        expect(exitCode).not.toBe(0);
      });

      test("max-memory makes memory.grow fail", async () => {
        const limit = `max-memory = ${8 << 20}`;
        expect((await withOptions(limit, ["/grow.wasm", "4"])).stdout).toBe("grown\n");
        expect(await withOptions(limit, ["/grow.wasm", "16"])).toEqual({
          stdout: "",
          stderr: "",
          exitCode: 1,
        });
      });

      test("coredump writes the guest's memory into the container", async () => {
        const folder = join(containerd().folder, "dumps");
        await mkdir(folder, { recursive: true });
        const mount = ["--mount", `type=bind,src=${folder},dst=/dumps,options=rbind:rw`];
        const { exitCode } = await withOptions('coredump = "/dumps/core"', ["/trap.wasm"], mount);
        expect(exitCode).not.toBe(0);
        // A coredump is itself a Wasm module.
        expect((await readFile(join(folder, "core"))).subarray(0, 4).toString("latin1")).toBe("\0asm");
      });

      test.each([
        [1, ["1", "1", "1"]],
        [10, ["1", "2", "3"]],
      ] as const)("http-instance-reuse = %d: an instance counts its requests %j", async (reuse, counts) => {
        await using network = await openNetworkNamespace();
        const flags = [
          ...network.flags,
          ...(await optionFlags(`[wasmtime]\nhttp-instance-reuse = ${reuse}\n`)),
        ];
        const args = ["/component-http-serve.wasm"];
        await using _container = await startDetached(containerd(), { runtime, image, args, flags });
        const count = async () =>
          (await requestInside(network, [{ url: "http://127.0.0.1:8080/count" }]))[0]?.body;
        const first = await waitUntil("the component to serve", () => count().catch(() => undefined), 60_000);
        expect([first, await count(), await count()]).toEqual([...counts]);
      });

      test.each([
        ["frobnicate = 1", 'option "wasmtime.frobnicate" is not known'],
        ['fuel = "much"', 'cannot use option "wasmtime.fuel": accepted is an integer from 1 to'],
        ["fuel = 0", 'cannot use option "wasmtime.fuel": accepted is an integer from 1 to'],
        ["gc = 1", 'cannot use option "wasmtime.gc": accepted is true or false'],
        ["opt-level = 2", 'cannot use option "wasmtime.opt-level": accepted is 0, 1, 2, s'],
        ['coredump = "core,x"', 'cannot use option "wasmtime.coredump": accepted is an absolute path'],
        ['allow = ["frobnicate"]', 'cannot use option "wasmtime.allow"'],
      ])("%s fails Create by name", async (toml, tells) => {
        await expectRefusal(withOptions(toml, ["/hello.wasm"]), tells);
      });

      test("workloads keeps a node to one kind of program", async () => {
        const wasmOnly = await optionFlags('workloads = ["wasm"]\n');
        expect(await run(["/hello.wasm"], wasmOnly)).toEqual(HELLO);
        await expectRefusal(
          run(["true"], wasmOnly, imageName("busybox")),
          'the node accepts wasm only (option "workloads")',
        );
        const nativeOnly = await optionFlags('workloads = ["native"]\n');
        expect((await run(["echo", "hello"], nativeOnly, imageName("busybox"))).stdout).toBe("hello\n");
        await expectRefusal(
          run(["/hello.wasm"], nativeOnly),
          "it is WebAssembly, and the node accepts native only",
        );
      });
    });

    describe("an annotation", () => {
      const allowFuel = 'allow = ["fuel", "gc"]';

      test("is refused where the node allows none, or not this one", async () => {
        const refusal = 'cannot use annotation "wasmtime.fuel.runwasi.io": the node does not let pods set it';
        await expectRefusal(run(["/hello.wasm"], annotate("fuel", "5")), `${refusal} (allowed: none`);
        await expectRefusal(
          withOptions('allow = ["gc"]', ["/hello.wasm"], annotate("fuel", "5")),
          `${refusal} (allowed: gc`,
        );
      });

      test("sets what the node allows", async () => {
        const ask = annotate("fuel", String(LITTLE_FUEL));
        expect((await withOptions(allowFuel, ["/loop.wasm"], ask)).stderr).toMatch(OUT_OF_FUEL);
        expect(await withOptions(allowFuel, ["/hello.wasm"], ask)).toEqual(HELLO);
      });

      test("makes narrower what the node sets, and never wider", async () => {
        const node = `fuel = ${LITTLE_FUEL}\n${allowFuel}`;
        const less = await withOptions(node, ["/hello.wasm"], annotate("fuel", "1"));
        expect(less.stderr).toMatch(OUT_OF_FUEL);
        await expectRefusal(
          withOptions(node, ["/hello.wasm"], annotate("fuel", String(LITTLE_FUEL + 1))),
          `cannot use annotation "wasmtime.fuel.runwasi.io": the node allows no more than ${LITTLE_FUEL}`,
        );
        await expectRefusal(
          withOptions(`gc = false\n${allowFuel}`, ["/hello.wasm"], annotate("gc", "true")),
          'cannot use annotation "wasmtime.gc.runwasi.io": the node allows no more than false',
        );
      });

      test.each(["", "much", "-1", "0", "1e3"])("with a bad value %j is refused", async (value) => {
        await expectRefusal(
          withOptions(allowFuel, ["/hello.wasm"], annotate("fuel", value)),
          'cannot use annotation "wasmtime.fuel.runwasi.io": accepted is an integer',
        );
      });

      test("that is not known is refused, one of another engine passed over", async () => {
        await expectRefusal(
          run(["/hello.wasm"], annotate("frobnicate", "1")),
          "wasmtime.frobnicate.runwasi.io",
        );
        expect(await run(["/hello.wasm"], ["--annotation", "jsc.frobnicate.runwasi.io=1"])).toEqual(HELLO);
      });

      test("of one container holds for it alone", async () => {
        const named = (name: string) => ["--annotation", `wasmtime.fuel.runwasi.io/${name}=1`];
        const flags = [
          ...(await optionFlags(`[wasmtime]\n${allowFuel}\n`)),
          "--annotation",
          "io.kubernetes.cri.container-name=web",
        ];
        expect((await run(["/hello.wasm"], [...flags, ...named("web")])).stderr).toMatch(OUT_OF_FUEL);
        expect(await run(["/hello.wasm"], [...flags, ...named("other")])).toEqual(HELLO);
      });
    });

    describe("the node's file", () => {
      let opened: Promise<NodeConfig> | undefined;
      const nodeConfig = () => (opened ??= openNodeConfig(containerd()));

      test("sets options, and containerd's runtime options come over it", async () => {
        const config = await nodeConfig();
        await using _file = await config.write("[wasmtime]\nfuel = 1\n");
        expect((await run(["/hello.wasm"])).stderr).toMatch(OUT_OF_FUEL);
        expect(await withOptions(`fuel = ${LITTLE_FUEL}`, ["/hello.wasm"])).toEqual(HELLO);
      });

      test("says what pods may set", async () => {
        const config = await nodeConfig();
        await using _file = await config.write(`[wasmtime]\nfuel = ${LITTLE_FUEL}\nallow = ["fuel"]\n`);
        expect((await run(["/hello.wasm"], annotate("fuel", "1"))).stderr).toMatch(OUT_OF_FUEL);
        await expectRefusal(
          run(["/hello.wasm"], annotate("fuel", "999999999")),
          "the node allows no more than",
        );
      });

      test("may keep the node to WebAssembly, and what it opens to a guest", async () => {
        const config = await nodeConfig();
        await using _file = await config.write('workloads = ["wasm"]\n[preopens]\nmaximum = ["/work"]\n');
        expect(await run(["/hello.wasm"])).toEqual(HELLO);
        await expectRefusal(run(["true"], [], imageName("busybox")), "the node accepts wasm only");
        await expectRefusal(
          run(["/hello.wasm"], ["--annotation", "preopens.runwasi.io=/"]),
          "cannot preopen",
        );
      });

      test.each([
        ["= =", "/etc/runwasi/config.toml"],
        ["[wasmtime]\nfrobnicate = 1", 'option "wasmtime.frobnicate" is not known'],
        ["[jsc]\nfrobnicate = 1", 'option "jsc.frobnicate" is not known'],
        ["[nobody]\npath = '/x'", 'option "nobody" is not known'],
        ["workloads = 1", 'cannot use option "workloads"'],
      ])("with a mistake fails Create by name: %j", async (toml, tells) => {
        const config = await nodeConfig();
        await using _file = await config.write(toml);
        await expectRefusal(run(["/hello.wasm"]), tells);
      });

      test("has gone for the tests that follow", async () => {
        expect(await run(["/hello.wasm"])).toEqual(HELLO);
      });
    });
  },
);
