// SPDX-License-Identifier: Apache-2.0
// Modules compiled ahead of time: what is kept and found again, what is made again, what is never loaded, and what is left.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import wabt from "wabt";
import { mustRun } from "./harness/command.ts";
import type { Containerd } from "./harness/containerd.ts";
import { removeContainer, startDetached } from "./harness/detached.ts";
import { engineFolder, SHIM_ENGINES } from "./harness/engines.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, type TestImage } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { libFolderOf } from "./harness/mount-namespace.ts";
import { listProcessesOf } from "./harness/processes.ts";
import { BASE_FOLDERS } from "./harness/rootfs.ts";
import { runContainer } from "./harness/run.ts";
import { narrow } from "./harness/runtimes.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { moduleFiles } from "./harness/wasm-images.ts";

const image = imageName("precompile");
/** LLVM on a machine with more to do. */
const TIMEOUT_MS = 240_000;
const HELLO = { stdout: "hello world\n", stderr: "", exitCode: 0 };

/** A module that prints one of two lines of eleven letters. */
const PRINTS = (line: 0 | 8) => `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\0c\\00\\00\\00\\20\\00\\00\\00\\0c\\00\\00\\00")
  (data (i32.const 16) "interpreted\\n") (data (i32.const 32) "native code\\n")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const ${line}) (i32.const 1) (i32.const 48)))))`;

async function assemble(text: string): Promise<Uint8Array> {
  const module = (await wabt()).parseWat("module.wat", text);
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

/** One function of as many locals as there may be, which all live to its end. */
async function compilerBomb(): Promise<Uint8Array> {
  const count = 45_000;
  const sets = Array.from(
    { length: count },
    (_, index) => `(local.set ${index} (call $f (i32.const ${index})))`,
  );
  const uses = Array.from({ length: count }, (_, index) => `(local.get ${index}) (i32.xor)`);
  return assemble(`(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (memory (export "memory") 1)
    (func $f (param i32) (result i32) (i32.add (local.get 0) (call $yield)))
    (func (export "_start") (local ${"i32 ".repeat(count)})
      ${sets.join("\n")} (i32.const 0) ${uses.join("\n")} drop))`);
}

async function images(): Promise<readonly TestImage[]> {
  const file = (path: string, content: Uint8Array) => ({ kind: "file" as const, path, content });
  const entries = [
    ...(await moduleFiles(["big", "hello", "sleep"])),
    file("good.wasm", await assemble(PRINTS(0))),
    file("bomb.wasm", await compilerBomb()),
  ];
  return [{ name: "precompile", process: { entrypoint: ["/big.wasm"] }, layers: [BASE_FOLDERS, entries] }];
}

const storeOf = (containerd: Containerd) => join(libFolderOf(containerd.folder), "runwasi", "precompiled");

/** The compiled files that are kept, entries that are being made included. */
async function kept(containerd: Containerd): Promise<string[]> {
  const folder = storeOf(containerd);
  if (!existsSync(folder)) return [];
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name !== ".executable" && name.includes("/"))
    .map((name) => join(folder, name));
}

forEachShim(
  narrow(SHIM_ENGINES, "RUNWASI_E2E_RUNTIME").filter((name) => name !== "jsc" && name !== "wamr"),
  images,
  ({ runtime, containerd }) => {
    const options = async (toml: string) => {
      const path = join(containerd().folder, `options-${containerd().nextId()}.toml`);
      await writeFile(path, toml);
      return ["--runtime-config-path", path];
    };
    const run = (args: readonly string[], flags: readonly string[] = []) =>
      runContainer(containerd(), { runtime, image, args, flags, timeoutMs: TIMEOUT_MS });
    const forget = () => rm(storeOf(containerd()), { recursive: true, force: true });
    const one = async () => {
      const files = await kept(containerd());
      expect(files).toHaveLength(1);
      return files[0] ?? "";
    };

    describe("a large module", () => {
      test(
        "is compiled by the first start, and the next runs the same file, mapped",
        async () => {
          await forget();
          expect(await run(["/big.wasm"])).toEqual(HELLO);
          const file = await one();
          const made = await Bun.file(file).stat();
          expect(made.mode & 0o777).toBe(0o444);
          expect(await run(["/big.wasm"])).toEqual(HELLO);
          expect((await Bun.file(await one()).stat()).ino).toBe(made.ino);
          // One that goes on, small as it is, to look into.
          const flags = await options("[precompile]\nminimum-module-bytes = 0\n");
          await using container = await startDetached(containerd(), {
            runtime,
            image,
            args: ["/sleep.wasm"],
            flags,
          });
          const mapped = () => readFile(`/proc/${container.pid}/maps`, "utf8");
          const inode = (
            await Bun.file((await kept(containerd())).find((path) => path !== file) ?? "").stat()
          ).ino;
          await waitUntil("the engine to map it", async () =>
            (await mapped()).split("\n").some((line) => line.split(/\s+/)[4] === String(inode))
              ? true
              : undefined,
          );
        },
        TIMEOUT_MS,
      );

      test(
        "is made again where the kept file is damaged, truncated, another's or gone",
        async () => {
          const damage: readonly ((file: string) => Promise<unknown>)[] = [
            async (file) => truncate(file, 1000),
            async (file) => {
              const bytes = await Bun.file(file).bytes();
              bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
              await chmod(file, 0o644);
              await writeFile(file, bytes);
              await chmod(file, 0o444);
            },
            async (file) => chmod(file, 0o666),
            async (file) => rm(file),
          ];
          const flags = await options("[precompile]\nminimum-module-bytes = 0\n");
          await forget();
          expect(await run(["/hello.wasm"], flags)).toEqual(HELLO);
          for (const spoil of damage) {
            const file = await one();
            const before = (await Bun.file(file).stat()).ino;
            await spoil(file);
            expect(await run(["/hello.wasm"], flags)).toEqual(HELLO);
            const after = await Bun.file(await one()).stat();
            expect({ mode: after.mode & 0o777, same: after.ino === before && after.size < 1001 }).toEqual({
              mode: 0o444,
              same: false,
            });
          }
        },
        TIMEOUT_MS,
      );

      test(
        "is compiled once by two that start at the same time",
        async () => {
          await forget();
          const sandboxes = new Set<string>();
          let isDone = false;
          const watching = (async () => {
            while (!isDone) {
              const { stdout } = Bun.spawnSync([
                "find",
                "/sys/fs/cgroup",
                "-name",
                `runwasi-job-${containerd().namespace}-*`,
              ]);
              for (const path of stdout.toString().split("\n"))
                if (path !== "") sandboxes.add(path.replace(/.*\//, ""));
              await Bun.sleep(20);
            }
          })();
          const both = await Promise.all([run(["/big.wasm"]), run(["/big.wasm"])]);
          isDone = true;
          await watching;
          expect(both).toEqual([HELLO, HELLO]);
          expect(sandboxes.size).toBe(1);
          await one();
        },
        TIMEOUT_MS,
      );
    });

    describe("a small module, and where compiling is switched off", () => {
      test("nothing is compiled", async () => {
        await forget();
        expect(await run(["/hello.wasm"])).toEqual(HELLO);
        expect(await run(["/big.wasm"], await options("[precompile]\nenabled = false\n"))).toEqual(HELLO);
        expect(await kept(containerd())).toEqual([]);
      });
    });

    describe("at a limit", () => {
      const small = "minimum-module-bytes = 0\n";

      test(
        "of memory, Create says which and what raises it, and nothing is left",
        async () => {
          await forget();
          const flags = await options(`[precompile]\n${small}memory-limit-bytes = ${48 << 20}\n`);
          await run(["/bomb.wasm"], flags); // the module's digest is noted until the host is rebooted
          const before = await listPossessions(containerd());
          const { exitCode, stderr } = await run(["/bomb.wasm"], flags);
          expect(exitCode).not.toBe(0);
          expect(stderr).toContain(
            `it takes more than ${48 << 20} bytes of memory (option "precompile.memory-limit-bytes"`,
          );
          expect(await kept(containerd())).toEqual([]);
          await assertNothingLeft(containerd(), before);
        },
        TIMEOUT_MS,
      );

      test(
        "of time, the same",
        async () => {
          const before = await listPossessions(containerd());
          const flags = await options(`[precompile]\n${small}timeout-ms = 50\n`);
          const { exitCode, stderr } = await run(["/bomb.wasm"], flags);
          expect(exitCode).not.toBe(0);
          expect(stderr).toContain('it takes more than 50 ms (option "precompile.timeout-ms"');
          await assertNothingLeft(containerd(), before);
        },
        TIMEOUT_MS,
      );
    });

    describe("what cannot be kept", () => {
      test("is no reason not to start", async () => {
        const flags = await options('[precompile]\nminimum-module-bytes = 0\nfolder = "/proc/nowhere"\n');
        expect(await run(["/hello.wasm"], flags)).toEqual(HELLO);
        expect(await containerd().log()).toContain("runs as it is");
      });
    });

    describe("a daemon that is killed while it compiles", () => {
      test(
        "leaves nothing, and the next start compiles",
        async () => {
          await forget();
          const before = await listPossessions(containerd());
          const id = containerd().nextId();
          const starting = runContainer(containerd(), {
            runtime,
            image,
            id,
            args: ["/big.wasm"],
            timeoutMs: TIMEOUT_MS,
          });
          const bundle = join(
            containerd().folder,
            "state/io.containerd.runtime.v2.task",
            containerd().namespace,
            id,
          );
          await waitUntil(
            "the sandbox to run",
            () => existsSync(join(bundle, "job", "init.pid")) || undefined,
          );
          const daemon = (await listProcessesOf(containerd().folder)).find(({ name }) =>
            name.startsWith("containerd-shim"),
          );
          process.kill(daemon?.pid ?? 0, "SIGKILL");
          expect((await starting).exitCode).not.toBe(0);
          await removeContainer(containerd(), id);
          await rm(join(containerd().mounts.runFolder, "runwasi"), { recursive: true, force: true }).catch(
            () => {},
          );
          const now = await listPossessions(containerd());
          expect(now.cgroups).toEqual(before.cgroups);
          await waitUntil("its processes to end", async () =>
            (await listPossessions(containerd())).processes.length <= before.processes.length
              ? true
              : undefined,
          );
          expect(existsSync(bundle)).toBe(false);
          expect(await kept(containerd())).toEqual([]);
          expect(await run(["/big.wasm"])).toEqual(HELLO);
          await one();
        },
        TIMEOUT_MS,
      );
    });

    describe("native code that an image brings", () => {
      test("is not loaded as precompiled", async () => {
        const folder = join(containerd().folder, `smuggled-${containerd().nextId()}`);
        await mustRun(["mkdir", "-p", folder]);
        const path = (name: string) => join(folder, name);
        await writeFile(path("evil.wasm"), await assemble(PRINTS(8)));
        const good = await assemble(PRINTS(0));
        const flags = ["--mount", `type=bind,src=${folder},dst=/in,options=rbind:ro`];
        const engine = join((await engineFolder(runtime)) ?? "", runtime);
        if (runtime === "wasmedge") {
          // Its own form: WebAssembly with the code in a custom section at the end.
          await mustRun([engine, "compile", path("evil.wasm"), path("evil.aot.wasm")]);
          const [evil, plain] = await Promise.all([
            Bun.file(path("evil.aot.wasm")).bytes(),
            Bun.file(path("evil.wasm")).bytes(),
          ]);
          await writeFile(path("app.wasm"), Buffer.concat([good, evil.subarray(plain.length)]));
          const small = await options("[precompile]\nminimum-module-bytes = 0\n");
          expect((await run(["/in/app.wasm"], flags)).stdout).toBe("interpreted\n");
          expect((await run(["/in/app.wasm"], [...flags, ...small])).stdout).toBe("interpreted\n");
          return;
        }
        const compile =
          runtime === "wasmtime"
            ? [engine, "compile", "-Ccache=n", "-o", path("app.wasm"), path("evil.wasm")]
            : [
                "env",
                `WASMER_DIR=${folder}`,
                engine,
                "compile",
                "--quiet",
                "-o",
                path("app.wasm"),
                path("evil.wasm"),
              ];
        await mustRun(compile);
        await chmod(path("app.wasm"), 0o755);
        const { stdout, exitCode } = await run(["/in/app.wasm"], flags);
        expect({ stdout, failed: exitCode !== 0 }).toEqual({ stdout: "", failed: true });
      });
    });
  },
);
