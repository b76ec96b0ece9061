// SPDX-License-Identifier: Apache-2.0
// The images that containerd's client suite pulls, by the names it has for them, with as much in them as it looks at.
import { readFile } from "node:fs/promises";
import type { Platform, TarEntry } from "@runwasi/oci";
import { busyboxRootfs } from "../harness/rootfs.ts";

/** An image for several platforms: files that are the same for all. */
export interface StandInImage {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly platforms: readonly Platform[];
  readonly layers: readonly (readonly TarEntry[])[];
}

const LINUX: readonly Platform[] = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64", variant: "v8" },
  { os: "linux", architecture: "s390x" },
  { os: "linux", architecture: "ppc64le" },
];

const CONTAINERD = "ghcr.io";
const KUBERNETES = "registry.k8s.io";

/** Accounts by the ids that the suite expects of busybox and Debian. */
const ACCOUNTS: readonly TarEntry[] = [
  file(
    "etc/passwd",
    ["root:0", "sys:3", "www-data:33", "backup:34"]
      .map((account) => {
        const [name = "", id = ""] = account.split(":");
        return `${name}:x:${id}:${id}::/root:/bin/sh\n`;
      })
      .join(""),
  ),
  file("etc/group", "root:x:0:\nsys:x:3:\nwww-data:x:33:\nbackup:x:34:\n"),
];

/** As init of its container busybox's own nc would not see SIGTERM, which has its default action. */
const OBEDIENT_NC = `#!/bin/sh
trap 'kill $!; exit 143' TERM
/bin/busybox nc "$@" & wait $!
`;

/** All of them; reads the machine's static busybox and bash. */
export async function standInImages(): Promise<readonly StandInImage[]> {
  const shell = [...(await shellRootfs()), ...ACCOUNTS];
  const bash = file("bin/bash", await readFile("/bin/bash-static"), 0o755);
  const passwd = [folder("usr"), folder("usr/bin"), file("usr/bin/passwd", "", 0o4755)];
  const copyUp = [[folder("test_dir"), file("test_dir/test_file", "test_content\n")], [folder("data")]];
  const pause = [[file("pause", "pause\n", 0o755)]];
  return [
    linuxImage(CONTAINERD, "containerd/busybox", "1.36", [shell]),
    linuxImage(CONTAINERD, "containerd/volume-copy-up", "2.2", [shell, ...copyUp]),
    linuxImage(CONTAINERD, "containerd/volume-ownership", "2.1", [shell, [bash, ...passwd]]),
    linuxImage(KUBERNETES, "e2e-test-images/busybox", "1.29-2", [shell]),
    linuxImage(KUBERNETES, "pause", "3.10.2", pause),
    linuxImage(KUBERNETES, "pause", "3.6", pause),
    {
      ...linuxImage(CONTAINERD, "containerd/windows/nanoserver", "1809", [[file("Files", "")]]),
      platforms: [{ os: "windows", architecture: "amd64" }],
    },
  ];
}

async function shellRootfs(): Promise<readonly TarEntry[]> {
  const replaced = ["bin/nc", "bin/bash", "etc/passwd", "etc/group"];
  const entries = (await busyboxRootfs()).filter(({ path }) => !replaced.includes(path));
  return [...entries, file("bin/nc", OBEDIENT_NC, 0o755)];
}

function linuxImage(
  registry: string,
  repository: string,
  tag: string,
  layers: StandInImage["layers"],
): StandInImage {
  return { registry, repository, tag, platforms: LINUX, layers };
}

function file(path: string, content: Uint8Array | string, mode = 0o644): TarEntry {
  return { kind: "file", path, content, mode };
}

function folder(path: string): TarEntry {
  return { kind: "folder", path };
}
