#!/usr/bin/env bun
// SPDX-License-Identifier: Apache-2.0
import { isatty } from "node:tty";
import { BuildError } from "./build-error.ts";
import { runCommand } from "./run-command.ts";

async function writeStdout(content: Uint8Array | string): Promise<void> {
  try {
    await Bun.write(Bun.stdout, content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BuildError("output", `cannot write to stdout: ${reason}`, { cause: error });
  }
}

try {
  await runCommand(process.argv.slice(2), {
    stdin: () => Bun.stdin.bytes(),
    stdout: writeStdout,
    isTerminal: isatty(1),
    sourceDateEpoch: process.env["SOURCE_DATE_EPOCH"],
  });
} catch (error) {
  const message = error instanceof BuildError ? error.message : String(error);
  const hint = error instanceof BuildError && error.kind === "usage" ? "\n--help says more" : "";
  process.stderr.write(`oci-tar-builder: ${message}${hint}\n`);
  process.exitCode = error instanceof BuildError && error.kind === "usage" ? 2 : 1;
}
