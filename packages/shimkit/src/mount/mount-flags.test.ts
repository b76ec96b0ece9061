// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { flagsFromStatfs, MS } from "./mount-flags.ts";

test("relatime and nosymfollow have other bits in statfs(2) than in mount(2)", () => {
  expect(flagsFromStatfs(0x1000)).toBe(MS.RELATIME);
  expect(flagsFromStatfs(0x2000)).toBe(MS.NOSYMFOLLOW);
});

test("the other per-mount flags have the same bits, and ST_VALID has none", () => {
  const flags = MS.RDONLY | MS.NOSUID | MS.NODEV | MS.NOEXEC | MS.NOATIME | MS.NODIRATIME;
  expect(flagsFromStatfs(flags | 0x20)).toBe(flags);
});
