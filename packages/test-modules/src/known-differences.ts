// SPDX-License-Identifier: Apache-2.0
import differences from "../known-differences.json" with { type: "json" };

/** A check that an engine is known not to pass, and why that is not ours to mend. */
export interface KnownDifference {
  readonly engine: string;
  readonly module: string;
  /** A check's name, a run's arguments joined by blanks when the run as a whole differs, or `*` for everything. */
  readonly check: string;
  readonly reason: string;
}

/** All known differences, from the one file that lists them. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = differences;
