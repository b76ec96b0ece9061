// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from "node:fs";
import { hasErrno } from "../linux/errno.ts";

/**
 * The sizes of huge pages that a cgroup accounts, as its files spell them (`2MB`), from those files' names.
 *
 * `suffix` is the end of a name that each size has once: `usage_in_bytes` in cgroup v1, `current` in v2.
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/hugetlb.html
 */
export function hugePageSizes(cgroup: string, suffix: "usage_in_bytes" | "current"): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(cgroup);
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENODEV")) return [];
    throw error;
  }
  return names.flatMap((name) => {
    const [, size, rest] = /^hugetlb\.(\d+[KMGT]B)\.(.*)$/.exec(name) ?? [];
    return size !== undefined && rest === suffix ? [size] : [];
  });
}
