// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readlinkSync } from "node:fs";

/** What every open fd of this process leads to, the one that lists them left out. */
export function openFds(): readonly string[] {
  return readdirSync("/proc/self/fd")
    .map((fd) => {
      try {
        return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
      } catch {
        return ""; // of the listing itself
      }
    })
    .filter((entry) => entry !== "" && !/ \/proc\/(?:self|\d+)\/fd$/.test(entry));
}
