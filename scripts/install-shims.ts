// SPDX-License-Identifier: Apache-2.0
// Installs the built shims where containerd finds them: `npm run install-shims -- --prefix /usr/local`.
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { engines } from "../shims/all/src/shims.ts";

const EXECUTABLE = "containerd-shim-runwasi";

const { values } = parseArgs({ options: { prefix: { type: "string", default: "/usr/local" } } });
const built = join(import.meta.dir, "../dist", EXECUTABLE);
if (!existsSync(built)) {
  process.stderr.write(`there is no ${built}: run "npm run build" first\n`);
  process.exit(1);
}
const bin = join(values.prefix, "bin");
mkdirSync(bin, { recursive: true });

// Replaced by rename: running shims and engines keep the file that they were started from.
const installed = join(bin, EXECUTABLE);
copyFileSync(built, `${installed}.new`);
chmodSync(`${installed}.new`, 0o755);
renameSync(`${installed}.new`, installed);
for (const { name } of engines) {
  const link = join(bin, `containerd-shim-${name}-v1`);
  rmSync(link, { force: true });
  symlinkSync(EXECUTABLE, link);
  console.log(`installed ${link}`);
}
