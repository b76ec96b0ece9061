// SPDX-License-Identifier: Apache-2.0
import { lstatSync } from "node:fs";
import { posix, resolve } from "node:path";
import type { RuntimeSpec } from "@runwasi/oci";
import { ShimError } from "../error.ts";

/**
 * Refuses a spec that no OCI runtime can run, or that one would run to the host's harm.
 *
 * @param bundle folder of the spec, to which its relative paths are relative
 * @throws ShimError InvalidArgument.
 */
export function assertRunnable(spec: RuntimeSpec, bundle: string): void {
  if (spec.process?.args === undefined || spec.process.args.length === 0) {
    throw new ShimError(
      "InvalidArgument",
      `cannot run config.json: "process.args" is empty (it names the program)`,
    );
  }
  assertDevStaysInside(spec, bundle);
}

/**
 * Without a mount on /dev, crun 1.8 and runc 1.1 make the device nodes in the image's own /dev, through a symlink too:
 * they would appear on the host.
 */
function assertDevStaysInside({ mounts = [], root }: RuntimeSpec, bundle: string): void {
  if (mounts.some(({ destination }) => posix.normalize(`/${destination}/`) === "/dev/")) return;
  const dev = lstatSync(resolve(bundle, root?.path ?? "rootfs", "dev"), { throwIfNoEntry: false });
  if (dev?.isSymbolicLink()) {
    throw new ShimError(
      "InvalidArgument",
      `cannot run config.json: "/dev" is a symlink in the image (mount a tmpfs on it)`,
    );
  }
}
