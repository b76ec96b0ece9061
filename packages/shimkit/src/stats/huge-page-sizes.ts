// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from "node:fs";
import { hasErrno } from "../linux/errno.ts";

const KIB_PER_MIB = 1 << 10;
const KIB_PER_GIB = 1 << 20;

/**
 * The sizes of this kernel's huge pages, written as in the names of the hugetlb controller's files (`2MB`).
 *
 * @see https://docs.kernel.org/admin-guide/mm/hugetlbpage.html
 */
export function readHugePageSizes(directory = "/sys/kernel/mm/hugepages"): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return [];
    throw error;
  }
  return names.flatMap((name) => {
    const sizeKib = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1]);
    return Number.isNaN(sizeKib) ? [] : [nameOf(sizeKib)];
  });
}

function nameOf(sizeKib: number): string {
  if (sizeKib >= KIB_PER_GIB) return `${sizeKib / KIB_PER_GIB}GB`;
  return sizeKib >= KIB_PER_MIB ? `${sizeKib / KIB_PER_MIB}MB` : `${sizeKib}KB`;
}
