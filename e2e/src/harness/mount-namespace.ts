// SPDX-License-Identifier: Apache-2.0
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "./wait-until.ts";

/** What shims keep beyond a boot. Its mount point is made on the host, empty. */
const NODE_FOLDER = "/var/lib/runwasi";

/** What /var/lib is in a mount namespace with a network of its own; in others only NODE_FOLDER is a folder of ours. */
export function libFolderOf(folder: string): string {
  return join(folder, "lib");
}

export interface MountNamespaceOptions {
  /**
   * Gives it a network of its own, too, with a loopback interface and nothing else, and a /var/lib that is a folder of ours:
   * that is where network plugins write down which addresses they gave away. Shared memory is its own as well, which a
   * pod may ask for from its node.
   */
  readonly ownNetwork?: boolean;
}

/** A mount namespace that outlives the containerds started in it, as the host's outlives them in production. */
export interface MountNamespace extends AsyncDisposable {
  /** The process that keeps the namespace alive. */
  readonly holderPid: number;
  /** What /run is inside, as a folder of the host. */
  readonly runFolder: string;
  /** The same of /var/lib/runwasi. */
  readonly nodeFolder: string;
  /** The same command, to be run inside the namespace. */
  enter(argv: readonly string[]): string[];
}

/**
 * Opens a private copy of the host's mounts in which /run and /var/lib/runwasi are folders of ours and the cgroup2 mount that crun
 * refuses beside cgroup v1 is absent. Nothing done inside reaches the host's own mounts. The caller disposes.
 */
export async function openMountNamespace(
  folder: string,
  { ownNetwork = false }: MountNamespaceOptions = {},
): Promise<MountNamespace> {
  const [runFolder, libFolder] = [join(folder, "run"), libFolderOf(folder)];
  const nodeFolder = join(libFolder, "runwasi");
  for (const path of [runFolder, nodeFolder]) await mkdir(path, { recursive: true, mode: 0o755 });
  const setUp = [
    "if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi",
    'mount --bind "$1" /run',
    ...(ownNetwork
      ? ['mount --bind "$2" /var/lib', "ip link set lo up"]
      : ['mkdir -p "$3" && mount --bind "$2/runwasi" "$3"']),
    "echo ready",
    "exec sleep infinity",
  ].join(" && ");
  const unshare = [
    "unshare",
    "--mount",
    "--propagation",
    "private",
    ...(ownNetwork ? ["--net", "--ipc"] : []),
  ];
  const inside = ["sh", "-c", setUp, "holder", runFolder, libFolder, NODE_FOLDER];
  const holder = Bun.spawn([...unshare, "setpriv", "--pdeathsig", "KILL", ...inside], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    cwd: "/",
  });
  const first = await holder.stdout.getReader().read();
  if (first.done) throw new Error(`cannot open mount namespace: set-up ended with ${await holder.exited}`);
  // The kernel keeps the namespace for as long as a process is in it; sh has become sleep by then.
  await waitUntil("holder to exec", async () =>
    (await Bun.file(`/proc/${holder.pid}/comm`).text()).trim() === "sleep" ? true : undefined,
  );
  return {
    holderPid: holder.pid,
    runFolder,
    nodeFolder,
    enter: (argv) => [
      "nsenter",
      `--mount=/proc/${holder.pid}/ns/mnt`,
      ...(ownNetwork ? [`--net=/proc/${holder.pid}/ns/net`, `--ipc=/proc/${holder.pid}/ns/ipc`] : []),
      "--",
      ...argv,
    ],
    async [Symbol.asyncDispose]() {
      holder.kill("SIGKILL");
      await holder.exited;
    },
  };
}
