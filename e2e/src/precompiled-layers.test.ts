// SPDX-License-Identifier: Apache-2.0
// Compiled layers, which containerd keeps beside the layer they were made of and collects with it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeBigModule, testModule } from "@runwasi/test-modules";
import type { ContainerdVersion } from "../../scripts/toolchain/containerd.ts";
import type { InstallableEngine } from "../../scripts/toolchain/engine.ts";
import { importLayout, layerOf, layersImage } from "./artifacts/wasm-layers.ts";
import { mustRun } from "./harness/command.ts";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions, type Possessions } from "./harness/leftovers.ts";
import { runArguments, runContainer } from "./harness/run.ts";
import { waitUntil } from "./harness/wait-until.ts";

const HELLO = { exitCode: 0, stdout: "hello world\n", stderr: "" };
/** A compiler on a machine with more to do. */
const TIMEOUT_MS = 240_000;
const NAME = "layer";

const SUBJECTS: readonly (readonly [ContainerdVersion, InstallableEngine])[] = [
  ["1.7.29", "wasmtime"],
  ["2.4.2", "wasmtime"],
  ["2.4.2", "wasmedge"],
  ["2.4.2", "wasmer"],
];

/** Digests of compiled files that the labels of content name. */
async function compiledDigests(containerd: Containerd): Promise<readonly string[]> {
  const { stdout } = await containerd.ctr(["content", "ls"]);
  const labels = stdout.matchAll(/runwasi\.io\/precompiled\/\w+\/[0-9a-f]{64}=(sha256:[0-9a-f]{64})/g);
  return [...labels].map(([, digest = ""]) => digest);
}

async function onlyCompiled(containerd: Containerd): Promise<string> {
  const digests = await compiledDigests(containerd);
  expect(digests).toHaveLength(1);
  return digests[0] ?? "";
}

function pathOf({ folder }: Containerd, digest: string): string {
  return join(folder, "root/io.containerd.content.v1.content/blobs", digest.replace(":", "/"));
}

const inodeOf = async (path: string) => (await Bun.file(path).stat()).ino;
/** Tells files apart that were made one after the other: a file system gives an inode that is free to the next one. */
const identityOf = async (path: string) => {
  const { ino, birthtimeMs } = await Bun.file(path).stat();
  return `${ino} of ${birthtimeMs}`;
};

async function collectGarbage(containerd: Containerd): Promise<void> {
  await containerd.ctr(["leases", "create", "--id", "sweep"]);
  await containerd.ctr(["leases", "delete", "--sync", "sweep"]);
}

async function importModule(containerd: Containerd, content: Uint8Array): Promise<void> {
  await importLayout(containerd, layersImage(NAME, [layerOf(content, "big.wasm")]));
}

async function assertNothingUnfinished(containerd: Containerd): Promise<void> {
  expect((await containerd.ctr(["leases", "ls", "--quiet"])).stdout).toBe("");
  const heading = 1;
  const { stdout } = await containerd.ctr(["content", "active"]);
  expect(stdout.trim().split("\n")).toHaveLength(heading);
}

const runOf = (containerd: Containerd, runtime: InstallableEngine) =>
  runContainer(containerd, { runtime, image: imageName(NAME), timeoutMs: TIMEOUT_MS });

describe.each(SUBJECTS.map((subject) => [...subject]))("containerd %s, %s", (version, runtime) => {
  let started: Containerd | undefined;
  const containerd = () => started ?? expect.unreachable();
  const run = () => runOf(containerd(), runtime);

  beforeAll(async () => {
    started = await startContainerd({ version });
  });
  afterAll(async () => {
    await started?.[Symbol.asyncDispose]();
  });

  test(
    "a layer is compiled by its first start, kept by containerd when it is pulled again, and goes with its image",
    async () => {
      const big = await testModule("big");
      await importModule(containerd(), big);
      expect(await run()).toEqual(HELLO);
      const digest = await onlyCompiled(containerd());
      const file = await identityOf(pathOf(containerd(), digest));
      await assertNothingUnfinished(containerd());
      await importModule(containerd(), big);
      await collectGarbage(containerd());
      expect(await run()).toEqual(HELLO);
      expect(await onlyCompiled(containerd())).toBe(digest);
      expect(await identityOf(pathOf(containerd(), digest))).toBe(file);
      await containerd().ctr(["image", "rm", "--sync", imageName(NAME)]);
      expect(existsSync(pathOf(containerd(), digest))).toBe(false);
    },
    TIMEOUT_MS,
  );

  test.each(["forgotten by containerd", "deleted", "damaged"])(
    "a compiled file that was %s is made again",
    async (what) => {
      await importModule(containerd(), await testModule("big"));
      expect(await run()).toEqual(HELLO);
      const digest = await onlyCompiled(containerd());
      const path = pathOf(containerd(), digest);
      const file = await identityOf(path);
      if (what === "deleted") await rm(path);
      else if (what === "damaged") await writeFile(path, "garbage");
      else {
        await containerd().ctr(["content", "rm", digest]);
        await collectGarbage(containerd());
      }
      expect(await run()).toEqual(HELLO);
      const again = pathOf(containerd(), await onlyCompiled(containerd()));
      expect((await Bun.file(again).stat()).size).toBeGreaterThan(100_000);
      expect(again === path && (await identityOf(again)) === file).toBe(false);
      await assertNothingUnfinished(containerd());
    },
    TIMEOUT_MS,
  );
});

test(
  "components are compiled too: a command, and an HTTP server that maps its code from the store",
  async () => {
    await using containerd = await startContainerd({ version: "2.4.2" });
    const path = join(containerd.folder, "options.toml");
    await writeFile(path, "[precompile]\nminimum-module-bytes = 0\n");
    const flags = ["--runtime-config-path", path];
    await importModule(containerd, await testModule("component-hello"));
    const command = { runtime: "wasmtime", image: imageName(NAME), flags } as const;
    for (let round = 0; round < 2; round += 1) expect(await runContainer(containerd, command)).toEqual(HELLO);
    await onlyCompiled(containerd);

    await importModule(containerd, await testModule("component-http-hello"));
    const address = `127.0.0.1:${freePort()}`;
    const own = ["--net-host", "--env", `WASMTIME_HTTP_PROXY_SOCKET_ADDR=${address}`];
    await using server = await startDetached(containerd, { ...command, flags: [...flags, ...own] });
    const answer = await waitUntil("the server to answer", async () =>
      fetch(`http://${address}/`).then(
        (response) => response.text(),
        () => undefined,
      ),
    );
    expect(answer.trim()).toBe("hello");
    const inodes = await Promise.all(
      (await compiledDigests(containerd)).map((digest) => inodeOf(pathOf(containerd, digest))),
    );
    const maps = await readFile(`/proc/${server.pid}/maps`, "utf8");
    const mapped = maps.split("\n").map((line) => Number(line.split(/\s+/)[4]));
    expect(inodes.some((inode) => mapped.includes(inode))).toBe(true);
  },
  TIMEOUT_MS,
);

function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

/** What compiles, while it does: each compilation has a lock of its own. */
async function compilations({ mounts }: Containerd): Promise<number> {
  const names = await readdir(join(mounts.runFolder, "runwasi")).catch(() => []);
  return names.filter((name) => name.startsWith("compiling-")).length;
}

test(
  "several first starts at the same time compile once",
  async () => {
    await using containerd = await startContainerd({ version: "2.4.2" });
    await importModule(containerd, await testModule("big"));
    const results = await Promise.all(Array.from({ length: 4 }, () => runOf(containerd, "wasmtime")));
    expect(results).toEqual(Array.from({ length: 4 }, () => HELLO));
    await onlyCompiled(containerd);
    const jobs = (await containerd.log()).split("\n").filter((line) => line.includes("compiled"));
    expect(jobs.length).toBeLessThanOrEqual(1);
  },
  TIMEOUT_MS,
);

test(
  "where the content store has no room for it the module runs as it is, and nothing is left",
  async () => {
    const module = encodeBigModule({ megabytes: 3 });
    await using containerd = await startContainerd({ version: "2.4.2" });
    await importModule(containerd, module);
    // Full: what is written there fails, and what is there can be read.
    const store = join(containerd.folder, "root/io.containerd.content.v1.content/ingest");
    await mustRun(containerd.mounts.enter(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", store]));
    expect(await runOf(containerd, "wasmtime")).toEqual(HELLO); // notes what is noted until the host is rebooted
    const before = await listPossessions(containerd);
    expect(await runOf(containerd, "wasmtime")).toEqual(HELLO);
    await assertNothingLeft(containerd, before);
    expect(await compiledDigests(containerd)).toEqual([]);
    await assertNothingUnfinished(containerd);
    expect(await containerd.log()).toMatch(/runs as it is.*no space left/);
  },
  TIMEOUT_MS,
);

/** What is comparable across a restart of containerd, and is not kept on purpose until the host is rebooted. */
function held({ processes, mountsInside, cgroups, bundles }: Possessions) {
  return {
    processes: processes.map((line) => line.replace(/^\d+ /, "")).sort(),
    mountsInside,
    cgroups,
    bundles,
  };
}

test(
  "containerd killed and started again in the middle of a compilation: nothing is left, and the next start works",
  async () => {
    await using containerd = await startContainerd({ version: "2.4.2" });
    await importModule(containerd, await testModule("hello"));
    expect(await runOf(containerd, "wasmtime")).toEqual(HELLO);
    const before = held(await listPossessions(containerd));
    await importModule(containerd, encodeBigModule({ megabytes: 3 }));
    const id = containerd.nextId();
    const start = { runtime: "wasmtime", image: imageName(NAME), id, flags: ["--detach"] } as const;
    const interrupted = containerd.ctr(runArguments(containerd, start), { timeoutMs: TIMEOUT_MS });
    await waitUntil("a compilation", async () => ((await compilations(containerd)) > 0 ? true : undefined));
    await containerd.kill();
    expect((await interrupted).exitCode).not.toBe(0);
    await containerd.start();
    await waitUntil(
      "the compilation to end",
      async () => ((await compilations(containerd)) === 0 ? true : undefined),
      TIMEOUT_MS,
    );
    await containerd.ctr(["task", "delete", "--force", id]);
    await containerd.ctr(["container", "delete", id]);
    await waitUntil("processes, mounts and cgroups to be as before", async () =>
      Bun.deepEquals(held(await listPossessions(containerd)), before) ? true : undefined,
    );
    expect(await runOf(containerd, "wasmtime")).toEqual(HELLO);
    await assertNothingUnfinished(containerd);
  },
  TIMEOUT_MS,
);
