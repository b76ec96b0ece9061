// SPDX-License-Identifier: Apache-2.0
// Containers whose root is nobody on the host: the rootfs, and volumes, appear with mapped owners.
import { describe, expect, test } from "bun:test";
import { chown, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execIn } from "../../src/harness/exec.ts";
import { connectTo } from "../../src/harness/task-client.ts";
import { readStatusField } from "../../src/harness/processes.ts";
import { machine } from "./machine.ts";
import { IMAGE, startSubject, SUBJECTS } from "./subjects.ts";
import { readStats } from "./task-calls.ts";
import { runContainer } from "../../src/harness/run.ts";
import type { EngineName } from "../../../scripts/toolchain/engine.ts";

const FIRST_ID = 200_000;
const MAPPING = `0:${FIRST_ID}:65536`;
const FLAGS = ["--uidmap", MAPPING, "--gidmap", MAPPING];

describe.each([
  { how: "by copied owners", flags: FLAGS },
  { how: "by ID-mapped mounts", flags: [...FLAGS, "--remap-labels"] },
])("a rootfs for a user namespace, $how", ({ flags }) => {
  test.each([...SUBJECTS])("carries a $kind container", async (subject) => {
    await using container = await startSubject(subject, { flags });
    expect(await readStatusField(container.pid, "Uid")).toBe(Array(4).fill(String(FIRST_ID)).join("\t"));
    expect((await readFile(`/proc/${container.pid}/uid_map`, "utf8")).trim().split(/ +/)).toEqual([
      "0",
      String(FIRST_ID),
      "65536",
    ]);
    using client = await connectTo(machine, container.id);
    expect((await readStats(client, container.id)).memory?.usage).toBeGreaterThan(0n);
    const exec = await execIn(machine, container, {
      args: ["sh", "-c", "stat -c %u /bin/busybox /home/user; touch /made && stat -c %u /made"],
    });
    expect(exec).toEqual({ stdout: "0\n1000\n0\n", stderr: "", exitCode: 0 });
  });
});
