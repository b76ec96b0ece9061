// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readCommand, runInstaller } from "./command.ts";

/** Builds the programs of Go packages, each `<path>@v<version>`, into `folder/bin`. */
export async function goInstall(folder: string, packages: readonly string[]): Promise<void> {
  await runInstaller(["go", "install", ...packages], { GOBIN: join(folder, "bin") });
}

/**
 * Builds packages of a module, `<path>@v<version>`, into `folder/bin`. `go install` refuses a module whose go.mod replaces
 * others; one that requires it does not look at that.
 */
export async function goBuild(folder: string, module: string, packages: readonly string[]): Promise<void> {
  const own = join(folder, "module");
  await mkdir(own, { recursive: true });
  const go = ["go", "-C", own];
  await runInstaller([...go, "mod", "init", "runwasi.test/tools"]);
  const version = module.slice(module.lastIndexOf("@"));
  await runInstaller([...go, "get", module, ...packages.map((path) => path + version)]);
  await runInstaller([...go, "build", "-o", `${join(folder, "bin")}/`, ...packages]);
  await rm(own, { recursive: true });
}

/**
 * Builds the tests of a Go package, `<path>@v<version>`, into the executable `folder/bin/<name>`. Where they have testdata
 * they read `folder/testdata` when they run in `folder`.
 */
export async function goTestExecutable(folder: string, name: string, goPackage: string): Promise<void> {
  // The go command builds the tests of a package only from a module that depends on it.
  const module = join(folder, "module");
  await mkdir(module, { recursive: true });
  const go = ["go", "-C", module];
  const path = goPackage.slice(0, goPackage.lastIndexOf("@"));
  await runInstaller([...go, "mod", "init", "tests"]);
  await runInstaller([...go, "get", "-t", goPackage]);
  await runInstaller([...go, "test", "-c", "-o", join(folder, "bin", name), path]);
  const source = (await readCommand([...go, "list", "-f", "{{.Dir}}", path])).trim();
  const testdata = join(source, "testdata");
  if (existsSync(testdata)) await cp(testdata, join(folder, "testdata"), { recursive: true });
  await rm(module, { recursive: true });
}
