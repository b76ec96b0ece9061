// SPDX-License-Identifier: Apache-2.0
// A module is confined like any container: rootfs, user, privileges, limits and preopened directories.
import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, type TestImage } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { readStatusField } from "./harness/processes.ts";
import { BASE_FOLDERS } from "./harness/rootfs.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS, type Runtime } from "./harness/runtimes.ts";
import { writeSpec } from "./harness/spec.ts";
import { moduleFiles, wasmImage } from "./harness/wasm-images.ts";

const MODULES = ["sleep", "hello", "readfile", "writefile", "ls", "grow", "lines"];
const image = imageName("wasm");
/** What the kernel says of a process's privileges. */
const PRIVILEGES = [
  "Uid",
  "Gid",
  "Groups",
  "CapInh",
  "CapPrm",
  "CapEff",
  "CapBnd",
  "CapAmb",
  "NoNewPrivs",
  "Seccomp",
];

async function images(): Promise<TestImage[]> {
  const wasm = await wasmImage("wasm", MODULES);
  const busybox = await busyboxImage();
  const asUser = { user: "1000:1000" };
  return [
    wasm,
    { ...wasm, name: "wasm-user", process: { ...wasm.process, ...asUser } },
    busybox,
    { ...busybox, name: "busybox-user", process: { ...busybox.process, ...asUser } },
  ];
}

const VARIANTS: readonly {
  readonly title: string;
  readonly suffix: string;
  readonly flags: readonly string[];
}[] = [
  { title: "without flags", suffix: "", flags: [] },
  { title: "as another user", suffix: "-user", flags: [] },
  { title: "with --allow-new-privs", suffix: "", flags: ["--allow-new-privs"] },
  { title: "with --seccomp", suffix: "", flags: ["--seccomp"] },
  { title: "with --seccomp as another user", suffix: "-user", flags: ["--seccomp"] },
  {
    title: "with dropped capabilities",
    suffix: "",
    flags: ["--cap-drop", "CAP_CHOWN", "--cap-drop", "CAP_KILL"],
  },
  { title: "with --privileged", suffix: "", flags: ["--privileged"] },
];

forEachShim(SHIMS, images, ({ runtime, containerd }) => {
  const run = (args: string[], flags: readonly string[] = [], from = image) =>
    runContainer(containerd(), { runtime, image: from, args, flags });

  test.each([...VARIANTS])(
    "$title a guest has the privileges of a native process",
    async ({ suffix, flags }) => {
      const ours = await privileges(
        containerd(),
        runtime,
        imageName(`wasm${suffix}`),
        ["/sleep.wasm"],
        flags,
      );
      const native = imageName(`busybox${suffix}`);
      expect(ours).toEqual(
        await privileges(containerd(), "runc", native, ["sh", "-c", "echo sleeping; sleep 3600"], flags),
      );
    },
  );

  test("runs with no capability, a read-only rootfs, no_new_privs and a user that owns nothing", async () => {
    const none = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
    const args = ["/readfile.wasm", "/work/note.txt"];
    const files = [
      ...BASE_FOLDERS,
      { kind: "file", path: "work/note.txt", content: "a note\n" } as const,
      ...(await moduleFiles(["readfile"])),
    ];
    const { id, flags, spec, rootfs } = await writeSpec(containerd(), files, {
      process: { args, capabilities: none, noNewPrivileges: true, user: { uid: 4242, gid: 4242 } },
    });
    await writeFile(flags[1] ?? "", JSON.stringify({ ...spec, root: { path: rootfs, readonly: true } }));
    expect(await runContainer(containerd(), { runtime, id, flags })).toEqual({
      stdout: "a note\n",
      stderr: "",
      exitCode: 0,
    });
  });

  describe("files", () => {
    test("a read-only rootfs is read and not written", async () => {
      expect((await run(["/readfile.wasm", "/work/note.txt"], ["--read-only"])).stdout).toBe("a note\n");
      const { stderr, exitCode } = await run(["/writefile.wasm", "/work/new", "text"], ["--read-only"]);
      // The word for it is the engine's: rofs (69), or io (29) where it has none.
      expect(stderr).toMatch(/^cannot write \/work\/new: errno (69|29)\n$/);
      expect(exitCode).toBe(1);
    });

    test("a writable rootfs is written", async () => {
      expect(await run(["/writefile.wasm", "/work/new", "text"])).toEqual({
        stdout: "",
        stderr: "",
        exitCode: 0,
      });
    });

    test("another user writes what is its own and nothing else", async () => {
      const user = imageName("wasm-user");
      expect((await run(["/writefile.wasm", "/home/user/new", "text"], [], user)).exitCode).toBe(0);
      const { stderr, exitCode } = await run(["/writefile.wasm", "/root/new", "text"], [], user);
      expect({ stderr, exitCode }).toEqual({ stderr: "cannot write /root/new: errno 2\n", exitCode: 1 });
    });

    test("a relative path is resolved in the working directory", async () => {
      expect((await run(["/readfile.wasm", "note.txt"], ["--cwd", "/work"])).stdout).toBe("a note\n");
    });

    test("a mounted volume is read", async () => {
      const folder = join(containerd().folder, `${runtime}-data`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "data.txt"), "from a volume\n");
      const flags = ["--mount", `type=bind,src=${folder},dst=/work/vol,options=rbind:ro`];
      expect((await run(["/readfile.wasm", "/work/vol/data.txt"], flags)).stdout).toBe("from a volume\n");
    });
  });

  describe("the node's preopens", () => {
    async function withOptions(toml: string, args: string[], more: string[] = []) {
      const path = join(containerd().folder, `${runtime}-preopens.toml`);
      await writeFile(path, `[preopens]\n${toml}`);
      return run(args, ["--runtime-config-path", path, ...more]);
    }
    const readNote = ["/readfile.wasm", "/work/note.txt"];
    const readModule = ["/readfile.wasm", "/hello.wasm"];
    const ask = (folders: string) => ["--annotation", `preopens.runwasi.io=${folders}`];

    test("are what a guest may open", async () => {
      expect((await withOptions('maximum = ["/work"]\n', readNote)).stdout).toBe("a note\n");
      expect((await withOptions('maximum = ["/work"]\n', readModule)).exitCode).toBe(1);
      expect((await withOptions("maximum = []\n", readNote)).exitCode).toBe(1);
    });

    test("by default may be less than what a pod may ask for, and no pod may ask for more", async () => {
      const options = 'default = []\nmaximum = ["/work"]\n';
      expect((await withOptions(options, readNote)).exitCode).toBe(1);
      expect((await withOptions(options, readNote, ask("/work"))).stdout).toBe("a note\n");
      for (const more of ["/", "/workshop", "/work/.."]) {
        const { stdout, stderr, exitCode } = await withOptions(options, readNote, ask(more));
        expect({ stdout, failed: exitCode !== 0 }).toEqual({ stdout: "", failed: true });
        expect(stderr).toContain("cannot preopen");
      }
    });

    test("of one container are told by its name", async () => {
      const named = (name: string) => [
        "--annotation",
        "io.kubernetes.cri.container-name=web",
        "--annotation",
        `preopens.runwasi.io/${name}=/tmp`,
      ];
      expect((await run(readNote, named("web"))).exitCode).toBe(1);
      expect((await run(readNote, named("other"))).stdout).toBe("a note\n");
    });
  });

  describe("annotation preopens", () => {
    const preopens = (value: string) => ["--annotation", `preopens.runwasi.io=${value}`];

    test("narrows what a guest may open", async () => {
      const inside = await run(["/readfile.wasm", "/work/note.txt"], preopens("/work"));
      expect(inside).toEqual({ stdout: "a note\n", stderr: "", exitCode: 0 });
      expect((await run(["/readfile.wasm", "/hello.wasm"], preopens("/work"))).exitCode).toBe(1);
    });

    test("left empty opens nothing", async () => {
      expect((await run(["/readfile.wasm", "/work/note.txt"], preopens(""))).exitCode).toBe(1);
    });

    test.each(["work", "/work:ro", "/work,,", "../x"])("%j fails Create by name", async (value) => {
      const { stdout, stderr, exitCode } = await run(["/hello.wasm"], preopens(value));
      expect(exitCode).not.toBe(0);
      expect(stdout).toBe("");
      expect(stderr).toContain("preopens");
    });
  });

  describe("limits", () => {
    test("a guest that outgrows its memory limit is killed", async () => {
      const flags = ["--memory-limit", String(192 << 20)];
      expect((await run(["/grow.wasm", "512"], flags)).exitCode).toBe(137);
    });

    test("a guest within its memory and CPU limits runs", async () => {
      const flags = ["--memory-limit", String(192 << 20), "--cpus", "0.5"];
      expect(await run(["/grow.wasm", "32"], flags)).toEqual({ stdout: "grown\n", stderr: "", exitCode: 0 });
    });
  });

  test("the container's hostname is its own", async () => {
    const args = ["/readfile.wasm", "/proc/sys/kernel/hostname"];
    const files = [...BASE_FOLDERS, ...(await moduleFiles(["readfile"]))];
    const { id, flags } = await writeSpec(containerd(), files, { hostname: "wasm-host", process: { args } });
    expect((await runContainer(containerd(), { runtime, id, flags })).stdout).toBe("wasm-host\n");
  });
});

async function privileges(
  containerd: Containerd,
  runtime: Runtime,
  image: string,
  args: readonly string[],
  flags: readonly string[],
): Promise<Record<string, string | undefined>> {
  await using container = await startDetached(containerd, { runtime, image, args, flags });
  // Start may come back before the runtime has given its last privileges away.
  await container.printed("sleeping");
  const fields = await Promise.all(
    PRIVILEGES.map(async (field) => [field, await readStatusField(container.pid, field)] as const),
  );
  return Object.fromEntries(fields);
}
