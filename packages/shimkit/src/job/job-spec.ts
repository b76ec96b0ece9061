// SPDX-License-Identifier: Apache-2.0
import type { RuntimeSpec, SpecMount } from "@runwasi/oci";

/** A program that works for a container which is being created, on input that is not to be trusted. */
export interface Job {
  /** Absolute paths of the job's own files, which `mounts` bring. */
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly mounts: readonly SpecMount[];
  /** A folder that can be written to, and where the result goes. */
  readonly output: string;
  /** Of all that the program has at one time: its memory, and the files that it writes. */
  readonly memoryLimitBytes: number;
  readonly timeoutMs: number;
}

/** From here on, a user of its own for each job, so that none can meddle with another, or anything else with it. */
const FIRST_USER = 2_000_000_000;
/** Threads and processes; a compiler has one for each CPU. */
const MAX_PROCESSES = 1_024;
const MAX_FILES = 64;

/** The container of a job: an empty read-only root, no network, nobody's rights and no way to more, all namespaces. */
export function jobSpec(job: Job, ociVersion: string, { hash, cgroupsPath }: JobPlace): RuntimeSpec {
  const user = FIRST_USER + Number.parseInt(hash.slice(0, 6), 16);
  return {
    ociVersion,
    process: {
      cwd: "/",
      args: [...job.args],
      env: [...job.env],
      user: { uid: user, gid: user },
      noNewPrivileges: true,
      capabilities: {},
      rlimits: [
        { type: "RLIMIT_CORE", hard: 0, soft: 0 },
        { type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 },
      ],
      oomScoreAdj: 1000,
    },
    root: { path: "rootfs", readonly: true },
    mounts: [
      // Not noexec: what it executes is bound there.
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=64k"] },
      {
        destination: job.output,
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "nodev", "noexec", "mode=1777"].concat([
          `size=${job.memoryLimitBytes}`,
          `nr_inodes=${MAX_FILES}`,
        ]),
      },
      ...job.mounts,
    ],
    linux: {
      cgroupsPath,
      namespaces: ["pid", "ipc", "uts", "mount", "network", "cgroup"].map((type) => ({ type })),
      resources: {
        devices: [{ allow: false, access: "rwm" }],
        memory: { limit: job.memoryLimitBytes },
        pids: { limit: MAX_PROCESSES },
      },
    },
  };
}

/** Where a job is accounted, and what makes it unique on the host. */
export interface JobPlace {
  /** 16 hexadecimal digits. */
  readonly hash: string;
  readonly cgroupsPath: string;
}

/**
 * A cgroup outside the pod's, whose limits are for what it runs.
 *
 * @param bundlePath of the container that the job works for
 */
export function jobPlace(namespace: string, bundlePath: string, usesSystemd: boolean): JobPlace {
  const hash = new Bun.CryptoHasher("sha256").update(bundlePath).digest("hex").slice(0, 16);
  return {
    hash,
    cgroupsPath: usesSystemd ? `system.slice:runwasi-job:${hash}` : `/runwasi-job-${namespace}-${hash}`,
  };
}
