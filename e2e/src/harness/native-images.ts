// SPDX-License-Identifier: Apache-2.0
import type { TestImage } from "./images.ts";
import { dynamicProbe, staticProbe } from "./programs.ts";
import { BASE_FOLDERS, busyboxRootfs } from "./rootfs.ts";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A shell and its tools; the image most tests run native commands in. */
export async function busyboxImage(): Promise<TestImage> {
  return { name: "busybox", process: { cmd: ["sh"], env: [PATH] }, layers: [await busyboxRootfs()] };
}

/** One static executable, /probe, and no shell. */
export async function staticImage(): Promise<TestImage> {
  return {
    name: "static",
    process: { entrypoint: ["/probe"] },
    layers: [[...BASE_FOLDERS, ...(await staticProbe())]],
  };
}

/** The same program, linked against a C library that the image brings. */
export async function dynamicImage(): Promise<TestImage> {
  return {
    name: "dynamic",
    process: { entrypoint: ["/probe"] },
    layers: [[...BASE_FOLDERS, ...(await dynamicProbe())]],
  };
}

/** A shell script as entrypoint, found by PATH, with environment, working folder and user of its own. */
export async function scriptImage(): Promise<TestImage> {
  const script = '#!/bin/sh -e\necho "$0 $# $*"; echo "$GREETING from $(pwd) as $(id -u):$(id -g)"; exit 5\n';
  return {
    name: "script",
    process: {
      entrypoint: ["entry.sh", "first arg"],
      cmd: ["second"],
      env: ["PATH=/opt:/bin", "GREETING=hello = world"],
      workingDir: "/home/user",
      user: "user",
    },
    layers: [
      await busyboxRootfs(),
      [
        { kind: "folder", path: "opt" },
        { kind: "file", path: "opt/entry.sh", content: script, mode: 0o755 },
      ],
    ],
  };
}
