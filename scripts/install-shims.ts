// SPDX-License-Identifier: Apache-2.0
// Installs the built shims where containerd finds them: `npm run install-shims -- --prefix /usr/local`.
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { prefix: { type: "string", default: "/usr/local" } } });
const built = join(import.meta.dir, "../dist");
/** What a shim in bin/ needs comes first: an install that breaks off leaves working shims. */
const FOLDERS = ["libexec/containerd-shims", "bin"] as const;

if (!existsSync(join(built, "bin"))) {
  process.stderr.write(`there is nothing in ${built}: run "npm run build" first\n`);
  process.exit(1);
}
for (const folder of FOLDERS) {
  mkdirSync(join(values.prefix, folder), { recursive: true });
  for (const name of readdirSync(join(built, folder))) install(join(folder, name));
}

// Replaced by rename: running shims and engines keep the file that they were started from.
function install(path: string): void {
  const source = join(built, path);
  const target = join(values.prefix, path);
  if (lstatSync(source).isSymbolicLink()) symlinkSync(readlinkSync(source), `${target}.new`);
  else copyFileSync(source, `${target}.new`);
  renameSync(`${target}.new`, target);
  console.log(`installed ${target}`);
}
