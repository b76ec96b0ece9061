// SPDX-License-Identifier: Apache-2.0
// Run by run-scenario.ts in a mount namespace of its own: <scenario> <scratch folder>.
import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../packages/shimkit/src/error.ts";
import { MountError } from "../../../packages/shimkit/src/mount/mount-error.ts";
import { mountRootfs } from "../../../packages/shimkit/src/mount/mount-rootfs.ts";
import type { RootfsMount } from "../../../packages/shimkit/src/mount/rootfs-mount.ts";
import { unmountRootfs } from "../../../packages/shimkit/src/mount/unmount-rootfs.ts";

const [, , name = "", scratch = ""] = process.argv;
const rootfs = join(scratch, "rootfs");

/** Makes a folder in the scratch folder, with files by name. */
function folder(path: string, files: Record<string, string> = {}): string {
  const full = join(scratch, path);
  mkdirSync(full, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(full, file), content);
  return full;
}

function mount(type: string, source: string, options: readonly string[], target = ""): RootfsMount {
  return { type, source, target, options };
}

function overlay(lower: readonly string[], more: readonly string[] = []): RootfsMount {
  const own = [`upperdir=${folder("upper")}`, `workdir=${folder("work")}`];
  return mount("overlay", "overlay", ["index=off", ...more, `lowerdir=${lower.join(":")}`, ...own]);
}

function run(...argv: string[]): string {
  const { stdout, stderr, exitCode } = Bun.spawnSync(argv);
  if (exitCode !== 0) throw new Error(`${argv.join(" ")}: ${stderr.toString()}`);
  return stdout.toString();
}

/** Lines of mountinfo whose mount point is `path` or below. */
function mountsAt(path: string): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => `${line.split(" ")[4]}/`.startsWith(`${path}/`));
}

function errnoOfWrite(path: string): string {
  try {
    writeFileSync(path, "x");
    return "none";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "?";
  }
}

async function failureOf(action: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await action;
    return {};
  } catch (error) {
    const details = error instanceof MountError ? { errno: error.errno, code: error.code } : {};
    return { message: messageOf(error).replaceAll(scratch, "<scratch>"), ...details };
  }
}

const scenarios: Record<string, () => Promise<Record<string, unknown>>> = {
  async overlay() {
    const lower = [folder("l2", { top: "2" }), folder("l1", { base: "1" })];
    await using _mounted = await mountRootfs([overlay(lower)], rootfs);
    writeFileSync(join(rootfs, "new"), "n");
    return { files: readdirSync(rootfs).toSorted(), upper: readdirSync(join(scratch, "upper")) };
  },

  async "many layers"() {
    const long = "a-name-that-makes-the-options-longer-than-a-page".repeat(2);
    const lower = Array.from({ length: 128 }, (_, index) =>
      folder(`${long}/${index}/fs`, { [`f${index}`]: "" }),
    );
    await using _mounted = await mountRootfs([overlay(lower)], rootfs);
    return { optionBytes: lower.join(":").length, files: readdirSync(rootfs).length };
  },

  async "escaped layer names"() {
    const odd = folder("odd:name,with\\all", { odd: "" });
    const escaped = odd.replaceAll(/[\\:,]/g, (character) => `\\${character}`);
    const filler = Array.from({ length: 60 }, (_, index) => folder(`${"x".repeat(80)}/${index}`));
    await using _mounted = await mountRootfs([overlay([escaped, ...filler])], rootfs);
    return { files: readdirSync(rootfs) };
  },

  async "too many layers"() {
    const lower = Array.from({ length: 300 }, (_, index) => folder(`layers-of-too-many/${index}`));
    return failureOf(mountRootfs([overlay(lower)], rootfs));
  },

  async "read-only bind"() {
    const source = folder("tmpfs");
    run("mount", "-t", "tmpfs", "-o", "nosuid,nodev,noexec", "tmpfs", source);
    writeFileSync(join(source, "file"), "");
    const found = await (async () => {
      await using _mounted = await mountRootfs([mount("bind", source, ["rbind", "ro"])], rootfs);
      const [line = ""] = mountsAt(rootfs);
      return {
        write: errnoOfWrite(join(rootfs, "file")),
        flags: line.split(" ")[5],
        source: errnoOfWrite(join(source, "file")),
      };
    })();
    run("umount", source);
    return found;
  },

  async "bind by type alone, with flags taken back"() {
    const source = folder("tmpfs");
    run("mount", "-t", "tmpfs", "-o", "nosuid,nodev", "tmpfs", source);
    const found = await (async () => {
      await using _mounted = await mountRootfs([mount("bind", source, ["noexec", "dev", "rslave"])], rootfs);
      const fields = mountsAt(rootfs)[0]?.split(" ") ?? [];
      return { flags: fields[5] };
    })();
    run("umount", source);
    return found;
  },

  async remount() {
    const lower = [folder("l1", { file: "" })];
    const layers = overlay(lower);
    await using _mounted = await mountRootfs(
      [layers, mount("overlay", "overlay", ["remount", "ro"])],
      rootfs,
    );
    return { mounts: mountsAt(rootfs).length, write: errnoOfWrite(join(rootfs, "file")) };
  },

  async propagation() {
    const source = folder("source");
    await using _mounted = await mountRootfs([mount("bind", source, ["rbind", "rshared"])], rootfs);
    return { shared: mountsAt(rootfs)[0]?.split(" ")[6]?.startsWith("shared:") };
  },

  async "sub path over a symbolic link that leads out"() {
    const outside = folder("outside/inner");
    const image = folder("image/inside", {});
    mkdirSync(join(scratch, "image", outside), { recursive: true });
    symlinkSync(outside, join(scratch, "image", "link"));
    const data = folder("data", { secret: "" });
    await using _mounted = await mountRootfs(
      [mount("bind", join(scratch, "image"), ["bind"]), mount("bind", data, ["bind", "ro"], "/link")],
      rootfs,
    );
    const resolved = join(rootfs, outside);
    return {
      outside: readdirSync(outside),
      inside: readdirSync(resolved),
      write: errnoOfWrite(join(resolved, "x")),
      other: readdirSync(image),
    };
  },

  async "sub path with too many dots"() {
    const image = folder("image");
    const data = folder("data", { file: "" });
    await using _mounted = await mountRootfs(
      [mount("bind", image, ["bind"]), mount("bind", data, ["bind"], "../../../..")],
      rootfs,
    );
    return {
      mounts: mountsAt(rootfs).length,
      files: readdirSync(rootfs),
      root: readdirSync("/").includes("proc"),
    };
  },

  async "sub path that is missing"() {
    const image = folder("image");
    const failure = await failureOf(
      mountRootfs([mount("bind", image, ["bind"]), mount("bind", image, ["bind"], "no/such")], rootfs),
    );
    return { ...failure, mounts: mountsAt(rootfs).length };
  },

  async "second mount fails"() {
    const failure = await failureOf(
      mountRootfs([overlay([folder("l1")]), overlay([join(scratch, "absent"), folder("l1")])], rootfs),
    );
    return { ...failure, mounts: mountsAt(rootfs).length };
  },

  async "unknown filesystem"() {
    return failureOf(mountRootfs([mount("nosuchfs", "none", [])], rootfs));
  },

  async "no mounts"() {
    folder("rootfs");
    run("mount", "-t", "tmpfs", "tmpfs", rootfs);
    await (await mountRootfs([], rootfs))[Symbol.asyncDispose]();
    const mounts = mountsAt(rootfs).length;
    await unmountRootfs(rootfs);
    return { mounts };
  },

  async "unmount by path"() {
    const source = folder("source/below");
    await mountRootfs(
      [
        mount("bind", join(scratch, "source"), ["bind"]),
        overlay([folder("l1/below")]),
        mount("bind", source, ["bind"]),
      ],
      rootfs,
    );
    const before = mountsAt(rootfs).length;
    await unmountRootfs(rootfs);
    await unmountRootfs(rootfs);
    await unmountRootfs(join(scratch, "absent"));
    return { before, after: mountsAt(rootfs).length };
  },

  async "mounts below a plain folder"() {
    folder("rootfs/a b/c");
    for (const path of ["a b", "a b/c"]) {
      folder(`rootfs/${path}`);
      run("mount", "-t", "tmpfs", "tmpfs", join(rootfs, path));
    }
    const before = mountsAt(rootfs).length;
    await unmountRootfs(rootfs);
    return { before, after: mountsAt(rootfs).length };
  },

  async "unmount in use"() {
    await mountRootfs([overlay([folder("l1", { file: "x" })])], rootfs);
    const child = Bun.spawn(["cat"], { cwd: rootfs, stdin: "pipe", stdout: "ignore" });
    await unmountRootfs(rootfs);
    const cwd = readlinkSync(`/proc/${child.pid}/cwd`);
    child.kill();
    await child.exited;
    return { mounts: mountsAt(rootfs).length, stillThere: cwd !== "" };
  },

  async "loop device"() {
    const image = join(scratch, "image.ext4");
    run("truncate", "-s", "8M", image);
    run("mkfs.ext4", "-q", image);
    const devices = async (options: readonly string[]) => {
      await using _mounted = await mountRootfs([mount("ext4", image, options)], rootfs);
      const source = mountsAt(rootfs)[0]?.split(" - ")[1]?.split(" ")[1] ?? "";
      return { source, write: errnoOfWrite(join(rootfs, "file")) };
    };
    const written = await devices(["loop"]);
    const readOnly = await devices(["loop", "ro"]);
    const busy = readdirSync("/sys/block").filter((device) => {
      const file = Bun.spawnSync(["cat", `/sys/block/${device}/loop/backing_file`]).stdout.toString();
      return file.includes(scratch);
    });
    return {
      isLoop: written.source.startsWith("/dev/loop"),
      write: written.write,
      readOnly: readOnly.write,
      busy,
    };
  },

  async "loop device of a missing file"() {
    return failureOf(mountRootfs([mount("ext4", join(scratch, "absent"), ["loop"])], rootfs));
  },

  async "id-mapped overlay"() {
    const lower = [folder("l2", { two: "" }), folder("l1", { one: "" })];
    chownSync(join(scratch, "l1", "one"), 7, 8);
    const map = ["uidmap=0:100000:65536", "gidmap=0:200000:65536"];
    await using _mounted = await mountRootfs([overlay(lower, map)], rootfs);
    const { uid, gid } = statSync(join(rootfs, "one"));
    writeFileSync(join(rootfs, "new"), "");
    return { uid, gid, two: statSync(join(rootfs, "two")).uid, mounts: mountsAt(rootfs).length };
  },

  async "id-mapped bind"() {
    const source = folder("source", { file: "" });
    const map = ["uidmap=0:100000:1000,1000:500000:1000", "gidmap=0:100000:65536"];
    chownSync(join(source, "file"), 1005, 0);
    await using _mounted = await mountRootfs([mount("bind", source, ["rbind", "ro", ...map])], rootfs);
    const { uid, gid } = statSync(join(rootfs, "file"));
    return { uid, gid, write: errnoOfWrite(join(rootfs, "x")), mounts: mountsAt(rootfs).length };
  },

  async "broken owner mapping"() {
    const options = ["bind", "uidmap=0:0:0", "gidmap=0:0:1"];
    return failureOf(mountRootfs([mount("bind", folder("source"), options)], rootfs));
  },

  async "fuse without a helper"() {
    return failureOf(mountRootfs([mount("fuse3.no-such-fs", "none", [])], rootfs));
  },
};

/** Descriptors of files, folders, devices and namespaces; pipes and the like are Bun's, which keeps some. */
function openFiles(): number {
  const links = readdirSync("/proc/self/fd").map((fd) => readlinkIfOpen(`/proc/self/fd/${fd}`));
  return links.filter((link) => link.startsWith("/") || link.startsWith("user:")).length;
}

function readlinkIfOpen(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // the descriptor that listed the folder
  }
}

const scenario = scenarios[name];
if (scenario === undefined) throw new Error(`there is no scenario "${name}"`);
const count = () => ({ mounts: mountsAt("").length, fds: openFiles() });
const before = count();
const result = await scenario();
const after = count();
console.log(
  JSON.stringify({
    result,
    leftMounts: after.mounts - before.mounts,
    leftFds: after.fds - before.fds,
    workingDirectory: process.cwd(),
  }),
);
