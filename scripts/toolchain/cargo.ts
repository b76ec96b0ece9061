// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInstaller } from "./command.ts";

/** What `cargo install` is told beside where to put the executables. */
export interface CargoInstall {
  /** Arguments that name the crate: `["--version", "1.0.0", "some-crate"]`, or `["--path", folder]`. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Builds a Rust program by its own lock file into `folder/bin`. What the compiler leaves (gigabytes for an engine)
 * goes to a temporary folder that is removed with the build.
 */
export async function cargoInstall(folder: string, { args, env = {} }: CargoInstall): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const target = await mkdtemp(join(tmpdir(), "runwasi-cargo-"));
  stack.defer(() => rm(target, { recursive: true, force: true }));
  await runInstaller(["cargo", "install", "--locked", "--root", folder, ...args], {
    ...env,
    CARGO_TARGET_DIR: target,
  });
}
