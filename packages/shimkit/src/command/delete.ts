// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bundleAt, readExitResponse, readPidFile, readRuntimeRecord, type Bundle } from "../bundle.ts";
import { messageOf } from "../error.ts";
import { JOB_ID, jobBundle } from "../job/job-bundle.ts";
import { writeStderr, writeStdout } from "../linux/output.ts";
import { mayBeMounted } from "../mount/is-mounted.ts";
import { requireFlags, type Flags } from "./flags.ts";

/** Exit status of a process that SIGKILL ended. */
const KILLED = 137;

/**
 * The `delete` command: cleans up after a daemon that is gone, by the bundle alone, and prints a DeleteResponse.
 *
 * containerd 1.6 also runs it after every ordinary deletion, when nothing is left to do: then it starts no process.
 */
export async function deleteContainer(flags: Flags): Promise<void> {
  requireFlags(flags, "namespace", "id");
  const bundle = bundleAt(bundlePath(flags));
  await attempt("delete the container", () => deleteFromRuntime(bundle, flags.id));
  await attempt("end the container's job", () => deleteFromRuntime(jobBundle(bundle), JOB_ID));
  const killedAtMs = Date.now();
  await attempt("unmount the rootfs", () => unmount(bundle.rootfs));
  await attempt("remove the socket", () => removeDeadSocket(bundle));
  writeStdout(readExitResponse(bundle) ?? (await responseOfKilled(bundle, killedAtMs)));
}

async function responseOfKilled(bundle: Bundle, exitedAtMs: number): Promise<Uint8Array> {
  const { encodeDeleteResponse } = await import("./delete-response.ts");
  return encodeDeleteResponse({ pid: readPidFile(bundle.pidFile) ?? 0, status: KILLED, exitedAtMs });
}

// One thing that cannot be cleaned up must not keep the others, or containerd would keep the task for ever. What is
// written to stderr becomes a warning in containerd's log.
async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    writeStderr(`cannot ${what}: ${messageOf(error)}\n`);
  }
}

// containerd names the bundle by flag, by cwd, or (for a pod's container) only by id beside the cwd.
function bundlePath({ bundle, id }: Flags): string {
  if (bundle !== "") return bundle;
  const cwd = process.cwd();
  return basename(cwd) === id ? cwd : join(dirname(cwd), id);
}

async function deleteFromRuntime(bundle: Bundle, id: string): Promise<void> {
  const record = readRuntimeRecord(bundle);
  if (record === undefined || !existsSync(join(record.root, id))) return;
  const { openRecorded } = await import("../oci-instance/runtime-for.ts");
  await openRecorded(bundle, record, (argv, options) => Bun.spawn(argv, options)).delete(id);
}

async function unmount(rootfs: string): Promise<void> {
  if (!mayBeMounted(rootfs)) return;
  await (await import("../mount/unmount-rootfs.ts")).unmountRootfs(rootfs);
}

async function removeDeadSocket(bundle: Bundle): Promise<void> {
  const addressFile = join(bundle.path, "address");
  if (!existsSync(addressFile)) return;
  const socket = readFileSync(addressFile, "utf8").replace(/^unix:\/\//, "");
  if (!existsSync(socket)) return;
  const { lockSockets, stateDir } = await import("../daemon/state-dir.ts");
  const dir = stateDir();
  if (dirname(socket) !== dir) return;
  const { isListening } = await import("../daemon/daemon-client.ts");
  using _lock = lockSockets(dir);
  if (!(await isListening(socket))) rmSync(socket, { force: true });
}
