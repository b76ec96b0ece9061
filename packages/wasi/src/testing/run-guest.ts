// SPDX-License-Identifier: Apache-2.0
// A process that runs one guest on its own stdio, for tests that need real pipes:
// bun run-guest.ts [--non-blocking] <module.wasm> [args...]
import { constants, readFileSync } from "node:fs";
import { openKernel } from "../linux-kernel.ts";
import { runWasi } from "../run.ts";

const [first, ...others] = process.argv.slice(2);
const [file = "", ...args] = first === "--non-blocking" ? others : [first ?? "", ...others];
if (first === "--non-blocking") {
  const kernel = openKernel();
  for (const fd of [0, 1, 2]) kernel.setStatusFlags(fd, constants.O_NONBLOCK);
}
process.exit(runWasi({ module: readFileSync(file), args: [file, ...args], env: [], preopens: [] }));
