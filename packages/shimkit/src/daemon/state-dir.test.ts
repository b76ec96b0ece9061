// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { openFds } from "../testing/open-fds.ts";
import { lockSockets, mapsAllIds, socketPath, tryLockSockets } from "./state-dir.ts";

test("every daemon has a socket of its own, short enough for sun_path", () => {
  const ids = [
    ["/a", "ns", "x"],
    ["/a", "n", "sx"],
    ["/an", "s", "x"],
    ["/a", "ns", '","'],
    ["/a", 'ns","', ""],
    ["/a", "ns", "../../x"],
    ["/a", "ns", "x".repeat(5000)],
    ["/a", "ns", { shim: "x", version: "1" }],
    ["/a", "ns", { shim: "x", version: "2" }],
    ["/a", "ns", '{"shim":"x","version":"1"}'],
  ] as const;
  const paths = ids.map((id) => socketPath("/run/runwasi", id[0], id[1], id[2]));
  expect(new Set(paths).size).toBe(ids.length);
  for (const path of paths) expect(path).toMatch(/^\/run\/runwasi\/[0-9a-f]{64}$/);
  expect(socketPath("/run/runwasi", "/a", "ns", "x")).toBe(paths[0] ?? "");
});

test("root of the host is told from root of a user namespace", () => {
  expect(mapsAllIds("         0          0 4294967295\n")).toBe(true);
  expect(mapsAllIds("         0       1000          1\n         1     100000      65536\n")).toBe(false);
  expect(mapsAllIds("         0     100000 4294867295\n")).toBe(false);
});

test("the lock is held by one at a time and given up by dispose", () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  {
    using _lock = lockSockets(folder.path);
    expect(tryLockSockets(folder.path)).toBeUndefined();
  }
  {
    using lock = tryLockSockets(folder.path);
    expect(lock).toBeDefined();
    expect(tryLockSockets(folder.path)).toBeUndefined();
  }
  expect(openFds()).toEqual(before);
});

test("lockSockets() waits for another process, whose death gives the lock up", async () => {
  using folder = createTemporaryFolder();
  const module = JSON.stringify(join(import.meta.dir, "state-dir.ts"));
  const holder = Bun.spawn(
    [
      process.execPath,
      "-e",
      `const { lockSockets } = await import(${module}); globalThis.lock = lockSockets(${JSON.stringify(folder.path)});
       console.log("held"); setTimeout(() => process.kill(process.pid, "SIGKILL"), 100); await Bun.sleep(9999);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const reader = holder.stdout.getReader();
  await reader.read();
  expect(tryLockSockets(folder.path)).toBeUndefined();
  using _lock = lockSockets(folder.path);
  await holder.exited;
  expect(holder.signalCode).toBe("SIGKILL");
});
