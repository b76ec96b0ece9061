// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  BASE_FOLDERS,
  imageName,
  importImages,
  runtimeName,
  startContainerd,
  type Containerd,
} from "@runwasi/e2e";
import { createBlob, createImage, encodeLayoutArchive } from "@runwasi/oci";
import { encodeBigModule, testModule } from "@runwasi/test-modules";
import type { InstallableEngine } from "../../scripts/toolchain/engine.ts";
import { measureInTurn, summarize, timeMs } from "./samples.ts";
import { table } from "./table.ts";

const LAYER_TYPE = "application/wasm";
const ROUNDS = 9;
const COLD_ROUNDS = 2;
/** Containers of one module at the same time. */
const CROWD = 20;

/** Images of Wasm layers beside images with a rootfs: what containerd being asked costs, what compiled code saves, what is shared. */
export async function benchArtifacts(): Promise<string> {
  await using containerd = await startContainerd({ version: "2.4.2" });
  const sizes = await importModules(containerd);
  return [
    "### `ctr run` of `hello`, as a file of a rootfs and as a layer\n",
    await asked(containerd),
    "### wasmtime: the first start, later ones, and one whose compiled file was dropped, ms\n",
    await compiled(containerd, sizes),
    `### wasmtime: ${CROWD} sleeping containers of one module of 30 MB, a layer\n`,
    await shared(containerd),
  ].join("\n");
}

/** Each module as image `<name>-file` and `<name>-layer`; answers their sizes in bytes. */
async function importModules(containerd: Containerd): Promise<ReadonlyMap<string, number>> {
  const modules = new Map<string, Uint8Array>([
    ["hello", await testModule("hello")],
    ["big", await testModule("big")],
    ["huge", encodeBigModule({ megabytes: 30 })],
    ["sleeping", encodeBigModule({ megabytes: 30, sleeps: true })],
  ]);
  for (const [name, content] of modules) {
    const file = { kind: "file" as const, path: "module.wasm", content };
    const process = { entrypoint: ["/module.wasm"] };
    await importImages(containerd, [{ name: `${name}-file`, process, layers: [[...BASE_FOLDERS, file]] }]);
    await importLayer(containerd, `${name}-layer`, content);
  }
  return new Map([...modules].map(([name, { length }]) => [name, length]));
}

async function importLayer(containerd: Containerd, name: string, content: Uint8Array): Promise<void> {
  const title = { "org.opencontainers.image.title": "module.wasm" };
  const image = createImage({
    names: [{ refName: imageName(name), fullName: imageName(name) }],
    platform: { os: "wasip1", architecture: "wasm" },
    process: { entrypoint: ["module.wasm"] },
    layers: [createBlob(LAYER_TYPE, content, title)],
  });
  const archive = join(containerd.folder, `${name}.tar`);
  await writeFile(archive, encodeLayoutArchive([image]));
  await mustCtr(containerd, ["image", "import", "--all-platforms", archive]);
  await rm(archive);
}

async function asked(containerd: Containerd): Promise<string> {
  const engines: readonly InstallableEngine[] = ["jsc", "wasmtime"];
  const subjects = new Map(
    engines.flatMap((engine) =>
      ["hello-file", "hello-layer"].map(
        (image) => [`${engine}, ${image}`, () => timeMs(() => runOnce(containerd, engine, image))] as const,
      ),
    ),
  );
  const results = await measureInTurn(subjects, ROUNDS);
  return table(
    ["", "median ms", "min"],
    [...results].map(([name, { median, min }]) => [name, median, min]),
  );
}

async function compiled(containerd: Containerd, sizes: ReadonlyMap<string, number>): Promise<string> {
  const first = new Map<string, number>();
  const names = ["hello", "big", "huge"].flatMap((module) =>
    ["layer", "file"].map((kind) => `${module}-${kind}`),
  );
  for (const name of names) first.set(name, await timeMs(() => runOnce(containerd, "wasmtime", name)));
  const later = await measureInTurn(
    new Map(names.map((name) => [name, () => timeMs(() => runOnce(containerd, "wasmtime", name))])),
    ROUNDS,
  );
  const rows: (string | number)[][] = [];
  for (const name of names) {
    const again: number[] = [];
    for (let round = 0; round < COLD_ROUNDS; round += 1) {
      await dropCompiled(containerd);
      again.push(await timeMs(() => runOnce(containerd, "wasmtime", name)));
    }
    const { median = Number.NaN } = later.get(name) ?? {};
    const smallest = later.get(name.replace(/^\w+/, "hello"))?.median ?? Number.NaN;
    const size = sizes.get(name.replace(/-.*/, "")) ?? Number.NaN;
    rows.push([
      name,
      String(size),
      first.get(name) ?? Number.NaN,
      median,
      (median / smallest).toFixed(2),
      summarize(again).median,
    ]);
  }
  return table(["module", "bytes", "first", "later, median", "to `hello`'s", "dropped"], rows);
}

/** Removes all compiled files, from containerd and from the node's folder. */
async function dropCompiled(containerd: Containerd): Promise<void> {
  const list = await mustCtr(containerd, ["content", "ls"]);
  const digests = [...list.matchAll(/runwasi\.io\/precompiled\/\S+?=(sha256:[0-9a-f]{64})/g)].map(
    ([, digest]) => digest ?? "",
  );
  if (digests.length > 0) await mustCtr(containerd, ["content", "rm", ...digests]);
  const clear = containerd.mounts.enter(["find", "/var/lib/runwasi", "-mindepth", "2", "-delete"]);
  await Bun.spawn(clear, { stdio: ["ignore", "ignore", "ignore"] }).exited; // there may be no such folder
}

async function shared(containerd: Containerd): Promise<string> {
  const ids = Array.from({ length: CROWD }, () => containerd.nextId());
  const cached: number[] = [];
  for (const id of ids) {
    await mustCtr(containerd, [
      "run",
      "--detach",
      "--runtime",
      runtimeName("wasmtime"),
      imageName("sleeping-layer"),
      id,
    ]);
    await Bun.sleep(500); // the engine goes on initialising after start; a figure, not a test
    cached.push(cachedMb());
  }
  const engines = readdirSync("/proc").filter((pid) =>
    read(`/proc/${pid}/cgroup`).includes(`/${containerd.namespace}/`),
  );
  const pssMb =
    engines.reduce((total, pid) => total + field(`/proc/${pid}/smaps_rollup`, "Pss"), 0) / 1024 / CROWD;
  const blobs = engines.flatMap((pid) =>
    [...read(`/proc/${pid}/maps`).matchAll(/ (\d+) +\S*\/compiled$/gm)].map(([, inode]) => inode),
  );
  for (const id of ids) {
    await mustCtr(containerd, ["task", "kill", "--signal", "SIGKILL", id]);
    await mustCtr(containerd, ["task", "delete", "--force", id]);
    await mustCtr(containerd, ["container", "delete", id]);
  }
  const growth = (cached.at(-1) ?? Number.NaN) - (cached[0] ?? Number.NaN);
  return table(
    [
      "PSS of an engine, MB",
      "page cache from the first to the last, MB",
      "engines",
      "compiled files that they map",
    ],
    [[pssMb, growth, String(engines.length), String(new Set(blobs).size)]],
  );
}

async function runOnce(containerd: Containerd, engine: InstallableEngine, image: string): Promise<void> {
  const id = containerd.nextId();
  const output = await mustCtr(containerd, [
    "run",
    "--rm",
    "--runtime",
    runtimeName(engine),
    imageName(image),
    id,
  ]);
  if (output !== "hello world\n") throw new Error(`${engine} ${image} printed "${output}"`);
}

async function mustCtr(containerd: Containerd, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await containerd.ctr(args, { timeoutMs: 300_000 });
  if (exitCode !== 0) throw new Error(`ctr ${args.join(" ")}: ${stderr}`);
  return stdout;
}

function cachedMb(): number {
  return field("/proc/meminfo", "Cached") / 1024;
}

/** A field of a file of /proc, in KiB. */
function field(path: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(read(path))?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended, or is a kernel thread
  }
}
