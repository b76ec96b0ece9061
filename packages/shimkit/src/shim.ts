// SPDX-License-Identifier: Apache-2.0
import { writeStderr, writeStdout } from "./linux/output.ts";
import { parseFlags, type Flags } from "./command/flags.ts";
import type { CreateInstance } from "./instance.ts";
import { messageOf } from "./error.ts";

/** Which containers share a daemon: those of a pod, or all of a node's in one namespace of containerd's. */
export type DaemonScope = "pod" | "node";

/** A shim: its name for containerd, and what makes its containers. */
export interface ShimDefinition {
  /** As in `--runtime`: `io.containerd.<name>.<version>`. */
  readonly name: string;
  /** A daemon for a whole node is found only by shims of the same version. */
  readonly version: string;
  /** Asked at every `start`, so it should be quick. A pod's containers share one where this is absent. */
  readonly daemonScope?: () => DaemonScope;
  /** Loads what makes the containers, in the daemon only: `start` and `delete` do not wait for it. */
  readonly instances: () => Promise<CreateInstance>;
}

/**
 * The whole program of a shim: runs the command that containerd asks for, or the daemon, and ends the process.
 *
 * @param argv the arguments after the executable's name
 */
export async function runShim(shim: ShimDefinition, argv: readonly string[]): Promise<void> {
  try {
    await runCommand(shim, argv);
    process.exit(0); // what a command started goes on without it
  } catch (error) {
    // containerd puts the output of a failed command into its error, which becomes the pod's event.
    writeStderr(`${shim.name}: ${messageOf(error)}\n`);
    process.exit(1);
  }
}

// containerd waits for the answer only: what serves is loaded behind it.
async function serve(shim: ShimDefinition, flags: Flags): Promise<void> {
  const opened = await (await import("./daemon/open-group.ts")).openGroup(shim, flags);
  if (opened !== undefined) await (await import("./daemon/daemon.ts")).runDaemon(shim, flags, opened);
}

async function runCommand(shim: ShimDefinition, argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv);
  // Each command loads only what it needs: `start` and `delete` are on the path of every container.
  switch (flags.action) {
    case "start":
      return (await import("./command/start.ts")).start(flags, argv);
    case "delete":
      return (await import("./command/delete.ts")).deleteContainer(flags);
    case "info":
      return (await import("./command/info.ts")).info(shim);
    case "version":
      writeStdout(`${process.argv0}:\n  Version:  ${shim.version}\n  Runtime:  Bun ${Bun.version}\n`);
      return;
    case "serve":
      return serve(shim, flags);
    default:
      return flags.action satisfies never;
  }
}
