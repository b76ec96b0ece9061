// SPDX-License-Identifier: Apache-2.0
// Builds the shims into dist/, laid out as below a prefix: bin/ has what containerd runs, libexec/containerd-shims/ the one
// executable with a symlink for each shim. `--target linux-arm64` builds for another platform, into dist/<target>/.
import { $ } from "bun";
import { parseArgs } from "node:util";
import { engines } from "../shims/all/src/shims.ts";

const { values } = parseArgs({ options: { target: { type: "string" } } });
const folder = values.target === undefined ? "dist" : `dist/${values.target}`;
const target = values.target === undefined ? [] : [`--target=bun-${values.target}`];

const bin = `${folder}/bin`;
const libexec = `${folder}/libexec/containerd-shims`;
await $`mkdir -p ${bin} ${libexec}`;
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
await $`${process.execPath} build ${flags} ${target} shims/all/src/main.ts --outfile ${libexec}/containerd-shim-runwasi`.quiet();
for (const { name } of engines) {
  const shim = `containerd-shim-${name}-v1`;
  await $`ln -sfn containerd-shim-runwasi ${libexec}/${shim}`;
  await $`cp packages/shimkit/containerd-shim.sh ${bin}/${shim}`; // with its mode
}
console.log(`built ${bin}/containerd-shim-{${engines.map(({ name }) => name).join(",")}}-v1`);
