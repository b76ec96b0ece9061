#!/usr/bin/env bun
// SPDX-License-Identifier: Apache-2.0
import { isatty } from "node:tty";
import { BuildError } from "./build-error.ts";
import { runCommand } from "./run-command.ts";

try {
  await runCommand(process.argv.slice(2), {
    stdin: () => Bun.stdin.bytes(),
    stdout: async (content) => void (await Bun.write(Bun.stdout, content)),
    isTerminal: isatty(1),
    sourceDateEpoch: process.env["SOURCE_DATE_EPOCH"],
  });
} catch (error) {
  const message = error instanceof BuildError ? error.message : String(error);
  const hint = error instanceof BuildError && error.kind === "usage" ? "\n--help says more" : "";
  process.stderr.write(`oci-tar-builder: ${message}${hint}\n`);
  process.exitCode = error instanceof BuildError && error.kind === "usage" ? 2 : 1;
}
