// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import type { WasmConfig } from "./config.ts";
import type { Preopen } from "./engine.ts";
import { normalizePath, type ContainerFiles } from "./rootfs/container-file.ts";

/** What engines put between the two names of a directory. */
const SEPARATOR = ":";

/**
 * The directories that a guest may open: the node's default, or what the annotation `preopens` asks for within the
 * node's maximum. The working directory is among them as `.` when it lies in one of them: WASI preview 1 knows no
 * other. Guests built on wasi-libc do not look for it where `/` is open too, and start in `/` as they always do.
 *
 * @param asked comma-separated absolute paths; empty for none; undefined when the pod says nothing
 * @throws ShimError InvalidArgument for what cannot be understood, PermissionDenied for what the node does not allow.
 */
export function choosePreopens(
  config: WasmConfig,
  asked: string | undefined,
  cwd: string,
): readonly Preopen[] {
  const paths = asked === undefined ? config.defaultPreopens : parseAsked(asked);
  for (const path of paths) {
    if (path.includes(SEPARATOR))
      throw new ShimError("InvalidArgument", `cannot preopen "${path}": "${SEPARATOR}" is in its name`);
    if (!config.maximumPreopens.some((allowed) => isWithin(path, allowed))) {
      const allowed = config.maximumPreopens.join(", ") || "none";
      throw new ShimError(
        "PermissionDenied",
        `cannot preopen "${path}": the node does not allow it (${allowed})`,
      );
    }
  }
  const preopens = paths.map((path) => ({ containerPath: path, guestPath: path }));
  const workingDirectory = normalizePath(cwd);
  const isReachable = paths.some((path) => isWithin(workingDirectory, path));
  if (workingDirectory === "/" || !isReachable || workingDirectory.includes(SEPARATOR)) return preopens;
  // First: wasi-libc takes both `.` and `/` for the empty prefix, and the last of them for absolute paths.
  return [{ containerPath: workingDirectory, guestPath: "." }, ...preopens];
}

/**
 * Refuses a preopen that leads out of the node's maximum by a symlink, which an image may hold anywhere. Where the
 * maximum is `/` there is nothing to leave.
 *
 * @throws ShimError PermissionDenied, also for a directory that cannot be seen before the container runs.
 */
export function assertConfined(
  preopens: readonly Preopen[],
  maximum: readonly string[],
  files: ContainerFiles,
): void {
  if (maximum.includes("/")) return;
  for (const { containerPath } of preopens) {
    using directory = files.open(containerPath);
    if (directory !== undefined && maximum.some((allowed) => isWithin(directory.path, allowed))) continue;
    const found = directory === undefined ? "it is not there" : `it leads to "${directory.path}"`;
    throw new ShimError(
      "PermissionDenied",
      `cannot preopen "${containerPath}": ${found} (the node allows ${maximum.join(", ") || "none"})`,
    );
  }
}

function parseAsked(asked: string): readonly string[] {
  if (asked.trim() === "") return [];
  return asked.split(",").map((part) => {
    const path = part.trim();
    // A colon could mean an option one day, and must not be taken for a name today.
    if (!path.startsWith("/") || path.includes(SEPARATOR) || path.includes("\0")) {
      throw new ShimError(
        "InvalidArgument",
        `cannot use annotation "preopens": "${path}" (absolute paths without ":")`,
      );
    }
    return normalizePath(path);
  });
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === "/" || path.startsWith(`${folder}/`);
}
