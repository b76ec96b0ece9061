// SPDX-License-Identifier: Apache-2.0
import type { Child, Spawn } from "@runwasi/oci-runtime";
import { messageOf, ShimError } from "../error.ts";
import type { Place } from "./apply-mount.ts";
import { isRootItself } from "./mount-point.ts";

/** Type prefixes, as containerd spells them, and the helper program of each (mount.fuse3(8)). */
const HELPERS: readonly (readonly [prefix: string, program: string])[] = [
  ["fuse3.", "mount.fuse3"],
  ["fuse.", "mount.fuse"],
];
const HELPER_ENV = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/** The helper's output that goes into an error. */
const MAX_OUTPUT_CHARACTERS = 1000;

/** Whether a mount is made by a FUSE helper program rather than by mount(2). */
export function isFuseType(type: string): boolean {
  return HELPERS.some(([prefix]) => type.startsWith(prefix));
}

/**
 * Mounts through mount.fuse or mount.fuse3. The filesystem's own process goes to the background, is reaped by the
 * shim as subreaper, and ends by itself when the mount goes.
 *
 * @throws ShimError with the helper's output: FailedPrecondition when there is no helper, else Internal.
 */
export async function mountFuse({ mount, root }: Place, spawn: Spawn): Promise<void> {
  if (!isRootItself(mount.target)) {
    throw new ShimError(
      "InvalidArgument",
      `cannot mount ${mount.type} "${mount.source}" on "${mount.target}": only a whole rootfs can be a FUSE mount`,
    );
  }
  const [prefix, program] = HELPERS.find(([start]) => mount.type.startsWith(start)) ?? ["", mount.type];
  const options = mount.options.flatMap((option) => ["-o", option]);
  const argv = [program, mount.source, root, ...options, "-t", mount.type.slice(prefix.length)];
  const what = `cannot mount ${mount.type} "${mount.source}" on "${root}" with ${program}`;
  let child: Child;
  try {
    // The shell joins stderr to stdout; it is given the words as they are, none of them to interpret.
    child = spawn(["/bin/sh", "-c", 'exec "$@" 2>&1', "sh", ...argv], {
      stdio: ["ignore", "pipe", "ignore"],
      env: HELPER_ENV,
      cwd: "/",
    });
  } catch (error) {
    throw new ShimError("FailedPrecondition", `${what}: ${messageOf(error)}`, { cause: error });
  }
  const status = await child.exited;
  const output = await outputOf(child, status !== 0);
  if (status === 0) return;
  // 127 is the shell's own for a program that is not there.
  const code = status === 127 ? "FailedPrecondition" : "Internal";
  throw new ShimError(code, `${what}: exit status ${status}: ${output.trim()}`);
}

// After a success the background process may hold the pipe open, so its end is not to be waited for.
async function outputOf(child: Child, wanted: boolean): Promise<string> {
  if (!(child.stdout instanceof ReadableStream)) return "";
  if (!wanted) {
    await child.stdout.cancel();
    return "";
  }
  const text = await new Response(child.stdout).text();
  return text.slice(0, MAX_OUTPUT_CHARACTERS);
}
