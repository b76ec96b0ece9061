// SPDX-License-Identifier: Apache-2.0
// Native images give exactly what they give under io.containerd.runc.v2.
import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { normalizeCgroups, normalizeDevices, normalizeMounts, normalizeStatus } from "./harness/normalize.ts";
import { busyboxImage, dynamicImage, scriptImage, staticImage } from "./harness/native-images.ts";
import { expectParity } from "./harness/parity.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";

const images = () => Promise.all([busyboxImage(), staticImage(), dynamicImage(), scriptImage()]);
const busybox = imageName("busybox");

/** Flags of ctr under each of which a container must look the same from inside. */
const VARIANTS: readonly [string, readonly string[]][] = [
  ["without flags", []],
  ["with --read-only", ["--read-only"]],
  ["with --seccomp", ["--seccomp"]],
  ["with --allow-new-privs", ["--allow-new-privs"]],
  ["with dropped and added capabilities", ["--cap-drop", "CAP_CHOWN", "--cap-add", "CAP_SYS_ADMIN"]],
  ["with --privileged", ["--privileged"]],
  ["with --memory-limit and --cpus", ["--memory-limit", "67108864", "--cpus", "0.5"]],
  ["with --net-host", ["--net-host"]],
];

/** Each section is a title and what a command printed. */
const LOOK = Object.entries({
  status: "cat /proc/self/status",
  mounts: "cat /proc/self/mountinfo",
  cgroups: "cat /proc/self/cgroup",
  limits: "cat /proc/self/limits /proc/self/oom_score_adj; umask",
  devices: "ls -l /dev | awk '{print $1, $3, $4, $NF}'",
  environment: "env; pwd; hostname",
  masked:
    "ls -a /proc/acpi /sys/firmware; head -n 1 /proc/keys | wc -l; head -n 1 /proc/timer_list | wc -l; echo 1 >/proc/sys/vm/drop_caches",
})
  .map(([title, command]) => `echo "=== ${title}"; { ${command}; } 2>&1`)
  // Of a program that ends at once, runc's own shim was seen to lose the last line.
  .concat("sleep 0.2")
  .join("; ");

function normalizeLook(text: string): Record<string, unknown> {
  const sections = text.split("=== ").map((section) => {
    const end = section.indexOf("\n");
    return [section.slice(0, end), section.slice(end + 1)] as const;
  });
  const { status = "", mounts = "", cgroups = "", devices = "", ...rest } = Object.fromEntries(sections);
  return {
    ...rest,
    status: normalizeStatus(status),
    mounts: normalizeMounts(mounts),
    cgroups: normalizeCgroups(cgroups),
    devices: normalizeDevices(devices),
  };
}

forEachShim(NATIVE_RUNTIMES, images, ({ runtime, containerd }) => {
  describe("output and exit code", () => {
    test("of a static executable", async () => {
      const run = { runtime, image: imageName("static"), args: ["/probe", "say", "out", "err", "42"] };
      const { stdout, stderr, exitCode } = await expectParity(containerd(), run);
      expect({ stdout, stderr, exitCode }).toEqual({ stdout: "out\n", stderr: "err\n", exitCode: 42 });
    });

    test("of an executable with its own C library", async () => {
      const run = { runtime, image: imageName("dynamic"), args: ["/probe", "say", "out", "err", "0"] };
      expect(await expectParity(containerd(), run)).toEqual({
        stdout: "out\n",
        stderr: "err\n",
        exitCode: 0,
      });
    });

    test("of a script found by PATH, with arguments, environment, folder and user of its image", async () => {
      const { stdout, exitCode } = await expectParity(containerd(), { runtime, image: imageName("script") });
      expect(stdout).toBe("/opt/entry.sh 2 first arg second\nhello = world from /home/user as 1000:1000\n");
      expect(exitCode).toBe(5);
    });

    test("of a program that faults", async () => {
      const run = { runtime, image: imageName("static"), args: ["/probe", "fault"] };
      expect((await expectParity(containerd(), run)).exitCode).toBe(139);
    });

    test("of 255, 1 and 0", async () => {
      for (const status of [255, 1, 0]) {
        const args = ["sh", "-c", `exit ${status}`];
        expect((await expectParity(containerd(), { runtime, image: busybox, args })).exitCode).toBe(status);
      }
    });

    test("with environment, working folder and arguments of the command line", async () => {
      const args = [
        "sh",
        "-c",
        'pwd; env; for a; do echo "<$a>"; done',
        "sh",
        "a b",
        "q\"u'o",
        "",
        "\\n\t$HOME",
      ];
      const flags = ["--env", "A=b=c d", "--env", "EMPTY=", "--cwd", "/work"];
      const { stdout } = await expectParity(containerd(), { runtime, image: busybox, flags, args });
      expect(stdout).toContain("A=b=c d\n");
      expect(stdout).toEndWith("<a b>\n<q\"u'o>\n<>\n<\\n\t$HOME>\n");
    });
  });

  test.each([...VARIANTS])("what a process sees of its container %s", async (_title, flags) => {
    await expectParity(
      containerd(),
      { runtime, image: busybox, flags, args: ["sh", "-c", LOOK] },
      normalizeLook,
    );
  });

  describe("limits of the cgroup", () => {
    test("memory and CPU are set as under runc", async () => {
      const flags = ["--memory-limit", "67108864", "--cpus", "0.5", "--mount", CGROUP_MOUNT];
      const files = ["memory/memory.limit_in_bytes", "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"];
      const id = containerd().nextId();
      const args = ["cat", ...files.map((file) => cgroupFile(containerd().namespace, id, file))];
      const { stdout } = await expectParity(containerd(), { runtime, image: busybox, id, flags, args });
      expect(stdout).toBe("67108864\n50000\n100000\n");
    });
  });

  test("a native container sees its three standard descriptors and no other", async () => {
    const run = { runtime, image: imageName("static"), args: ["/probe", "descriptors"] };
    const numbers = (text: string) => text.split("\n").map((line) => line.split(" ")[0]);
    const { stdout } = await expectParity(containerd(), run, numbers);
    expect(numbers(stdout)).toEqual(["0", "1", "2", ""]);
  });

  test("a bind mount shows the host's file, read-only when asked", async () => {
    const file = join(containerd().folder, `${runtime}-shared`);
    await writeFile(file, "from the host\n");
    const flags = ["--mount", `type=bind,src=${file},dst=/work/shared,options=rbind:ro`];
    const args = ["sh", "-c", "cat /work/shared; echo more >/work/shared || echo refused"];
    const { stdout } = await expectParity(containerd(), { runtime, image: busybox, flags, args });
    expect(stdout).toBe("from the host\nrefused\n");
  });
});

const CGROUP_MOUNT = "type=bind,src=/sys/fs/cgroup,dst=/work,options=rbind:ro";

function cgroupFile(namespace: string, id: string, file: string): string {
  const [controller = "", name = ""] = file.split("/");
  return `/work/${controller}/${namespace}/${id}/${name}`;
}
