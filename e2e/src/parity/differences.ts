// SPDX-License-Identifier: Apache-2.0
import entries from "../../native-differences.json";
import { CASES } from "./cases.ts";

/** A case in which ours does otherwise than runc's shim, and why. */
interface Difference {
  readonly case: string;
  readonly reason: string;
  /** Releases of containerd under which it does; all when left out. */
  readonly containerds?: readonly string[];
}

const DIFFERENCES: readonly Difference[] = entries;

/** Whether a case is listed to come out otherwise. */
export function isListed(caseName: string, containerd: string): boolean {
  return DIFFERENCES.some((one) => one.case === caseName && (one.containerds?.includes(containerd) ?? true));
}

/** Names of the list that no case has. */
export function misspeltDifferences(): readonly string[] {
  return DIFFERENCES.map((one) => one.case).filter((name) => CASES.every((known) => known.name !== name));
}
