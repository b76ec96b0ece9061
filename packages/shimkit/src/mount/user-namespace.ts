// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, writeFileSync } from "node:fs";
import type { Child, Spawn } from "@runwasi/oci-runtime";
import { messageOf, ShimError } from "../error.ts";
import type { IdMap } from "./mount-options.ts";

/** How long the helper process lives if nobody ends it: far beyond what is done with it. */
const HELPER_SECONDS = 60;
const HELPER_ENV = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/** An open user namespace, which lives as long as it is open. The holder disposes of it. */
export interface UserNamespace extends Disposable {
  readonly fd: number;
}

/**
 * Makes a user namespace with these owner mappings (user_namespaces(7)). Only a new process can be in one, so
 * `unshare` of util-linux makes it and is ended again at once: 5 to 10 ms.
 *
 * @throws ShimError InvalidArgument for mappings that are none or that the kernel refuses, Internal when the
 * helper does not start.
 */
export async function openUserNamespace(idMap: IdMap, spawn: Spawn): Promise<UserNamespace> {
  const uids = parseIdMap(idMap.uids);
  const gids = parseIdMap(idMap.gids);
  const child = startHelper(spawn);
  try {
    await firstOutput(child);
    writeMap(`/proc/${child.pid}/uid_map`, uids);
    writeMap(`/proc/${child.pid}/gid_map`, gids);
    const fd = openSync(`/proc/${child.pid}/ns/user`, "r");
    return { fd, [Symbol.dispose]: () => closeSync(fd) };
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

/** Turns `inside:outside:size[,...]` into the lines of uid_map; throws ShimError InvalidArgument. */
export function parseIdMap(text: string): string {
  const lines = text.split(",").map((entry) => {
    const [, inside, outside, size] = /^(\d{1,10}):(\d{1,10}):(\d{1,10})$/.exec(entry) ?? [];
    if (size !== undefined) return `${inside} ${outside} ${size}\n`;
    throw new ShimError(
      "InvalidArgument",
      `cannot use owner mapping "${entry}": it is not "<id inside>:<id outside>:<count>"`,
    );
  });
  return lines.join("");
}

// It says a line when it is in the new namespace, which it shares with nobody yet.
function startHelper(spawn: Spawn): Child {
  const script = `echo && exec sleep ${HELPER_SECONDS}`;
  try {
    return spawn(["unshare", "--user", "--", "/bin/sh", "-c", script], {
      stdio: ["ignore", "pipe", "ignore"],
      env: HELPER_ENV,
      cwd: "/",
    });
  } catch (error) {
    throw new ShimError("Internal", `cannot make a user namespace: ${messageOf(error)}`, { cause: error });
  }
}

async function firstOutput(child: Child): Promise<void> {
  if (child.stdout instanceof ReadableStream) {
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    if (value !== undefined) return;
  }
  throw new ShimError("Internal", "cannot make a user namespace: `unshare --user` failed");
}

function writeMap(path: string, lines: string): void {
  try {
    writeFileSync(path, lines);
  } catch (error) {
    const text = lines.trim().replaceAll("\n", ", ");
    throw new ShimError("InvalidArgument", `cannot use owner mappings "${text}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}
