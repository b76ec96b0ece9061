// SPDX-License-Identifier: Apache-2.0
import { parseFlags } from "./command/flags.ts";
import type { CreateInstance } from "./instance.ts";
import { messageOf } from "./error.ts";

/** A shim: its name for containerd and what makes its containers. */
export interface ShimDefinition {
  /** As in `--runtime`: `io.containerd.<name>.<version>`. */
  readonly name: string;
  readonly version: string;
  readonly createInstance: CreateInstance;
}

/**
 * The whole program of a shim: runs the command that containerd asks for, or the daemon.
 *
 * @param argv the arguments after the executable's name
 */
export async function runShim(shim: ShimDefinition, argv: readonly string[]): Promise<void> {
  try {
    await runCommand(shim, argv);
  } catch (error) {
    // containerd puts the output of a failed command into its error, which becomes the pod's event.
    process.stderr.write(`${shim.name}: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

async function runCommand(shim: ShimDefinition, argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv);
  // Each command loads only what it needs: `start` and `delete` are on the path of every container.
  switch (flags.action) {
    case "start":
      return (await import("./command/start.ts")).start(flags);
    case "delete":
      return (await import("./command/delete.ts")).deleteContainer(flags);
    case "info":
      return (await import("./command/info.ts")).info(shim);
    case "version":
      process.stdout.write(
        `${process.argv0}:\n  Version:  ${shim.version}\n  Runtime:  Bun ${Bun.version}\n`,
      );
      return;
    case "daemon":
      return (await import("./daemon/daemon.ts")).runDaemon(shim, flags);
    default:
      return flags.action satisfies never;
  }
}
