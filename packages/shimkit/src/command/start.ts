// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";
import { writeStdout } from "../linux/output.ts";
import { requireFlags, type Flags } from "./flags.ts";

/** What a daemon, or the OCI runtime, reads of containerd's environment. Nothing that steers Bun or the loader goes on. */
const INHERITED = ["PATH", "TTRPC_ADDRESS", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"] as const;

/**
 * The `start` command, where the executable itself is what containerd runs: starts it again without the command, in a
 * session of its own, and passes on what that answers. `containerd-shim.sh` does the same and boots Bun once only.
 *
 * @param argv the arguments after the executable's name, "start" last, as containerd has them
 * @throws ShimError InvalidArgument without the flags that it needs; Unknown when the daemon answers nothing:
 * it has said why on stderr.
 */
export async function start(flags: Flags, argv: readonly string[]): Promise<void> {
  requireFlags(flags, "namespace", "id", "address");
  const daemon = Bun.spawn([process.execPath, ...argv.slice(0, argv.lastIndexOf("start"))], {
    argv0: process.argv0,
    env: daemonEnvironment(),
    stdio: ["inherit", "pipe", "inherit"],
    detached: true,
  });
  daemon.unref();
  const answer = await daemon.stdout.bytes(); // ends when the daemon lets go of its stdout
  if (answer.length === 0) throw new ShimError("Unknown", "cannot start: the daemon did not answer");
  writeStdout(answer);
}

function daemonEnvironment(): Record<string, string> {
  const env: Record<string, string> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  // A daemon's code runs briefly and rarely: without the optimising compilers, and with one thread that collects garbage,
  // it needs 0.6 MB and three threads less. Bun looks once a second for garbage: idle, that is most of what a daemon does.
  env["BUN_JSC_useDFGJIT"] = "0";
  env["BUN_JSC_useConcurrentJIT"] = "0";
  env["BUN_JSC_numberOfGCMarkers"] = "1";
  env["BUN_GC_TIMER_INTERVAL"] = "10000";
  return env;
}
