// SPDX-License-Identifier: Apache-2.0
// Builds the application and its two images into a folder: bun apps/wasi-demo-app/src/main.ts dist
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { compileApp } from "./compile-app.ts";
import { encodeAppArtifact, encodeAppRootfs } from "./images.ts";

const NAME = "localhost/wasi-demo-app";
/** In the words of the image specification, which are Go's. */
const ARCHITECTURE = process.arch === "x64" ? "amd64" : process.arch;

const [folder = "dist"] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const module = await compileApp();
const files: Readonly<Record<string, Uint8Array>> = {
  "wasi-demo-app.wasm": module,
  "wasi-demo-app-artifact.tar": encodeAppArtifact({ module, name: `${NAME}:artifact` }),
  "wasi-demo-app-rootfs.tar": encodeAppRootfs({ module, name: `${NAME}:rootfs` }, ARCHITECTURE),
};
for (const [name, content] of Object.entries(files)) {
  await Bun.write(join(folder, name), content);
  process.stdout.write(`${join(folder, name)}\n`);
}
