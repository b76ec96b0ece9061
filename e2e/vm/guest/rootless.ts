// SPDX-License-Identifier: Apache-2.0
// containerd of an ordinary user, in a user namespace of rootlesskit's, with cgroups by the user's own systemd.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, runCommand, runForBytes } from "../../src/harness/command.ts";
import type { Containerd } from "../../src/harness/containerd.ts";
import { execIn } from "../../src/harness/exec.ts";
import { runContainer } from "../../src/harness/run.ts";
import { findTask } from "../../src/harness/tasks.ts";
import { waitUntil } from "../../src/harness/wait-until.ts";
import { machine } from "./machine.ts";
import { IMAGE, startSubject, SUBJECTS } from "./subjects.ts";

const UID = 1000;
const RUN = `/run/user/${UID}`;
const FOLDER = "/home/user/vm";
const SOCKET = `${RUN}/containerd.sock`;
const UNIT = "rootless-containerd";
const USERS = `/user.slice/user-${UID}.slice/user@${UID}.service`;
const MEMORY = 99_999_744;

const CONFIG = `version = 2
root = "${FOLDER}/root"
state = "${RUN}/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = "${SOCKET}"
`;

const asUser = (argv: readonly string[]) =>
  ["runuser", "--user", "user", "--", "env", `XDG_RUNTIME_DIR=${RUN}`].concat(argv);

let namespacePid = 0;

/** Commands enter the namespaces that rootlesskit made, as nerdctl's do. */
const rootless: Containerd = {
  ...machine,
  folder: FOLDER,
  ctrCommand(args) {
    const enter = [
      "nsenter",
      "--user",
      "--preserve-credentials",
      "--mount",
      "--target",
      String(namespacePid),
    ];
    return asUser([...enter, "ctr", "--address", SOCKET, "--namespace", machine.namespace, ...args]);
  },
  ctr: (args, options) => runCommand(rootless.ctrCommand(args), options),
  ctrForBytes: (args, options) => runForBytes(rootless.ctrCommand(args), options),
};

describe("rootless", () => {
  beforeAll(async () => {
    await mustRun(["systemctl", "start", `user@${UID}.service`]);
    await mkdir(FOLDER, { recursive: true });
    await writeFile(join(FOLDER, "config.toml"), CONFIG);
    await chown(FOLDER, UID, UID);
    const unit = ["systemd-run", "--user", "--quiet", `--unit=${UNIT}`, "--property=Delegate=yes"];
    const kit = [
      "rootlesskit",
      `--state-dir=${RUN}/rootlesskit`,
      "--net=host",
      "--copy-up=/etc",
      "--copy-up=/run",
    ];
    const daemon = ["sh", "-c", `rm -rf /run/containerd; exec containerd --config ${FOLDER}/config.toml`];
    await mustRun(asUser([...unit, ...kit, "--copy-up=/var/lib", "--propagation=rslave", ...daemon]));
    await waitUntil("rootless containerd to serve", async () => {
      namespacePid = Number(await readFile(`${RUN}/rootlesskit/child_pid`, "utf8").catch(() => "0"));
      if (namespacePid === 0) return undefined;
      return (await rootless.ctr(["version"])).exitCode === 0 ? true : undefined;
    });
    await mustRun(rootless.ctrCommand(["image", "import", "/job/images.tar"]));
  });

  afterAll(async () => {
    await mustRun(["systemctl", "stop", `user@${UID}.service`]);
  });

  test.each([...SUBJECTS])(
    "a $kind container is created, measured, executed in and deleted",
    async (subject) => {
      const name = rootless.nextId();
      const flags = ["--cgroup", `user.slice:ctr:${name}`, "--memory-limit", String(MEMORY)];
      await using container = await startSubject(subject, { flags, containerd: rootless });
      const { pid } = (await findTask(rootless, container.id)) ?? { pid: 0 };
      expect(await readFile(`/proc/${pid}/cgroup`, "utf8")).toStartWith(
        `0::${USERS}/user.slice/ctr-${name}.scope`,
      );
      const { stdout } = await rootless.ctr(["task", "metrics", container.id]);
      expect(stdout).toMatch(new RegExp(`memory\\.usage_limit +${MEMORY}`));
      expect(Number(/memory\.usage +(\d+)/.exec(stdout)?.[1])).toBeGreaterThan(50_000);
      const exec = await execIn(rootless, container, { args: ["sh", "-c", "id -u; exit 4"] });
      expect(exec).toEqual({ stdout: "0\n", stderr: "", exitCode: 4 });
      expect((await rootless.ctr(["task", "pause", container.id])).exitCode).toBe(0);
      expect((await rootless.ctr(["task", "resume", container.id])).exitCode).toBe(0);
    },
  );

  test("the cgroupfs driver is refused by the kernel, with the reason in Create's error", async () => {
    const run = { runtime: "jsc", image: IMAGE, args: ["true"] } as const;
    const { exitCode, stderr } = await runContainer(rootless, run);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/\/sys\/fs\/cgroup\/.*permission denied/i);
  });
});
