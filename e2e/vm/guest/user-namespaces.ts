// SPDX-License-Identifier: Apache-2.0
// Containers whose root is nobody on the host: rootfs and volumes appear with mapped owners.
import { describe, expect, test } from "bun:test";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execIn } from "../../src/harness/exec.ts";
import { readStatusField } from "../../src/harness/processes.ts";
import { connectTo } from "../../src/harness/task-client.ts";
import { machine } from "./machine.ts";
import { startSubject, SUBJECTS } from "./subjects.ts";
import { readStats } from "./task-calls.ts";

const FIRST_ID = 200_000;
const MAPPING = `0:${FIRST_ID}:65536`;
const FLAGS = ["--uidmap", MAPPING, "--gidmap", MAPPING];

describe.each([
  { how: "by copied owners", flags: FLAGS },
  { how: "by ID-mapped mounts", flags: [...FLAGS, "--remap-labels"] },
])("with a rootfs for a user namespace, $how", ({ flags }) => {
  test.each([...SUBJECTS])(
    "a $kind container has owners, processes and statistics of its own",
    async (subject) => {
      const volume = join(machine.folder, `volume-${machine.nextId()}`);
      await mkdir(volume);
      await writeFile(join(volume, "roots"), "");
      const mount = `type=bind,src=${volume},dst=/data,options=rbind:rw:idmap`;
      await using container = await startSubject(subject, { flags: [...flags, "--mount", mount] });
      const { pid, id } = container;
      expect((await readStatusField(pid, "Uid"))?.split("\t")).toEqual(Array(4).fill(String(FIRST_ID)));
      const map = await readFile(`/proc/${pid}/uid_map`, "utf8");
      expect(map.trim().split(/\s+/).map(Number)).toEqual([0, FIRST_ID, 65_536]);
      const look =
        "stat -c %u /bin/busybox /home/user /data/roots; touch /made /data/made && stat -c %u /made";
      const exec = await execIn(machine, container, { args: ["sh", "-c", look] });
      expect(exec).toEqual({ stdout: "0\n1000\n0\n0\n", stderr: "", exitCode: 0 });
      expect((await stat(join(volume, "made"))).uid).toBe(0);
      using client = await connectTo(machine, id);
      expect((await readStats(client, id)).memory?.usage).toBeGreaterThan(50_000n);
    },
  );
});
