// SPDX-License-Identifier: Apache-2.0
import { readAnnotations } from "../bundle-spec.ts";
import { requireFlags, type Flags } from "../command/flags.ts";
import { readStdin } from "../command/stdin.ts";
import {
  close,
  duplicateOnto,
  isThere,
  openToUpdate,
  readText,
  removeFile,
  writeText,
} from "../linux/file-syscalls.ts";
import { writeStdout } from "../linux/output.ts";
import { leaveSession } from "../linux/process-syscalls.ts";
import { listenUnix } from "../linux/socket-syscalls.ts";
import type { DaemonScope, ShimDefinition } from "../shim.ts";
import { lockSockets, socketPath, stateDir, type DaemonGroup } from "./state-dir.ts";

/** Containers with the same value of the first of these annotations share a daemon. */
const GROUP_ANNOTATIONS = ["io.containerd.runc.v2.group", "io.kubernetes.cri.sandbox-id"] as const;
/** As high as oom_score_adj goes; proc(5). */
const MAX_OOM_SCORE_ADJ = 1000;
const STDIO = [0, 1, 2] as const;

/** A group of containers that has no daemon yet: the process that has this is to serve it. */
export interface OpenedGroup {
  /** Listening; the daemon's to close. */
  readonly fd: number;
  readonly socket: string;
  /** Whose containers it serves. */
  readonly scope: DaemonScope;
  /** Of the group's first container. */
  readonly bundle: string;
  readonly debug: boolean;
}

/**
 * Finds the daemon of a container's group, or makes this process the one that becomes it, and prints what `start` has to
 * answer: containerd connects at once, and waits in the socket's backlog while the daemon loads.
 *
 * What answers undefined has nothing more to do. What answers a group has let go of all that it had from whoever started
 * it: working directory, session, stdin, stdout and stderr.
 *
 * @throws ShimError with the reason, before anything is printed; no socket is left then.
 */
export async function openGroup(shim: ShimDefinition, flags: Flags): Promise<OpenedGroup | undefined> {
  requireFlags(flags, "namespace", "id", "address");
  const stdin = readStdin();
  // Without anything to decode, as from containerd before 2.3, the codec is not waited for.
  const bootstrap = stdin.length === 0 ? undefined : await import("../command/bootstrap.ts");
  const params = bootstrap?.parseBootstrapParams(stdin, flags);
  const bundle = process.cwd();
  const group = groupOf(shim, bundle) ?? flags.id;
  const dir = stateDir();
  const socket = socketPath(dir, flags.address, flags.namespace, group);
  const fd = await listenUnlessServed(dir, socket, flags.id);
  const address = `unix://${socket}`;
  try {
    writeText(`${bundle}/address`, address, 0o600);
    writeStdout(bootstrap?.formatStartReply(address, params) ?? address);
  } catch (error) {
    if (fd !== undefined) removeFile(socket); // nobody was told of it
    throw error;
  }
  if (fd === undefined) return undefined;
  leave();
  const scope = typeof group === "string" ? "pod" : "node";
  return { fd, socket, scope, bundle, debug: bootstrap?.wantsDebug(flags, params) ?? flags.debug };
}

/** The listening socket; undefined when a daemon serves it, which expects the container now. */
async function listenUnlessServed(dir: string, socket: string, id: string): Promise<number | undefined> {
  // Without the lock first: a daemon that hangs must not stop every other start on the node.
  if (await isServed(socket, id)) return undefined;
  using _lock = lockSockets(dir);
  if (await isServed(socket, id)) return undefined;
  removeFile(socket); // of a daemon that was killed
  process.umask(0o177);
  const fd = listenUnix(socket);
  process.umask(0o022);
  return fd;
}

async function isServed(socket: string, id: string): Promise<boolean> {
  if (!isThere(socket)) return false;
  return (await import("./daemon-client.ts")).announceTask(socket, id);
}

function groupOf({ daemonScope, name, version }: ShimDefinition, bundle: string): DaemonGroup | undefined {
  // A new version gets a daemon of its own beside the old one, which goes on with the containers that it has.
  if (daemonScope?.() === "node") return { shim: name, version };
  const annotations = readAnnotations(bundle);
  return GROUP_ANNOTATIONS.map((name) => annotations[name]).find(
    (value) => value !== undefined && value !== "",
  );
}

// Whoever waits for the answer waits until these are closed: before all else.
function leave(): void {
  const nothing = openToUpdate("/dev/null");
  for (const fd of STDIO) duplicateOnto(nothing, fd);
  close(nothing);
  adjustOomScore();
  leaveSession();
  process.chdir("/");
}

// One above containerd's own, which this process has from it, as runc's shim sets it: the kernel ends the shim before
// containerd, and containers, whose scores CRI sets, before the shim.
function adjustOomScore(): void {
  try {
    const score = Number(readText("/proc/self/oom_score_adj"));
    writeText("/proc/self/oom_score_adj", String(Math.min(score + 1, MAX_OOM_SCORE_ADJ)), 0);
  } catch {
    // In a user namespace the kernel may refuse, and a shim without the score still works.
  }
}
