// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, runCommand, runForBytes } from "../../src/harness/command.ts";
import type { Containerd } from "../../src/harness/containerd.ts";
import { waitUntil } from "../../src/harness/wait-until.ts";
import { machine } from "./machine.ts";

const FOLDER = "/tmp/newest";
const SOCKET = join(FOLDER, "containerd.sock");
const UNIT = "newest-containerd.service";

const CONFIG = `version = 3
root = "${FOLDER}/root"
state = "${FOLDER}/state"
disabled_plugins = [
  "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri",
  "io.containerd.podsandbox.controller.v1.podsandbox", "io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt",
]
[grpc]
address = "${SOCKET}"
[ttrpc]
address = "${SOCKET}.ttrpc"
`;

/** The newest containerd beside Debian's, for what that one does not do yet; it comes with the job. */
export const newest: Containerd = {
  ...machine,
  folder: FOLDER,
  ctrCommand: (args) => ["/job/bin/ctr", "--address", SOCKET, "--namespace", machine.namespace, ...args],
  ctr: (args, options) => runCommand(newest.ctrCommand(args), options),
  ctrForBytes: (args, options) => runForBytes(newest.ctrCommand(args), options),
  async start() {
    await mkdir(FOLDER, { recursive: true });
    await writeFile(join(FOLDER, "config.toml"), CONFIG);
    const properties = ["Delegate=yes", "KillMode=process"].map((property) => `--property=${property}`);
    const unit = ["systemd-run", "--quiet", "--collect", `--unit=${UNIT}`, ...properties];
    await mustRun([...unit, "/job/bin/containerd", "--config", join(FOLDER, "config.toml")]);
    await waitUntil("the newest containerd to serve", async () =>
      (await newest.ctr(["version"])).exitCode === 0 ? true : undefined,
    );
    await mustRun(newest.ctrCommand(["image", "import", "/job/images.tar"]));
  },
  async [Symbol.asyncDispose]() {
    await mustRun(["systemctl", "stop", UNIT]);
  },
};
