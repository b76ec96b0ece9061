// SPDX-License-Identifier: Apache-2.0
// Containers whose root is nobody on the host: rootfs and volumes appear with mapped owners.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execIn } from "../../src/harness/exec.ts";
import { readStatusField } from "../../src/harness/processes.ts";
import { connectTo } from "../../src/harness/task-client.ts";
import { machine } from "./machine.ts";
import { newest } from "./newest-containerd.ts";
import { startSubject, SUBJECTS } from "./subjects.ts";
import { readStats } from "./task-calls.ts";

const WAYS = [
  // Debian's containerd copies the rootfs for each mapping.
  { way: "with a rootfs of copied owners", containerd: machine, firstId: 200_000, copies: true, flags: [] },
  {
    way: "with a rootfs of ID-mapped mounts",
    containerd: newest,
    firstId: 400_000,
    copies: false,
    flags: ["--remap-labels"],
  },
];
/** Each has ids of its own, as kubelet gives pods. */
const CASES = WAYS.flatMap((way) =>
  SUBJECTS.map((subject, index) => ({ ...way, ...subject, firstId: way.firstId + index * 65_536 })),
);

describe("user namespaces", () => {
  beforeAll(() => newest.start());
  afterAll(() => newest[Symbol.asyncDispose]());

  test.each(CASES)("a $kind container, $way", async ({ containerd, firstId, copies, flags, ...subject }) => {
    const volume = join(machine.folder, `volume-${firstId}`);
    await mkdir(volume);
    await writeFile(join(volume, "roots"), "");
    const mapping = `0:${firstId}:65536`;
    const mount = `type=bind,src=${volume},dst=/data,options=rbind:rw:idmap`;
    const maps = ["--uidmap", mapping, "--gidmap", mapping, ...flags, "--mount", mount];
    await using container = await startSubject(subject, { flags: maps, containerd });
    const { pid, id } = container;
    const snapshots = (await containerd.ctr(["snapshot", "ls"])).stdout;
    expect(snapshots.includes(`-${firstId}-${firstId}`)).toBe(copies);
    expect((await readStatusField(pid, "Uid"))?.split("\t")).toEqual(Array(4).fill(String(firstId)));
    const map = await readFile(`/proc/${pid}/uid_map`, "utf8");
    expect(map.trim().split(/\s+/).map(Number)).toEqual([0, firstId, 65_536]);
    const look = "stat -c %u /bin/busybox /home/user /data/roots; touch /made /data/made && stat -c %u /made";
    const exec = await execIn(containerd, container, { args: ["sh", "-c", look] });
    expect(exec).toEqual({ stdout: "0\n1000\n0\n0\n", stderr: "", exitCode: 0 });
    expect((await stat(join(volume, "made"))).uid).toBe(0);
    using client = await connectTo(containerd, id);
    expect((await readStats(client, id)).memory?.usage).toBeGreaterThan(50_000n);
  });
});
