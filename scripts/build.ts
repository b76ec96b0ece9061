// SPDX-License-Identifier: Apache-2.0
// Builds the shims' one executable into dist/, with a symlink for each shim; `--target linux-arm64` for another
// platform, into dist/<target>/.
import { $ } from "bun";
import { parseArgs } from "node:util";
import { engines } from "../shims/all/src/shims.ts";

const { values } = parseArgs({ options: { target: { type: "string" } } });
const folder = values.target === undefined ? "dist" : `dist/${values.target}`;
const target = values.target === undefined ? [] : [`--target=bun-${values.target}`];

await $`mkdir -p ${folder}`;
// Split, because a command then reads the bytecode of what it runs and not of everything: 3 ms of each start.
const flags = [
  "--compile",
  "--splitting",
  "--format=esm",
  "--bytecode",
  "--minify",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];
await $`${process.execPath} build ${flags} ${target} shims/all/src/main.ts --outfile ${folder}/containerd-shim-runwasi`.quiet();
for (const { name } of engines) await $`ln -sfn containerd-shim-runwasi ${folder}/containerd-shim-${name}-v1`;
console.log(`built ${folder}/containerd-shim-{${engines.map(({ name }) => name).join(",")}}-v1`);
