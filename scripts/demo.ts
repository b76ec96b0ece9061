// SPDX-License-Identifier: Apache-2.0
// A Wasm and a native container under a real containerd, from nothing: `npm run demo [-- <engine>]`. Everything runs
// in a temporary folder and a mount namespace of its own, and is gone afterwards.
import { $ } from "bun";
import { delimiter, dirname } from "node:path";
import {
  busyboxRootfs,
  BASE_FOLDERS,
  imageName,
  importImages,
  runContainer,
  startContainerd,
  type Containerd,
  type TestImage,
} from "../e2e/src/index.ts";
import { testModule } from "../packages/test-modules/src/index.ts";
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
        `${import.meta.dir}/../dist`,
        ...(engineFolder === undefined ? [] : [engineFolder]),
        containerdBin(CONTAINERD),
        ...(process.env["PATH"] ?? "").split(delimiter),
      ],
    }),
  );
  await step("making two images", async () =>
    importImages(containerd, [await wasmImage(), await nativeImage()]),
  );
  await show(containerd, engine, "hello-wasm", []);
  await show(containerd, engine, "hello-native", []);
}

async function wasmImage(): Promise<TestImage> {
  const content = await testModule("hello");
  const files = [...BASE_FOLDERS, { kind: "file", path: "hello.wasm", content } as const];
  return { name: "hello-wasm", process: { entrypoint: ["/hello.wasm"] }, layers: [files] };
}

async function nativeImage(): Promise<TestImage> {
  const script = "echo hello from Linux: $(busybox | head -n 1), $(uname -sm), PID $$";
  return {
    name: "hello-native",
    process: { entrypoint: ["/bin/sh", "-c", script], env: ["PATH=/bin"] },
    layers: [await busyboxRootfs()],
  };
}

async function show(
  containerd: Containerd,
  engine: EngineName,
  image: string,
  args: readonly string[],
): Promise<void> {
  say(`\n$ ctr run --rm --runtime io.containerd.${engine}.v1 ${imageName(image)} ${image}`);
  const { exitCode, stdout, stderr } = await runContainer(containerd, {
    runtime: engine,
    image: imageName(image),
    id: image,
    args,
  });
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
