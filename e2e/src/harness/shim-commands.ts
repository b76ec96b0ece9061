// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DeleteResponse } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import type { CreateTaskRequest } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { connect, type TtrpcClient } from "@runwasi/ttrpc";
import type { TarEntry } from "../../../packages/oci/src/image-layout-tar.ts";
import { runCommand, runForBytes, type CommandBytes, type CommandResult } from "./command.ts";
import { DIST, type Containerd } from "./containerd.ts";
import { readProcess } from "./processes.ts";
import { BASE_FOLDERS } from "./rootfs.ts";
import type { Runtime } from "./runtimes.ts";
import { writeSpec, type JsonMap } from "./spec.ts";
import { TASK } from "./task-client.ts";
import { waitUntil } from "./wait-until.ts";

/** A shell, for a rootfs that is written anew for each test. */
export async function shellFiles(): Promise<TarEntry[]> {
  return [
    ...BASE_FOLDERS,
    { kind: "file", path: "bin/busybox", content: await readFile("/usr/bin/busybox"), mode: 0o755 },
    ...["sh", "sleep", "cat", "true"].map((name): TarEntry => ({
      kind: "symlink",
      path: `bin/${name}`,
      target: "busybox",
    })),
  ];
}

/** A shim run by hand on a bundle of the test's own, of which containerd knows nothing. */
export interface HandShim {
  readonly id: string;
  readonly bundle: string;
  readonly rootfs: string;
  /** The `start` command. */
  start(options?: StartOptions): Promise<CommandBytes>;
  /** The `delete` command, which has to succeed. */
  deleteByCommand(options?: { readonly folder?: string }): Promise<DeleteResponse>;
  /** Connects to the daemon that `start` answered; the caller disposes. */
  connect(): Promise<TtrpcClient>;
  readonly createRequest: CreateTaskRequest;
}

interface StartOptions {
  readonly stdin?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Folder with the executable, instead of dist/. */
  readonly folder?: string;
}

/** Makes a bundle with a shell in its rootfs and `patch` in its spec; nothing runs yet. */
export async function openHandShim(
  containerd: Containerd,
  runtime: Runtime,
  patch: JsonMap = {},
): Promise<HandShim> {
  const { id, flags, rootfs } = await writeSpec(containerd, await shellFiles(), patch);
  const bundle = dirname(flags[1] ?? "");
  const commonFlags = ["-namespace", containerd.namespace, "-id", id];
  commonFlags.push("-address", join(containerd.folder, "containerd.sock"));
  return {
    id,
    bundle,
    rootfs,
    start: ({ stdin = new Uint8Array(), env = {}, flags: more = [], folder = DIST } = {}) =>
      runForBytes(
        inFolder(containerd, bundle, [shimPath(runtime, folder), ...commonFlags, ...more, "start"]),
        {
          stdin,
          env: { ...environmentFor(containerd), ...env },
        },
      ),
    async deleteByCommand({ folder = DIST } = {}) {
      const argv = [shimPath(runtime, folder), ...commonFlags, "-bundle", bundle, "delete"];
      const { stdout, stderr, exitCode } = await runForBytes(inFolder(containerd, bundle, argv), {
        env: environmentFor(containerd),
      });
      if (exitCode !== 0 || stderr !== "") throw new Error(`delete ended with ${exitCode}: ${stderr}`);
      return DeleteResponse.decode(stdout);
    },
    connect: async () => connect({ path: await handSocket(containerd, bundle), timeoutMs: 5_000 }),
    createRequest: {
      id,
      bundle,
      rootfs: [],
      terminal: false,
      stdin: "",
      stdout: "",
      stderr: "",
      checkpoint: "",
      parentCheckpoint: "",
      options: undefined,
    },
  };
}

/** Runs a container through its life, so that the caches which stay until a reboot are there. */
export async function warmUp(containerd: Containerd, runtime: Runtime): Promise<void> {
  const shim = await openHandShim(containerd, runtime, { process: { args: ["/bin/true"], terminal: false } });
  await shim.start();
  using client = await shim.connect();
  await client.call(TASK, TASK.methods.create, shim.createRequest);
  await client.call(TASK, TASK.methods.delete, { id: shim.id, execId: "" });
  await shutDown(client, shim.id);
}

/** Starts a daemon that gets no container, and ends it: the folder of the sockets, which stays, is there then. */
export async function startAndEnd(shim: HandShim): Promise<void> {
  const { exitCode, stderr } = await shim.start();
  if (exitCode !== 0) throw new Error(`start ended with ${exitCode}: ${stderr}`);
  using client = await shim.connect();
  await shutDown(client, shim.id);
}

/** Ends a container that was created, and deletes its task. */
export async function killAndDelete(client: TtrpcClient, id: string): Promise<void> {
  await client.call(TASK, TASK.methods.kill, { id, execId: "", signal: 9, all: false });
  await client.call(TASK, TASK.methods.wait, { id, execId: "" });
  await client.call(TASK, TASK.methods.delete, { id, execId: "" });
}

/** Runs an executable of dist/ in the mounts of a containerd, with its environment. */
export function runShimCommand(
  containerd: Containerd,
  argv: readonly string[],
  stdin: Uint8Array = new Uint8Array(),
): Promise<CommandResult> {
  return runCommand(inFolder(containerd, containerd.folder, argv), {
    stdin,
    env: environmentFor(containerd),
  });
}

export function shimPath(runtime: Runtime, folder: string = DIST): string {
  return join(folder, `containerd-shim-${runtime}-v1`);
}

/** The pid of the daemon on a connection. */
export async function daemonPid(client: TtrpcClient, id: string): Promise<number> {
  return (await client.call(TASK, TASK.methods.connect, { id })).shimPid;
}

/** Asks a daemon to end for a container that is not there any more, and waits until it has. */
export async function shutDown(client: TtrpcClient, id: string): Promise<void> {
  const daemon = await daemonPid(client, id);
  await client.call(TASK, TASK.methods.shutdown, { id, now: false });
  await client.closed;
  await waitUntil("daemon to end", async () => {
    const info = await readProcess(daemon);
    return info === undefined || info.state === "Z" ? true : undefined;
  });
}

/** The daemon's socket as a path of the host. */
async function handSocket(containerd: Containerd, bundle: string): Promise<string> {
  const address = await waitUntil("address of the daemon", () =>
    readFile(join(bundle, "address"), "utf8").catch(() => undefined),
  );
  return address.replace("unix:///run", containerd.mounts.runFolder);
}

function environmentFor(containerd: Containerd): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    TTRPC_ADDRESS: join(containerd.folder, "containerd.sock.ttrpc"),
  };
}

function inFolder(containerd: Containerd, folder: string, argv: readonly string[]): string[] {
  return containerd.mounts.enter(["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", folder, ...argv]);
}
