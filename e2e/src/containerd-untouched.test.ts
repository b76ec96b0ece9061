// SPDX-License-Identifier: Apache-2.0
// Create of a container that has its program in its rootfs does without containerd, and another does not wait for a dead one.
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { TtrpcError } from "@runwasi/ttrpc";
import type { Containerd } from "./harness/containerd.ts";
import { engineFolders } from "./harness/engines.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { killAndDelete, openHandShim, shutDown, startAndEnd, warmUp } from "./harness/shim-commands.ts";
import { TASK } from "./harness/task-client.ts";

const m = TASK.methods;
/** Less than one call's own time limit, and more than a busy machine needs. */
const QUICK_MS = 5_000;

/** A socket in place of containerd's, which notes each connection and ends it. */
function listenFor(containerd: Containerd) {
  const path = join(containerd.folder, `${containerd.nextId()}.sock`);
  const seen = { connections: 0 };
  const listener = Bun.listen({
    unix: path,
    socket: {
      open(socket) {
        seen.connections += 1;
        socket.end();
      },
      data() {},
    },
  });
  return { path, seen, [Symbol.dispose]: () => listener.stop(true) };
}

forEachShim(
  SHIMS,
  async () => [],
  ({ runtime, containerd }) => {
    const openShim = async (args: readonly string[]) => {
      const shim = await openHandShim(containerd(), runtime, {
        process: { args: [...args], terminal: false },
      });
      await writeFile(join(shim.rootfs, "sleep.wasm"), await testModule("sleep"));
      return shim;
    };

    test.each([
      ["native", ["/bin/sleep", "1000"]],
      ["WebAssembly", ["/sleep.wasm", "1000"]],
    ])("a %s program in the rootfs: containerd is not called", async (_kind, args) => {
      using containerdsPlace = listenFor(containerd());
      const shim = await openShim(args);
      const path = [...(await engineFolders()), process.env["PATH"]].join(":");
      await shim.start({ flags: ["-address", containerdsPlace.path], env: { PATH: path } });
      using client = await shim.connect();
      await client.call(TASK, m.create, shim.createRequest);
      await killAndDelete(client, shim.id);
      await shutDown(client, shim.id);
      expect(containerdsPlace.seen).toEqual({ connections: 0 });
    });

    /** What Create of a program that is nowhere says. */
    async function refusal(address: string): Promise<TtrpcError> {
      const shim = await openShim(["/absent"]);
      await shim.start({ flags: ["-address", address] });
      using client = await shim.connect();
      const startedMs = performance.now();
      const failure: unknown = await client
        .call(TASK, m.create, shim.createRequest)
        .catch((error: unknown) => error);
      expect(performance.now() - startedMs).toBeLessThan(QUICK_MS);
      await shutDown(client, shim.id);
      if (!(failure instanceof TtrpcError)) throw new Error("it was created", { cause: failure });
      return failure;
    }

    test("a program that is nowhere, under a containerd that is gone, is the OCI runtime's own error", async () => {
      await warmUp(containerd(), runtime);
      await startAndEnd(await openShim(["/bin/true"]));
      const before = await listPossessions(containerd());
      using containerdsPlace = listenFor(containerd());
      for (const address of ["/nonexistent/containerd.sock", containerdsPlace.path]) {
        expect((await refusal(address)).message).toMatch(/\/absent.*[nN]o such file/s);
      }
      expect(containerdsPlace.seen.connections).toBeGreaterThan(0);
      await assertNothingLeft(containerd(), {
        ...before,
        bundles: (await listPossessions(containerd())).bundles,
      });
    });
  },
);
