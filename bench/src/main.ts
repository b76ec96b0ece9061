// SPDX-License-Identifier: Apache-2.0
// Figures into bench/results: `npm run bench [-- ctr-run|phases|memory|first-line|http|artifacts|pods ...]`. Needs root and an idle machine.
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import { ensureTestTools } from "../../scripts/engines.ts";
import { tool } from "../../scripts/steps.ts";
import { benchArtifacts } from "./artifacts.ts";
import { benchCtrRun } from "./ctr-run.ts";
import { benchFirstLine } from "./first-line.ts";
import { benchHttp } from "./http.ts";
import { benchMemory } from "./memory.ts";
import { benchPhases } from "./phases.ts";
import { benchPods } from "./pods.ts";

const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  "ctr-run": async () =>
    `### containerd 2.4.2\n\n${await benchCtrRun("2.4.2")}\n### containerd 1.6\n\n${await benchCtrRun("1.6")}`,
  phases: () => benchPhases(["jsc", "wasmtime"]),
  memory: () => benchMemory("2.4.2"),
  "first-line": () => benchFirstLine("2.4.2"),
  http: () => benchHttp("2.4.2"),
  artifacts: benchArtifacts,
  pods: benchPods,
};

const named = process.argv.slice(2);
const RESULTS = join(import.meta.dir, "../results");

await ensureTestTools();
await $`${process.execPath} ${join(import.meta.dir, "../../scripts/build.ts")}`.quiet();
mkdirSync(RESULTS, { recursive: true });
for (const [name, bench] of Object.entries(BENCHES)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? "unknown"}, Linux ${release()}`;
  const head = `# ${name}\n\nMade by \`npm run bench -- ${name}\` on ${new Date().toISOString().slice(0, 10)}: ${machine}, Bun ${Bun.version}.\n`;
  const text = `${head}\n${await bench()}`;
  const file = join(RESULTS, `${name}.md`);
  writeFileSync(file, text);
  await tool("oxfmt", file)();
  process.stdout.write(`\n${text}`);
}
