// SPDX-License-Identifier: Apache-2.0
// Containers whose root is nobody on the host: a volume appears with mapped owners, and the rootfs has them.
import { expect, test } from "bun:test";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execIn } from "../../src/harness/exec.ts";
import { readStatusField } from "../../src/harness/processes.ts";
import { connectTo } from "../../src/harness/task-client.ts";
import { machine } from "./machine.ts";
import { startSubject, SUBJECTS } from "./subjects.ts";
import { readStats } from "./task-calls.ts";

/** Each has ids of its own, as kubelet gives pods: containerd copies the rootfs for each, with their owners. */
const CASES = SUBJECTS.map((subject, index) => ({ ...subject, firstId: 200_000 + index * 65_536 }));

test.each(CASES)(
  "a $kind container in a user namespace has owners, processes and statistics of its own",
  async ({ firstId, ...subject }) => {
    const volume = join(machine.folder, `volume-${firstId}`);
    await mkdir(volume);
    await writeFile(join(volume, "roots"), "");
    const mapping = `0:${firstId}:65536`;
    const mount = `type=bind,src=${volume},dst=/data,options=rbind:rw:idmap`;
    const flags = ["--uidmap", mapping, "--gidmap", mapping, "--mount", mount];
    await using container = await startSubject(subject, { flags });
    const { pid, id } = container;
    expect((await readStatusField(pid, "Uid"))?.split("\t")).toEqual(Array(4).fill(String(firstId)));
    const map = await readFile(`/proc/${pid}/uid_map`, "utf8");
    expect(map.trim().split(/\s+/).map(Number)).toEqual([0, firstId, 65_536]);
    const look = "stat -c %u /bin/busybox /home/user /data/roots; touch /made /data/made && stat -c %u /made";
    const exec = await execIn(machine, container, { args: ["sh", "-c", look] });
    expect(exec).toEqual({ stdout: "0\n1000\n0\n0\n", stderr: "", exitCode: 0 });
    expect((await stat(join(volume, "made"))).uid).toBe(0);
    using client = await connectTo(machine, id);
    expect((await readStats(client, id)).memory?.usage).toBeGreaterThan(50_000n);
  },
);
