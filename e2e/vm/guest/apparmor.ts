// SPDX-License-Identifier: Apache-2.0
// The profile that containerd gives containers where the kernel has AppArmor.
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { execIn } from "../../src/harness/exec.ts";
import { mustRun } from "../../src/harness/command.ts";
import { machine } from "./machine.ts";
import { startSubject, SUBJECTS } from "./subjects.ts";

const PROFILE = "vm-default";
const confinement = async (pid: number) => (await readFile(`/proc/${pid}/attr/current`, "utf8")).trim();

test.each([...SUBJECTS])(
  "a $kind container is confined by AppArmor, and so is what runs in it",
  async (subject) => {
    const flags = ["--apparmor-default-profile", PROFILE];
    await using container = await startSubject(subject, { flags });
    expect(await confinement(container.pid)).toBe(`${PROFILE} (enforce)`);
    // The profile denies writes to /proc/sys beside what the kernel denies.
    const exec = await execIn(machine, container, { args: ["cat", "/proc/self/attr/current"] });
    expect(exec.stdout.trim()).toBe(`${PROFILE} (enforce)`);
  },
);

test("a profile that is not loaded fails Create with its name", async () => {
  const { stdout } = await machine
    .ctr([
      "run",
      "--rm",
      "--runtime",
      "io.containerd.jsc.v1",
      "--apparmor-profile",
      "no-such",
      "runwasi.test/mixed:latest",
      machine.nextId(),
      "true",
    ])
    .then((r) => ({ stdout: r.stdout + r.stderr }));
  expect(stdout).toContain("no-such");
  await mustRun(["true"]);
});
