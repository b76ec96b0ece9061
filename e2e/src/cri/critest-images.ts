// SPDX-License-Identifier: Apache-2.0
// Stand-ins for the images that critest asks for by name, made of busybox and a small web server.
import { readFile } from "node:fs/promises";
import type { TarEntry } from "@runwasi/oci";
import { ociArchitecture, type TestImage } from "../harness/images.ts";
import { programFile } from "../harness/programs.ts";
import { busyboxRootfs } from "../harness/rootfs.ts";

/** An image and the full names that it has in the registry. */
export interface NamedImage {
  readonly names: readonly string[];
  readonly image: Omit<TestImage, "name">;
}

const E2E = "registry.k8s.io/e2e-test-images";
const STAGING = "gcr.io/k8s-staging-cri-tools";

const ACCOUNTS: readonly TarEntry[] = [
  {
    kind: "file",
    path: "etc/passwd",
    content: [
      "root:x:0:0::/root:/bin/sh",
      "www-data:x:33:33::/:/bin/sh",
      "default-user:x:1000:1000::/:/bin/sh",
      "nobody:x:65534:65534::/:/bin/sh",
      "",
    ].join("\n"),
  },
  {
    kind: "file",
    path: "etc/group",
    content: "root:x:0:\nwww-data:x:33:\ndefault-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n",
  },
];
/** What Debian's busybox lacks: a program by its name, shared memory segments, and an ls that can be masked alone. */
async function missingApplets(): Promise<readonly TarEntry[]> {
  const pgrep = '#!/bin/sh\npidof "$1" | tr " " "\\n" | grep .\n';
  const ipcs = "#!/bin/sh\ncat /proc/sysvipc/shm\n";
  return [
    { kind: "file", path: "bin/pgrep", content: pgrep, mode: 0o755 },
    { kind: "file", path: "bin/ipcs", content: ipcs, mode: 0o755 },
    { kind: "file", path: "bin/ls", content: await readFile("/usr/bin/busybox"), mode: 0o755 },
  ];
}

const REPLACED = new Set(["etc/passwd", "etc/group", "bin/ls"]);

/** All images that critest pulls on Linux, but the one that it names by a digest of its own. */
export async function critestImages(): Promise<readonly NamedImage[]> {
  const shell = [
    ...(await busyboxRootfs()).filter(({ path }) => !REPLACED.has(path)),
    ...ACCOUNTS,
    ...(await missingApplets()),
  ];
  const web = [...shell, ...(await webserver())];
  const privileges = await programFile("nonewprivs", "nonewprivs", 0o4755);
  const busybox = (user?: string): NamedImage["image"] => ({
    process: { cmd: ["sh"], env: ["PATH=/bin"], ...(user === undefined ? {} : { user }) },
    layers: [shell],
  });
  const server = (label: string, port: number): NamedImage["image"] => ({
    process: { entrypoint: ["/bin/nginx", label, String(port)], env: ["PATH=/bin"] },
    layers: [web],
  });
  const staging = (name: string, image: NamedImage["image"]) => ({ names: [`${STAGING}/${name}`], image });
  return [
    { names: [`${E2E}/busybox:1.29-2`], image: busybox() },
    { names: [`${E2E}/nginx:1.14-2`], image: server("nginx: master process", 80) },
    { names: [`${E2E}/httpd:2.4.39-4`], image: server("httpd", 80) },
    {
      names: ["registry.k8s.io/pause:3.9"],
      // Not the sandbox's image under another name, which would be listed as one with it.
      image: {
        process: { entrypoint: ["/pause"], env: ["FOR=critest"] },
        layers: [[await programFile("pause", "pause")]],
      },
    },
    staging(`hostnet-nginx-${ociArchitecture()}:latest`, server("nginx: master process", 12003)),
    ...["1", "2", "3"].map((number) => staging(`test-image-${number}:latest`, onlyFile(number))),
    { names: ["1", "2", "3"].map((tag) => `${STAGING}/test-image-tags:${tag}`), image: onlyFile("tags") },
    staging("test-image-latest:latest", onlyFile("latest")),
    {
      names: [`${E2E}/nonewprivs:1.3`],
      image: { process: { entrypoint: ["/nonewprivs"] }, layers: [[privileges]] },
    },
    staging("test-image-tag:test", server("test", 80)),
    staging("test-image-tag:all", onlyFile("all")),
    staging("test-image-user-uid:latest", busybox("1002")),
    staging("test-image-user-username:latest", busybox("www-data")),
    staging("test-image-user-uid-group:latest", busybox("1003:users")),
    staging("test-image-user-username-group:latest", busybox("www-data:100")),
    staging("test-image-predefined-group:latest", busybox("1000")),
  ];
}

/** Its process is called nginx, as critest looks for it, and finds /var/run there. */
async function webserver(): Promise<readonly TarEntry[]> {
  return [
    { kind: "folder", path: "var" },
    { kind: "folder", path: "var/run" },
    await programFile("webserver", "bin/nginx"),
  ];
}

function onlyFile(content: string): NamedImage["image"] {
  return { process: { cmd: ["/none"] }, layers: [[{ kind: "file", path: "content", content }]] };
}
