// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { containerdBin, type ContainerdVersion } from "../../../scripts/toolchain/containerd.ts";
import {
  runCommand,
  runForBytes,
  type CommandBytes,
  type CommandOptions,
  type CommandResult,
} from "./command.ts";
import { containerdConfig } from "./containerd-config.ts";
import { engineFolders } from "./engines.ts";
import { openMountNamespace, type MountNamespace } from "./mount-namespace.ts";
import { endRemains, FOLDER_PREFIX, namespaceOf, sweepStaleFolders } from "./remains.ts";
import { waitUntil } from "./wait-until.ts";

/** Where `npm run build` puts what containerd runs. */
export const DIST: string = resolve(import.meta.dir, "../../../dist/bin");

/** ctr 2.x would warn of cgroup v1 on the stderr that tests read. */
const CTR_ENVIRONMENT = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  CONTAINERD_SUPPRESS_DEPRECATION_WARNINGS: "1",
};

export interface ContainerdOptions {
  readonly version: ContainerdVersion;
  /** Folders in which containerd and the shims look for executables, instead of all of ours and the system's. */
  readonly path?: readonly string[];
  /** Whether containerd logs debug lines, and tells the shims to. */
  readonly debug?: boolean;
  /** Answers the tables that configure the CRI plugin, which then runs, in a network of its own; the folder is its. */
  readonly cri?: (folder: string) => Promise<readonly string[]>;
}

/** A containerd of our own. Its folder holds root, state, socket, log and the private /run. */
export interface Containerd extends AsyncDisposable {
  readonly version: string;
  readonly folder: string;
  /** The containerd namespace of all calls: `k8s.io` with CRI, else `cgroup`. */
  readonly namespace: string;
  /** Part of the path of every container's cgroup, and of no other on the machine. */
  readonly cgroup: string;
  readonly mounts: MountNamespace;
  pid(): number;
  /** Runs ctr(1) against it. */
  ctr(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  ctrForBytes(args: readonly string[], options?: CommandOptions): Promise<CommandBytes>;
  /** The same command line, for a caller that spawns it itself. */
  ctrCommand(args: readonly string[]): string[];
  log(): Promise<string>;
  /** A container id that no other call answered. */
  nextId(): string;
  /** Ends containerd with SIGKILL; shims and containers stay. */
  kill(): Promise<void>;
  /** Starts it again on the same root and state after `kill`. */
  start(): Promise<void>;
}

/** Starts a containerd of our own; the caller disposes, which ends everything it started and removes its folder. */
export async function startContainerd(options: ContainerdOptions): Promise<Containerd> {
  await sweepStaleFolders();
  // A unix socket's path has 108 bytes at most and /run/runwasi/<sha256> must fit behind this.
  const folder = await mkdtemp(FOLDER_PREFIX);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "owner"), String(process.pid));
  await Promise.all(["root", "state"].map((name) => mkdir(join(folder, name), { mode: 0o711 })));
  await writeFile(
    join(folder, "config.toml"),
    containerdConfig(options.version, folder, {
      debug: options.debug ?? false,
      cri: await options.cri?.(folder),
    }),
  );
  const hasCri = options.cri !== undefined;
  const mounts = undo.use(await openMountNamespace(folder, { ownNetwork: hasCri }));
  const path = options.path ?? (await defaultPath(options.version));
  const containerd = new PrivateContainerd({ version: options.version, path, hasCri }, folder, mounts);
  undo.defer(() => endRemains(folder, containerd.cgroup, mounts.holderPid));
  await containerd.start();
  return containerd.own(undo.move());
}

/** Folders of the shims, of containerd, of the engines and of the system. */
export async function defaultPath(version: ContainerdVersion): Promise<readonly string[]> {
  const engines = await engineFolders();
  return [DIST, containerdBin(version), ...engines, "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
}

interface Fixed {
  readonly version: ContainerdVersion;
  readonly path: readonly string[];
  readonly hasCri: boolean;
}

class PrivateContainerd implements Containerd {
  readonly version: ContainerdVersion;
  readonly folder: string;
  readonly namespace: string;
  readonly cgroup: string;
  readonly mounts: MountNamespace;
  readonly #path: string;
  #owned: AsyncDisposable | undefined;
  #process: Bun.Subprocess | undefined;
  #ids = 0;

  constructor(options: Fixed, folder: string, mounts: MountNamespace) {
    this.version = options.version;
    this.folder = folder;
    this.mounts = mounts;
    this.cgroup = namespaceOf(folder);
    this.namespace = options.hasCri ? "k8s.io" : this.cgroup;
    this.#path = options.path.join(":");
  }

  own(resources: AsyncDisposable): this {
    this.#owned = resources;
    return this;
  }

  pid(): number {
    if (this.#process === undefined) throw new Error("containerd is not running");
    return this.#process.pid;
  }

  ctrCommand(args: readonly string[]): string[] {
    const ctr = join(containerdBin(this.version), "ctr");
    return this.mounts.enter([ctr, "--address", this.#socket(), "--namespace", this.namespace, ...args]);
  }

  ctr(args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return runCommand(this.ctrCommand(args), { env: CTR_ENVIRONMENT, ...options });
  }

  ctrForBytes(args: readonly string[], options?: CommandOptions): Promise<CommandBytes> {
    return runForBytes(this.ctrCommand(args), { env: CTR_ENVIRONMENT, ...options });
  }

  log(): Promise<string> {
    return readFile(join(this.folder, "containerd.log"), "utf8");
  }

  nextId(): string {
    this.#ids += 1;
    return `c${this.#ids}`;
  }

  async start(): Promise<void> {
    const executable = join(containerdBin(this.version), "containerd");
    const log = Bun.file(join(this.folder, "containerd.log"));
    const earlier = (await log.exists()) ? await log.text() : "";
    // Its PATH is a test's to choose; nsenter and setpriv are found by our own.
    const script = 'exec env -i HOME=/root TMPDIR=/tmp PATH="$4" "$1" --config "$2" >>"$3" 2>&1';
    const files = [executable, join(this.folder, "config.toml"), join(this.folder, "containerd.log")];
    const argv = ["setpriv", "--pdeathsig", "KILL", "sh", "-c", script, "containerd", ...files, this.#path];
    this.#process = Bun.spawn(this.mounts.enter(argv), {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "inherit",
      cwd: "/",
    });
    await waitUntil("containerd to serve", async () => {
      const added = (await this.log().catch(() => "")).slice(earlier.length);
      if (this.#process?.exitCode !== null) throw new Error(`containerd has ended: ${added.slice(-2000)}`);
      return added.includes("containerd successfully booted") ? true : undefined;
    });
  }

  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    process?.kill("SIGKILL");
    await process?.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#owned?.[Symbol.asyncDispose]();
    this.#owned = undefined;
  }

  #socket(): string {
    return join(this.folder, "containerd.sock");
  }
}
