// SPDX-License-Identifier: Apache-2.0
import { closeSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeSpec } from "@runwasi/oci";
import { bundleAt, readSpec } from "../bundle.ts";
import { lockSockets, socketPath, stateDir } from "../daemon/state-dir.ts";
import { hasErrno } from "../linux/errno.ts";
import { writeStdout } from "../linux/output.ts";
import { listenUnix } from "../linux/socket-syscalls.ts";
import { requireFlags, type Flags } from "./flags.ts";
import { readStdin } from "./stdin.ts";

/** Containers with the same value of the first of these annotations share a daemon. */
const GROUP_ANNOTATIONS = ["io.containerd.runc.v2.group", "io.kubernetes.cri.sandbox-id"] as const;
/** As high as oom_score_adj goes; proc(5). */
const MAX_OOM_SCORE_ADJ = 1000;

/**
 * The `start` command: finds the daemon of this container's group or starts one, and prints its address.
 *
 * The socket listens before the daemon runs: this command binds it, hands it over and ends, and containerd's first
 * connection waits in the backlog while the daemon boots.
 */
export async function start(flags: Flags): Promise<void> {
  requireFlags(flags, "namespace", "id", "address");
  const stdin = readStdin();
  // Without anything to decode, as from containerd before 2.3, the codec is not waited for.
  const bootstrap = stdin.length === 0 ? undefined : await import("./bootstrap.ts");
  const params = bootstrap?.parseBootstrapParams(stdin, flags);
  const debug = bootstrap?.wantsDebug(flags, params) ?? flags.debug;
  const bundle = bundleAt(process.cwd());
  const group = groupOf(readSpec(bundle)) ?? flags.id;
  const dir = stateDir();
  const socket = socketPath(dir, flags.address, flags.namespace, group);
  // Without the lock first: a daemon that hangs must not stop every other start on the node.
  if (!(await isServed(socket, flags.id))) {
    using _lock = lockSockets(dir);
    if (!(await isServed(socket, flags.id))) {
      rmSync(socket, { force: true }); // of a daemon that was killed
      startDaemon(socket, { ...flags, group, debug }, bundle.path);
    }
  }
  const address = `unix://${socket}`;
  writeFileSync(join(bundle.path, "address"), address, { mode: 0o600 });
  writeStdout(bootstrap?.formatStartReply(address, params) ?? address);
}

async function isServed(socket: string, id: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  return (await import("../daemon/daemon-client.ts")).announceTask(socket, id);
}

function groupOf({ annotations }: RuntimeSpec): string | undefined {
  return GROUP_ANNOTATIONS.map((name) => annotations?.[name]).find(
    (value) => value !== undefined && value !== "",
  );
}

function startDaemon(socket: string, { namespace, id, address, group, debug }: Flags, bundle: string): void {
  process.umask(0o177);
  const fd = listenUnix(socket);
  process.umask(0o022);
  const flags = ["-namespace", namespace, "-id", id, "-address", address, "-group", group, "-bundle", bundle];
  const daemon = Bun.spawn([process.execPath, ...flags, ...(debug ? ["-debug"] : [])], {
    argv0: process.argv0,
    cwd: "/",
    env: daemonEnvironment(),
    stdio: ["ignore", "ignore", "ignore", fd],
    detached: true,
  });
  daemon.unref();
  closeSync(fd);
  adjustOomScore(daemon.pid);
}

// Only what the daemon reads. Nothing that steers Bun or the loader goes on from containerd's environment.
function daemonEnvironment(): Record<string, string> {
  const env: Record<string, string> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
  for (const name of ["PATH", "TTRPC_ADDRESS", "XDG_RUNTIME_DIR"]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  // A daemon's code runs briefly and rarely: without the optimising compilers it needs 0.5 MB and two threads less.
  env["BUN_JSC_useDFGJIT"] = "0";
  env["BUN_JSC_useConcurrentJIT"] = "0";
  return env;
}

// One above containerd's own, as runc's shim sets it: the kernel ends the shim before containerd, and containers,
// whose scores CRI sets, before the shim.
function adjustOomScore(pid: number): void {
  const score = Number(readFileSync(`/proc/${process.ppid}/oom_score_adj`, "utf8"));
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(Math.min(score + 1, MAX_OOM_SCORE_ADJ)));
  } catch (error) {
    // In a user namespace the kernel may refuse, and a shim without the score still works.
    if (!hasErrno(error, "EACCES", "EPERM")) throw error;
  }
}
