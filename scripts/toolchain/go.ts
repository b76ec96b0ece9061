// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { runInstaller } from "./command.ts";

/** Builds the programs of Go packages, each `<path>@v<version>`, into `folder/bin`. */
export async function goInstall(folder: string, packages: readonly string[]): Promise<void> {
  await runInstaller(["go", "install", ...packages], { GOBIN: join(folder, "bin") });
}
