// SPDX-License-Identifier: Apache-2.0
// Mounts of every kind, and who sees one that is made later.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "../../harness/command.ts";
import type { JsonMap } from "../../harness/spec.ts";
import { refusedCase, shellCase, type ParityCase } from "../parity-case.ts";
import type { Stage } from "../stage.ts";

const USUAL: readonly JsonMap[] = [
  { destination: "/proc", type: "proc", source: "proc" },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"] },
];

function withMounts(...mounts: readonly JsonMap[]): JsonMap {
  return { mounts: [...USUAL, ...mounts] };
}

function bind(source: string, destination: string, ...options: readonly string[]): JsonMap {
  return { destination, type: "bind", source, options };
}

/** A folder with a file, and a file system mounted below it where the containerd's shims see it. */
async function folderWithMount(stage: Stage, propagation = "private"): Promise<string> {
  const folder = join(stage.folder, "shared");
  await mkdir(join(folder, "below"), { recursive: true });
  await writeFile(join(folder, "file"), "of the host\n");
  const { mounts } = stage.containerd;
  await mustRun(mounts.enter(["mount", "--bind", `--make-${propagation}`, folder, folder]));
  return folder;
}

async function mountBelow(stage: Stage, folder: string): Promise<void> {
  const { mounts } = stage.containerd;
  await mustRun(mounts.enter(["mount", "-t", "tmpfs", "tmpfs", join(folder, "below")]));
  await mustRun(mounts.enter(["touch", join(folder, "below", "late")]));
}

/** What a container sees of a mount that is made on the host while it runs. */
function propagationCase(name: string, option: string, seen: string, linux: JsonMap = {}): ParityCase {
  return {
    name,
    expected: { output: `ready\n${seen}` },
    async play(stage) {
      const folder = await folderWithMount(stage, "shared");
      const script = "trap 'ls /mnt/shared/below; exit' TERM; echo ready; while :; do sleep 0.05; done";
      await using container = await stage.start(
        { ...withMounts(bind(folder, "/mnt/shared", "rbind", option)), linux },
        script,
      );
      await container.printed("ready");
      await mountBelow(stage, folder);
      await container.kill();
      await container.stopped();
      return { output: await container.output() };
    },
  };
}

/** A host folder with another file system below, as a container sees it. */
function nestedCase(name: string, option: string, stdout: string): ParityCase {
  return shellCase({
    name,
    spec: async (stage) => {
      const folder = await folderWithMount(stage);
      await mountBelow(stage, folder);
      return withMounts(bind(folder, "/mnt/nested", option, "ro"));
    },
    script: "cat /mnt/nested/file; ls /mnt/nested/below; touch /mnt/nested/x 2>/dev/null || echo refused",
    stdout,
  });
}

const SHOW_OPTIONS = "grep ' /mnt/one ' /proc/self/mountinfo | cut -d' ' -f6";

export const MOUNT_CASES: readonly ParityCase[] = [
  shellCase({
    name: "a tmpfs with options and size",
    spec: withMounts({
      destination: "/mnt/one",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "nodev", "noexec", "size=64k"],
    }),
    script: `${SHOW_OPTIONS}; df -k /mnt/one | tail -n 1 | awk '{ print $2 }'`,
    stdout: "rw,nosuid,nodev,noexec,relatime\n64\n",
  }),
  shellCase({
    name: "a bind mount with options of its own",
    spec: async ({ folder }) =>
      withMounts(bind(folder, "/mnt/one", "bind", "ro", "nosuid", "nodev", "noexec")),
    script: SHOW_OPTIONS,
    stdout: "ro,nosuid,nodev,noexec,relatime\n",
  }),
  shellCase({
    name: "a bind mount that may be written",
    spec: async ({ folder }) => withMounts(bind(folder, "/mnt/one", "bind", "rw")),
    script: "echo from inside >/mnt/one/file && cat /mnt/one/file && rm /mnt/one/file",
    stdout: "from inside\n",
  }),
  shellCase({
    name: "a bind mount of a file makes the file it is mounted on",
    spec: async ({ folder }) => {
      await writeFile(join(folder, "file"), "a file\n");
      return withMounts(bind(join(folder, "file"), "/mnt/made/for/file", "bind", "ro"));
    },
    script: "cat /mnt/made/for/file; stat -c %F /mnt/made/for",
    stdout: "a file\ndirectory\n",
  }),
  nestedCase("a bind mount leaves out what is mounted below", "bind", "of the host\nrefused\n"),
  nestedCase("a recursive bind mount shows what is mounted below", "rbind", "of the host\nlate\nrefused\n"),
  propagationCase("a slave mount shows what is mounted later", "rslave", "late\n", {
    rootfsPropagation: "rslave",
  }),
  propagationCase("a slave mount where nothing is said of the rootfs", "rslave", "late\n"),
  propagationCase("a private mount does not", "rprivate", ""),
  {
    name: "a shared mount shows the host what a container mounts",
    expected: { seen: "inside\n" },
    async play(stage) {
      const folder = await folderWithMount(stage, "shared");
      const spec = {
        ...withMounts(bind(folder, "/mnt/shared", "rbind", "rshared")),
        linux: { rootfsPropagation: "rshared" },
        process: { capabilities: { bounding: SYS_ADMIN, effective: SYS_ADMIN, permitted: SYS_ADMIN } },
      };
      const script =
        "mount -t tmpfs tmpfs /mnt/shared/below && touch /mnt/shared/below/inside && echo ready; sleep 1000";
      await using container = await stage.start(spec, script);
      await container.printed("ready");
      return { seen: await mustRun(stage.containerd.mounts.enter(["ls", join(folder, "below")])) };
    },
  },
  shellCase({
    name: "an overlay of two folders",
    spec: async ({ folder }) => {
      for (const name of ["upper", "lower"]) {
        await mkdir(join(folder, name), { recursive: true });
        await writeFile(join(folder, name, "both"), `${name}\n`);
        await writeFile(join(folder, name, `only-${name}`), "");
      }
      const options = [`lowerdir=${join(folder, "upper")}:${join(folder, "lower")}`];
      return withMounts({ destination: "/mnt/one", type: "overlay", source: "overlay", options });
    },
    script: "ls /mnt/one; cat /mnt/one/both",
    stdout: "both\nonly-lower\nonly-upper\nupper\n",
  }),
  shellCase({
    name: "mqueue, sysfs and devpts",
    spec: withMounts(
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: ["newinstance", "ptmxmode=0666", "mode=0620"],
      },
      {
        destination: "/dev/mqueue",
        type: "mqueue",
        source: "mqueue",
        options: ["nosuid", "noexec", "nodev"],
      },
      { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
    ),
    script:
      "ls /sys/class | grep -x net; ls /dev/mqueue /dev/pts; touch /sys/x 2>/dev/null || echo refused; mount | awk '{ print $5 }' | grep -E 'sysfs|mqueue|devpts' | sort",
    stdout: "net\n/dev/mqueue:\n\n/dev/pts:\nptmx\nrefused\ndevpts\nmqueue\nsysfs\n",
  }),
  shellCase({
    name: "a cgroup mount shows the container's own cgroup",
    spec: {
      ...withMounts(
        { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
        {
          destination: "/sys/fs/cgroup",
          type: "cgroup",
          source: "cgroup",
          options: ["nosuid", "noexec", "nodev", "ro"],
        },
      ),
      linux: { resources: { memory: { limit: 67_108_864 } } },
    },
    script: "cat /sys/fs/cgroup/memory/memory.limit_in_bytes; grep -c . /sys/fs/cgroup/memory/cgroup.procs",
    stdout: "67108864\n1\n",
  }),
  shellCase({
    name: "a mount on a symlink of the rootfs stays inside",
    spec: withMounts({ destination: "/link-to-work", type: "tmpfs", source: "tmpfs", options: ["size=64k"] }),
    script: "grep -c ' /work ' /proc/self/mountinfo",
    stdout: "1\n",
  }),
  shellCase({
    name: "a tmpfs that begins with what it covers",
    spec: withMounts({ destination: "/etc", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"] }),
    script: "head -n 1 /etc/passwd; echo new >/etc/new && cat /etc/new",
    stdout: "root:x:0:0::/root:/bin/sh\nnew\n",
  }),
  refusedCase("a bind mount of what is not there", withMounts(bind("/not/there", "/mnt/one", "bind"))),
  refusedCase(
    "a mount of a file system that is not known",
    withMounts({ destination: "/mnt/one", type: "nope", source: "nope" }),
  ),
];

const SYS_ADMIN = ["CAP_SYS_ADMIN"];
