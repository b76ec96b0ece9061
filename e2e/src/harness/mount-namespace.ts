// SPDX-License-Identifier: Apache-2.0
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "./wait-until.ts";

/** Its mount point is made on the host, empty. */
const NODE_FOLDER = "/var/lib/runwasi";

/** A mount namespace that outlives the containerds started in it, as the host's outlives them in production. */
export interface MountNamespace extends AsyncDisposable {
  /** The process that keeps the namespace alive. */
  readonly holderPid: number;
  /** What /run is inside, as a folder of the host. */
  readonly runFolder: string;
  /** The same of /var/lib/runwasi, where shims keep what outlives a boot. */
  readonly libFolder: string;
  /** The same command, to be run inside the namespace. */
  enter(argv: readonly string[]): string[];
}

/**
 * Opens a private copy of the host's mounts in which /run and /var/lib/runwasi are folders of ours and the cgroup2 mount that crun
 * refuses beside cgroup v1 is absent. Nothing done inside reaches the host's own mounts. The caller disposes.
 */
export async function openMountNamespace(folder: string): Promise<MountNamespace> {
  const runFolder = join(folder, "run");
  const libFolder = join(folder, "lib");
  await mkdir(runFolder, { recursive: true, mode: 0o755 });
  await mkdir(libFolder, { recursive: true, mode: 0o755 });
  const setUp = [
    "if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi",
    'mount --bind "$1" /run',
    'mkdir -p "$3" && mount --bind "$2" "$3"',
    "echo ready",
    "exec sleep infinity",
  ].join(" && ");
  const holder = Bun.spawn(
    ["unshare", "--mount", "--propagation", "private", "setpriv", "--pdeathsig", "KILL"].concat([
      "sh",
      "-c",
      setUp,
      "holder",
      runFolder,
      libFolder,
      NODE_FOLDER,
    ]),
    { stdin: "ignore", stdout: "pipe", stderr: "inherit", cwd: "/" },
  );
  const first = await holder.stdout.getReader().read();
  if (first.done) throw new Error(`cannot open mount namespace: set-up ended with ${await holder.exited}`);
  // The kernel keeps the namespace for as long as a process is in it; sh has become sleep by then.
  await waitUntil("holder to exec", async () =>
    (await Bun.file(`/proc/${holder.pid}/comm`).text()).trim() === "sleep" ? true : undefined,
  );
  return {
    holderPid: holder.pid,
    runFolder,
    libFolder,
    enter: (argv) => ["nsenter", `--mount=/proc/${holder.pid}/ns/mnt`, "--", ...argv],
    async [Symbol.asyncDispose]() {
      holder.kill("SIGKILL");
      await holder.exited;
    },
  };
}
