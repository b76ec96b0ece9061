// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { engines } from "../../../shims/all/src/shims.ts";
import {
  ensureEngine,
  isInstallableEngine,
  type InstallableEngine,
} from "../../../scripts/toolchain/engine.ts";
import { mustRun } from "./command.ts";

/** The engines that the built executable has shims for. */
export const SHIM_ENGINES: readonly InstallableEngine[] = engines.map(({ name }) => {
  if (isInstallableEngine(name)) return name;
  throw new Error(`cannot test engine "${name}": scripts/toolchain/engine.ts does not know it`);
});

/** The folders of their executables, for containerd's PATH; what is missing is installed first. */
export async function engineFolders(): Promise<readonly string[]> {
  const folders = await Promise.all(SHIM_ENGINES.map(ensureEngine));
  return folders.flatMap((folder) => folder ?? []);
}

/** The folder of one engine's executable, installed first where it is missing; none for what is no engine or embedded. */
export async function engineFolder(name: string): Promise<string | undefined> {
  return isInstallableEngine(name) ? await ensureEngine(name) : undefined;
}

/** An engine's name and version, in one line: `wasmtime 48.0.8`, and of the embedded one Bun's. */
export async function engineVersion(name: InstallableEngine): Promise<string> {
  const engine = await engines.find((known) => known.name === name)?.load();
  const executable = engine?.executable;
  const folder = await ensureEngine(name);
  if (executable?.kind !== "installed" || folder === undefined) return `${name} of Bun ${Bun.version}`;
  const printed = await mustRun([join(folder, executable.name), "--version"]);
  const version = /\d+\.\d+\.\d+/.exec(printed)?.[0];
  if (version === undefined) throw new Error(`cannot tell the version of ${name}: it printed "${printed}"`);
  return `${name} ${version}`;
}
