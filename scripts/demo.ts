// SPDX-License-Identifier: Apache-2.0
// Wasm and native containers under a real containerd, from nothing: `npm run demo [-- <engine>]`. Everything runs in a
// temporary folder and a mount namespace of its own, and is gone afterwards.
import { $ } from "bun";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { compileApp, encodeAppRootfs } from "../apps/wasi-demo-app/src/index.ts";
import {
  busyboxRootfs,
  DIST,
  imageName,
  importImages,
  runContainer,
  startContainerd,
  type Containerd,
  type TestImage,
} from "../e2e/src/index.ts";
import { containerdBin, ensureContainerd } from "./toolchain/containerd.ts";
import { ensureDebianPackages } from "./toolchain/debian.ts";
import { ENGINES, ensureEngine, isEngineName, type EngineName } from "./toolchain/engine.ts";
import { say, step } from "./toolchain/progress.ts";

/** The containerd that a Debian machine gets by apt. */
const CONTAINERD = "1.6";

async function demo(engine: EngineName): Promise<void> {
  // Before anything that needs root: who lacks it, or apt, is told what to install.
  await ensureDebianPackages(["busybox-static", "util-linux", "containerd", "runc", "crun"]);
  if (process.getuid?.() !== 0) throw new Error("a container runtime needs root (run it as root)");
  await ensureContainerd(CONTAINERD);
  const installed = Bun.which(engine);
  const engineFolder = installed === null ? await ensureEngine(engine) : dirname(installed);
  await step("building the shims", () => $`${process.execPath} scripts/build.ts`.quiet());
  await using containerd = await step("starting a private containerd", () =>
    startContainerd({
      version: CONTAINERD,
      path: [
        DIST,
        ...(engineFolder === undefined ? [] : [engineFolder]),
        containerdBin(CONTAINERD),
        ...(process.env["PATH"] ?? "").split(delimiter),
      ],
    }),
  );
  await step("making two images", async () => {
    await importApp(containerd);
    await importImages(containerd, [await nativeImage()]);
  });
  await show(containerd, { engine, image: APP, id: "greeting" });
  await showVolume(containerd, engine);
  await show(containerd, { engine, image: "hello-native", id: "hello-native" });
}

const APP = "wasi-demo-app";

/** The application of apps/wasi-demo-app as an ordinary image, which the oldest containerd takes too. */
async function importApp(containerd: Containerd): Promise<void> {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const archive = join(containerd.folder, `${APP}.tar`);
  await writeFile(
    archive,
    encodeAppRootfs({ module: await compileApp(), name: imageName(APP) }, architecture),
  );
  const { exitCode, stderr } = await containerd.ctr(["image", "import", archive]);
  if (exitCode !== 0) throw new Error(`cannot import "${archive}": ${stderr}`);
}

/** The application writes a file into a folder of this machine, and nowhere else. */
async function showVolume(containerd: Containerd, engine: EngineName): Promise<void> {
  const volume = join(containerd.folder, "volume");
  await mkdir(volume);
  const flags = ["--mount", `type=bind,src=${volume},dst=/data,options=rbind:rw`];
  const args = [`/${APP}.wasm`, "write", "/data/note", "written by WebAssembly"];
  await show(containerd, { engine, image: APP, id: "volume", flags, args });
  say(`$ cat ${volume}/note`);
  process.stdout.write(await readFile(join(volume, "note"), "utf8"));
}

async function nativeImage(): Promise<TestImage> {
  const script = "echo hello from Linux: $(busybox | head -n 1), $(uname -sm), PID $$";
  return {
    name: "hello-native",
    process: { entrypoint: ["/bin/sh", "-c", script], env: ["PATH=/bin"] },
    layers: [await busyboxRootfs()],
  };
}

interface Shown {
  readonly engine: EngineName;
  readonly image: string;
  readonly id: string;
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
}

async function show(
  containerd: Containerd,
  { engine, image, id, flags = [], args = [] }: Shown,
): Promise<void> {
  const command = [
    "--rm",
    "--runtime",
    `io.containerd.${engine}.v1`,
    ...flags,
    imageName(image),
    id,
    ...args,
  ];
  say(`\n$ ctr run ${command.join(" ")}`);
  const run = { runtime: engine, image: imageName(image), id, flags, args };
  const { exitCode, stdout, stderr } = await runContainer(containerd, run);
  process.stdout.write(stdout);
  if (exitCode !== 0) throw new Error(`exit status ${exitCode}: ${stderr}`);
}

const engine = process.argv[2] ?? "jsc";
try {
  if (!isEngineName(engine)) throw new Error(`there is no engine "${engine}" (${ENGINES.join(", ")})`);
  await demo(engine);
  say("\nall is torn down");
} catch (error) {
  say(`demo: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
