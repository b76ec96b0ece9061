// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { hasErrno } from "../linux/errno.ts";

/** What stands for "no limit" in the fields of cgroup v2's message; those of v1 have 0. */
export const UNLIMITED = 0xffff_ffff_ffff_ffffn;

/** What a limit file says when there is no limit. */
const NO_LIMIT = "max";

/**
 * Reads a file of a cgroup; undefined when the kernel does not offer it (no such file, or EOPNOTSUPP for a
 * feature that was turned off) or the cgroup is gone (ENODEV on a file that was still open).
 */
export function readCgroupFile(cgroup: string, name: string): string | undefined {
  try {
    return readFileSync(`${cgroup}/${name}`, "utf8");
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENODEV", "ENOTSUP", "EOPNOTSUPP", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Parses an unsigned number of the kernel; a negative one counts as 0, anything else is undefined. */
export function parseCount(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,20}$/.test(text)) return BigInt.asUintN(64, BigInt(text));
  return /^-\d+$/.test(text) ? 0n : undefined;
}

/** Reads a file of one number; undefined when it is not there. `unlimited` is what the word `max` stands for. */
export function readCount(cgroup: string, name: string, unlimited = 0n): bigint | undefined {
  const text = readCgroupFile(cgroup, name)?.trim();
  return text === NO_LIMIT ? unlimited : parseCount(text);
}

/** The counters of a flat-keyed file, `name value` a line; a name that it does not have reads as 0. */
export interface Counters {
  of(name: string): bigint;
}

/** Reads a flat-keyed file; undefined when it is not there. */
export function readCounters(cgroup: string, name: string): Counters | undefined {
  const text = readCgroupFile(cgroup, name);
  if (text === undefined) return undefined;
  const values = new Map<string, bigint>();
  for (const line of text.split("\n")) {
    const [key = "", value] = line.split(" ");
    const count = parseCount(value);
    if (count !== undefined) values.set(key, count);
  }
  return { of: (key) => values.get(key) ?? 0n };
}

/** The lines of a file without their ends, empty ones left out; none when it is not there. */
export function readLines(cgroup: string, name: string): readonly string[] {
  return (readCgroupFile(cgroup, name) ?? "").split("\n").filter((line) => line !== "");
}
