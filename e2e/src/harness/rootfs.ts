// SPDX-License-Identifier: Apache-2.0
import { chmod, lchown, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TarEntry } from "../../../packages/oci/src/image-layout-tar.ts";
import { mustRun } from "./command.ts";

/** Folders that the runtime and the programs in an image expect. */
export const BASE_FOLDERS: readonly TarEntry[] = [
  ...["bin", "dev", "etc", "proc", "root", "run", "sys", "work"].map((path): TarEntry => ({
    kind: "folder",
    path,
  })),
  { kind: "folder", path: "tmp", mode: 0o1777 },
  { kind: "folder", path: "home" },
  { kind: "folder", path: "home/user", owner: { uid: 1000, gid: 1000 } },
];

const ACCOUNTS: readonly TarEntry[] = [
  {
    kind: "file",
    path: "etc/passwd",
    content: "root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n",
  },
  { kind: "file", path: "etc/group", content: "root:x:0:\nuser:x:1000:\n" },
];

/** The host's static busybox with a link for every applet, and two accounts: root and user (1000). */
export async function busyboxRootfs(): Promise<TarEntry[]> {
  const applets = (await mustRun(["/usr/bin/busybox", "--list"])).trim().split("\n");
  return [
    ...BASE_FOLDERS,
    ...ACCOUNTS,
    { kind: "file", path: "bin/busybox", content: await readFile("/usr/bin/busybox"), mode: 0o755 },
    ...applets
      .filter((name) => name !== "busybox")
      .map((name): TarEntry => ({ kind: "symlink", path: `bin/${name}`, target: "busybox" })),
  ];
}

/** Unpacks files below `folder`, for a container whose spec names its rootfs. */
export async function writeRootfs(folder: string, entries: readonly TarEntry[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const entry of entries) {
    const path = join(folder, entry.path);
    await mkdir(dirname(path), { recursive: true });
    if (entry.kind === "symlink") await symlink(entry.target, path);
    else if (entry.kind === "folder") await mkdir(path, { recursive: true });
    else await writeFile(path, entry.content);
    if (entry.kind !== "symlink") await chmod(path, entry.mode ?? (entry.kind === "folder" ? 0o755 : 0o644));
    if (entry.owner !== undefined) await lchown(path, entry.owner.uid, entry.owner.gid);
  }
}
