// SPDX-License-Identifier: Apache-2.0
// The profile that containerd gives containers where the kernel has AppArmor.
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { execIn } from "../../src/harness/exec.ts";
import { runContainer } from "../../src/harness/run.ts";
import { machine } from "./machine.ts";
import { IMAGE, startSubject, SUBJECTS } from "./subjects.ts";

const PROFILE = "vm-default";
/** What Debian confines crun with, which is nothing, stacks with what crun then asks for. */
const CONFINED = new RegExp(`^(crun//&)?${PROFILE} \\((enforce|mixed)\\)$`);
/** The profile keeps root from opening what lies in /proc itself for writing; the kernel would let it. */
const write = { args: ["sh", "-c", ": >/proc/uptime"] };

test.each([...SUBJECTS])("a $kind container is confined by AppArmor, and so is an exec", async (subject) => {
  await using free = await startSubject(subject);
  expect((await execIn(machine, free, write)).exitCode).toBe(0);
  await using container = await startSubject(subject, { flags: ["--apparmor-default-profile", PROFILE] });
  expect((await readFile(`/proc/${container.pid}/attr/current`, "utf8")).trim()).toMatch(CONFINED);
  const exec = await execIn(machine, container, { args: ["cat", "/proc/self/attr/current"] });
  expect(exec.stdout.trim()).toMatch(CONFINED);
  const denied = await execIn(machine, container, write);
  expect(denied.exitCode).not.toBe(0);
  expect(denied.stderr).toContain("Permission denied");
});

test("a profile that is not loaded fails Create", async () => {
  const flags = ["--apparmor-profile", "no-such"];
  const result = await runContainer(machine, { runtime: "jsc", image: IMAGE, flags, args: ["true"] });
  expect(result.exitCode).not.toBe(0);
  expect(result.stderr).toContain("apparmor");
});
