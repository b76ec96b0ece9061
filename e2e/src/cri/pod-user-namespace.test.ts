// SPDX-License-Identifier: Apache-2.0
// `hostUsers: false`: the users of a pod are not the host's, in a Wasm container and in a native one.
import { expect, test } from "bun:test";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { NamespaceMode } from "../../gen/cri.ts";
import { pidOf } from "./container-info.ts";
import { RUNTIME } from "./cri-client.ts";
import { withNewerCrun } from "./newer-crun.ts";
import { runPod } from "./pod.ts";
import { forEachPodShim } from "./shared-node.ts";

const FIRST_UID = 100_000;
const MAPPING = [{ hostId: FIRST_UID, containerId: 0, length: 65_536 }];
const NAMESPACES = {
  namespaceOptions: {
    pid: NamespaceMode.CONTAINER,
    usernsOptions: { mode: NamespaceMode.POD, uids: MAPPING, gids: MAPPING },
  },
};

forEachPodShim(({ handler, node, containers }) => {
  test("containerd offers user namespaces and recursive read-only mounts for this handler", async () => {
    const { runtimeHandlers } = await node().cri.runtime(RUNTIME.status, {});
    expect(runtimeHandlers.find(({ name }) => name === handler)?.features).toEqual({
      recursiveReadOnlyMounts: true,
      userNamespaces: true,
    });
  });

  test("a pod's root is nobody on the host, and writes to its volume as root", async () => {
    const linux = { securityContext: NAMESPACES };
    await using pod = await runPod(node(), handler, { linux });
    const hostPath = join(node().containerd.folder, "volume", pod.id);
    await mkdir(hostPath, { recursive: true });
    const mounts = [{ hostPath, containerPath: "/data", uidMappings: MAPPING, gidMappings: MAPPING }];
    const app = await pod.start(containers.wasm("sleep", { linux }));
    const sidecar = await pod.start(containers.shell("sleep 1000", { linux, mounts }));
    for (const { id } of [app, sidecar]) {
      const map = await readFile(`/proc/${await pidOf(node(), id)}/uid_map`, "utf8");
      expect(map.trim().split(/\s+/).map(Number)).toEqual([0, FIRST_UID, 65_536]);
    }
    expect((await sidecar.execSync(["touch", "/data/native"])).stderr).toBe("");
    const writer = containers.wasm("writefile", { name: "writer", args: ["/data/wasm", "x"], linux, mounts });
    expect((await (await pod.start(writer)).exited()).exitCode).toBe(0);
    for (const name of ["native", "wasm"]) expect((await stat(join(hostPath, name))).uid).toBe(0);
    expect((await app.execSync(["/hello.wasm"])).stdout).toBe("hello world\n");
  });
}, withNewerCrun);
