// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readlinkSync } from "node:fs";

/**
 * What the open fds of this process lead to, without those that Bun makes for itself (its loop, sockets to children, what a
 * child that has ended got as stdin) and the one that lists them.
 */
export function openFds(): readonly string[] {
  return readdirSync("/proc/self/fd")
    .map((fd) => {
      try {
        return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
      } catch {
        return ""; // of the listing itself
      }
    })
    .filter(
      (entry) =>
        entry !== "" &&
        !/ (?:anon_inode:.*|socket:.*|\/memfd:spawn_stdio_stdin \(deleted\)|\/proc\/(?:self|\d+)\/fd)$/.test(
          entry,
        ),
    );
}
