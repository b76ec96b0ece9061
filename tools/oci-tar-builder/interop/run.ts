// SPDX-License-Identifier: Apache-2.0
import { delimiter, join } from "node:path";
import { imageToolBins } from "../../../scripts/toolchain/image-tools.ts";

const MAIN = join(import.meta.dir, "../src/main.ts");
const PATH = [...imageToolBins, process.env["PATH"] ?? ""].join(delimiter);

/** Runs a tool to its end, in a folder; throws with what it said when it fails. Answers its stdout. */
export async function run(argv: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...argv], { cwd, env: { ...process.env, PATH }, stdin: "ignore", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const status = await child.exited;
  if (status !== 0) throw new Error(`"${argv.join(" ")}" ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** Runs our builder. */
export async function build(argv: readonly string[], cwd: string): Promise<string> {
  return await run([process.execPath, MAIN, ...argv], cwd);
}
