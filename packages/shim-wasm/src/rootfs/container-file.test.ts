// SPDX-License-Identifier: Apache-2.0
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "bun:test";
import { openFds } from "@runwasi/containerd-shimkit/testing/open-fds.ts";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { RuntimeSpec, SpecMount } from "@runwasi/oci";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { containerFiles, normalizePath, type ContainerFiles } from "./container-file.ts";

/** A bundle with a rootfs; beside it, what no container may reach: `outside/secret`. */
function createBundle(mounts: readonly SpecMount[] = [], root = "rootfs") {
  const folder = createTemporaryFolder();
  const at = (path: string) => join(folder.path, path);
  mkdirSync(at("rootfs"));
  mkdirSync(at("outside"));
  writeFileSync(at("outside/secret"), "secret");
  const spec: RuntimeSpec = { ociVersion: "1.0.0", root: { path: root }, mounts: [...mounts] };
  return {
    path: folder.path,
    at,
    files: containerFiles(folder.path, spec),
    file(path: string, content = path) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), content);
    },
    link(target: string, path: string) {
      mkdirSync(dirname(at(path)), { recursive: true });
      symlinkSync(target, at(path));
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** The path in the container and the content of what a path names; undefined for nothing. */
function found(files: ContainerFiles, path: string): readonly [string, string] | undefined {
  const before = openFds();
  try {
    using file = files.open(path);
    if (file === undefined) return undefined;
    return [file.path, file.stats.isDirectory() ? "a directory" : readFileSync(file.descriptorPath, "utf8")];
  } finally {
    expect(openFds()).toEqual(before);
  }
}

test("plain paths, in every spelling", () => {
  using bundle = createBundle();
  bundle.file("rootfs/bin/tool", "tool");
  for (const path of [
    "/bin/tool",
    "bin/tool",
    "//bin///tool",
    "/./bin/./tool",
    "/bin/../bin/tool",
    "/bin/tool/",
  ]) {
    expect(found(bundle.files, path)).toEqual(["/bin/tool", "tool"]);
  }
  expect(found(bundle.files, "/")).toEqual(["/", "a directory"]);
  expect(found(bundle.files, "")).toEqual(["/", "a directory"]);
});

test("what is not there is undefined", () => {
  using bundle = createBundle();
  bundle.file("rootfs/file");
  for (const path of [
    "/absent",
    "/absent/below",
    "/file/below",
    "/file/../file/x",
    "/\u{1f600}",
    `/${"x".repeat(300)}`,
  ]) {
    expect(found(bundle.files, path)).toBeUndefined();
  }
  expect(found(bundle.files, `/${"a/".repeat(100_000)}`)).toBeUndefined();
});

test("`..` at the root stays at the root", () => {
  using bundle = createBundle();
  bundle.file("rootfs/file", "inside");
  expect(found(bundle.files, "/../../../file")).toEqual(["/file", "inside"]);
  expect(found(bundle.files, "/../outside/secret")).toBeUndefined();
});

test("symlinks are followed inside the container: absolute ones from its root, relative ones from their folder", () => {
  using bundle = createBundle();
  bundle.file("rootfs/usr/bin/tool", "tool");
  bundle.link("/usr/bin", "rootfs/bin");
  bundle.link("../bin/tool", "rootfs/usr/relative");
  bundle.link("tool", "rootfs/usr/bin/same");
  bundle.link("/relative-missing", "rootfs/dangling");
  expect(found(bundle.files, "/bin/tool")).toEqual(["/usr/bin/tool", "tool"]);
  expect(found(bundle.files, "/usr/relative")).toEqual(["/usr/bin/tool", "tool"]);
  expect(found(bundle.files, "/bin/same")).toEqual(["/usr/bin/tool", "tool"]);
  expect(found(bundle.files, "/dangling")).toBeUndefined();
});

test("`..` after a symlink is the parent of its target", () => {
  using bundle = createBundle();
  bundle.file("rootfs/a/file", "in a");
  bundle.file("rootfs/file", "in root");
  mkdirSync(bundle.at("rootfs/a/b"));
  bundle.link("/a/b", "rootfs/link");
  expect(found(bundle.files, "/link/../file")).toEqual(["/a/file", "in a"]);
});

test("no symlink leads out of the rootfs", () => {
  using bundle = createBundle();
  const up = "../".repeat(30);
  const targets = [
    bundle.at("outside/secret"),
    "../outside/secret",
    `${up}${bundle.at("outside/secret").slice(1)}`,
    `/proc/self/root${bundle.at("outside/secret")}`,
    "/proc/self/cwd/../outside/secret",
  ];
  for (const [index, target] of targets.entries()) {
    bundle.link(target, `rootfs/link${index}`);
    expect(found(bundle.files, `/link${index}`)).toBeUndefined();
  }
  bundle.link(up, "rootfs/up");
  expect(found(bundle.files, "/up")).toEqual(["/", "a directory"]);
  expect(found(bundle.files, "/up/etc/hostname")).toBeUndefined();
});

test("loops and chains of symlinks end", () => {
  using bundle = createBundle();
  bundle.link("loop", "rootfs/loop");
  bundle.link("b", "rootfs/a");
  bundle.link("a", "rootfs/b");
  bundle.link("deeper/deeper", "rootfs/deeper");
  bundle.file("rootfs/end", "end");
  for (let index = 0; index < 41; index += 1)
    bundle.link(index === 0 ? "end" : `c${index - 1}`, `rootfs/c${index}`);
  for (const path of ["/loop", "/a", "/deeper", "/c40"]) expect(found(bundle.files, path)).toBeUndefined();
  expect(found(bundle.files, "/c39")).toEqual(["/end", "end"]); // as many as Linux follows
});

test("a bind mount lies over the rootfs, the longest destination first", () => {
  const mounts: SpecMount[] = [
    { destination: "/data", type: "bind", source: "volume" },
    { destination: "/data/sub/", type: "none", options: ["ro", "rbind"], source: "inner" },
    { destination: "/etc/../etc/config", options: ["bind"], source: "outside/secret" },
  ];
  using bundle = createBundle(mounts);
  bundle.file("rootfs/data/file", "rootfs");
  bundle.file("rootfs/data/sub/file", "rootfs");
  mkdirSync(bundle.at("rootfs/etc"));
  bundle.file("volume/file", "volume");
  bundle.file("volume/sub/file", "volume/sub");
  bundle.file("inner/file", "inner");
  expect(found(bundle.files, "/data/file")).toEqual(["/data/file", "volume"]);
  expect(found(bundle.files, "/data/sub/file")).toEqual(["/data/sub/file", "inner"]);
  expect(found(bundle.files, "/etc/config")).toEqual(["/etc/config", "secret"]); // a mounted file
  expect(found(bundle.files, "/data/sub/../file")).toEqual(["/data/file", "volume"]);
});

test("a symlink in a volume leads into the container, and not to the volume's host", () => {
  using bundle = createBundle([{ destination: "/data", type: "bind", source: "volume" }]);
  bundle.file("rootfs/etc/passwd", "of the container");
  mkdirSync(bundle.at("volume"));
  bundle.link("/etc/passwd", "volume/absolute");
  bundle.link("../etc/passwd", "volume/relative");
  bundle.link("../outside/secret", "volume/up");
  expect(found(bundle.files, "/data/absolute")).toEqual(["/etc/passwd", "of the container"]);
  expect(found(bundle.files, "/data/relative")).toEqual(["/etc/passwd", "of the container"]);
  expect(found(bundle.files, "/data/up")).toBeUndefined();
});

test("a symlink in the rootfs leads into a volume", () => {
  using bundle = createBundle([{ destination: "/data", type: "bind", source: "volume" }]);
  bundle.file("volume/tool", "tool");
  bundle.link("/data/tool", "rootfs/tool");
  expect(found(bundle.files, "/tool")).toEqual(["/data/tool", "tool"]);
});

test("a volume whose mount point the runtime has yet to make is seen, with nothing else above it", () => {
  using bundle = createBundle([{ destination: "/tekton/bin", type: "bind", source: "volume" }]);
  bundle.file("volume/entrypoint", "tool");
  expect(found(bundle.files, "/tekton/bin/entrypoint")).toEqual(["/tekton/bin/entrypoint", "tool"]);
  expect(found(bundle.files, "/tekton/bin/../bin/entrypoint")).toEqual(["/tekton/bin/entrypoint", "tool"]);
  expect(found(bundle.files, "/tekton")).toBeUndefined();
  expect(found(bundle.files, "/tekton/other")).toBeUndefined();
  expect(found(bundle.files, "/tek")).toBeUndefined();
});

test("a volume is where the image's symlinks lead its mount point", () => {
  using bundle = createBundle([
    { destination: "/var/run/argo", type: "bind", source: "volume" },
    { destination: "/alias/inner", type: "bind", source: "inner" },
  ]);
  mkdirSync(bundle.at("rootfs/run"));
  mkdirSync(bundle.at("rootfs/var"));
  bundle.link("/run", "rootfs/var/run");
  bundle.link("run/argo", "rootfs/alias");
  bundle.file("volume/argoexec", "tool");
  bundle.file("inner/deep", "deep");
  expect(found(bundle.files, "/var/run/argo/argoexec")).toEqual(["/run/argo/argoexec", "tool"]);
  expect(found(bundle.files, "/run/argo/argoexec")).toEqual(["/run/argo/argoexec", "tool"]);
  expect(found(bundle.files, "/run/argo/inner/deep")).toEqual(["/run/argo/inner/deep", "deep"]);
});

test("of two mounts at one place the later counts", () => {
  using bundle = createBundle([
    { destination: "/data", type: "bind", source: "one" },
    { destination: "/data/", type: "bind", source: "two" },
  ]);
  bundle.file("one/file", "one");
  bundle.file("two/file", "two");
  expect(found(bundle.files, "/data/file")).toEqual(["/data/file", "two"]);
});

test("nothing is seen in a mount whose content only the container has, nor in a bind of nothing", () => {
  using bundle = createBundle([
    { destination: "/dev", type: "tmpfs", source: "tmpfs" },
    { destination: "/gone", type: "bind", source: "/nonexistent" },
    { destination: "/none", type: "bind" },
  ]);
  for (const name of ["dev", "gone", "none"]) bundle.file(`rootfs/${name}/file`);
  for (const path of ["/dev/file", "/dev", "/gone/file", "/none/file", "/none"]) {
    expect(found(bundle.files, path)).toBeUndefined();
  }
});

test("a rootfs by absolute path, and one that is not there", () => {
  using bundle = createBundle();
  bundle.file("rootfs/file", "x");
  const at = (path: string) => containerFiles("/", { ociVersion: "1.0.0", root: { path } });
  expect(found(at(bundle.at("rootfs")), "/file")).toEqual(["/file", "x"]);
  expect(found(at("/nonexistent"), "/file")).toBeUndefined();
  expect(found(containerFiles(bundle.path, { ociVersion: "1.0.0" }), "/file")).toEqual(["/file", "x"]);
});

test("a file stays the one that was found when its name becomes a symlink", () => {
  using bundle = createBundle();
  bundle.file("rootfs/file", "first");
  using file = bundle.files.open("/file");
  renameSync(bundle.at("rootfs/file"), bundle.at("rootfs/old"));
  bundle.link(bundle.at("outside/secret"), "rootfs/file");
  expect(readFileSync(file?.descriptorPath ?? "", "utf8")).toBe("first");
});

test("a folder that turns into a symlink again and again never leads out", async () => {
  using bundle = createBundle();
  bundle.file("rootfs/real/secret", "inside");
  bundle.link(bundle.at("outside"), "rootfs/evil");
  mkdirSync(bundle.at("rootfs/dir"));
  bundle.file("rootfs/dir/secret", "inside");
  const flip = `cd "$1/rootfs"; while :; do mv dir a; mv evil dir; mv dir evil; mv a dir; done`;
  const attacker = Bun.spawn(["sh", "-c", flip, "sh", bundle.path], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const before = openFds();
  const seen = new Set<string>();
  const deadline = performance.now() + 300;
  while (performance.now() < deadline) {
    using file = bundle.files.open("/dir/secret");
    if (file !== undefined) seen.add(readFileSync(file.descriptorPath, "utf8"));
  }
  attacker.kill("SIGKILL");
  await attacker.exited;
  expect([...seen]).toEqual(["inside"]);
  expect(openFds()).toEqual(before);
});

test("ensureDirectory() makes what is missing, through symlinks, inside the container", () => {
  using bundle = createBundle([{ destination: "/data", type: "bind", source: "volume" }]);
  mkdirSync(bundle.at("volume"));
  mkdirSync(bundle.at("rootfs/real"));
  bundle.link("/real", "rootfs/link");
  bundle.link("../../outside", "rootfs/out");
  const before = openFds();
  bundle.files.ensureDirectory("/a/b/c");
  bundle.files.ensureDirectory("/a/b/c");
  bundle.files.ensureDirectory("/link/new");
  bundle.files.ensureDirectory("/data/new");
  bundle.files.ensureDirectory("/../up");
  bundle.files.ensureDirectory("/out/new");
  expect(openFds()).toEqual(before);
  for (const path of ["rootfs/a/b/c", "rootfs/real/new", "volume/new", "rootfs/up", "rootfs/outside/new"]) {
    expect(statSync(bundle.at(path)).isDirectory()).toBe(true);
  }
  expect(statSync(bundle.at("rootfs/a")).mode & 0o777).toBe(0o755 & ~process.umask());
  expect(existsSync(bundle.at("outside/new"))).toBe(false);
});

test("ensureDirectory() below a file is InvalidArgument, and below a tmpfs the runtime's work", async () => {
  using bundle = createBundle([{ destination: "/tmp", type: "tmpfs" }]);
  bundle.file("rootfs/file");
  const before = openFds();
  const error = await rejection(() => bundle.files.ensureDirectory("/file/below"));
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining('"/file/below"') });
  bundle.files.ensureDirectory("/tmp/new");
  expect(existsSync(bundle.at("rootfs/tmp"))).toBe(false);
  expect(openFds()).toEqual(before);
});

test.each([
  ["/", "/"],
  ["", "/"],
  ["/a/", "/a"],
  ["a", "/a"],
  ["//a//b/./c/../d", "/a/b/d"],
  ["/..", "/"],
  ["/../../a", "/a"],
  ["/a/..", "/"],
])("normalizePath(%p) is %p", (path, normal) => {
  expect(normalizePath(path)).toBe(normal);
});
