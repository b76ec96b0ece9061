// SPDX-License-Identifier: Apache-2.0
// Nothing in an image or a pod's environment steers what runs outside the guest.
import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TarEntry } from "../../packages/oci/src/image-layout-tar.ts";
import { runCommand } from "./harness/command.ts";
import type { Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, type TestImage } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { listProcessesOf } from "./harness/processes.ts";
import { BASE_FOLDERS } from "./harness/rootfs.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { writeSpec } from "./harness/spec.ts";
import { bundleOf, socketOf } from "./harness/task-client.ts";
import { moduleFiles, wasmImage } from "./harness/wasm-images.ts";

const MODULES = ["hello", "env", "sleep", "readfile", "ls"];
const NOISE = "#!/bin/sh\necho HIJACKED >&2\n";
const PRELOAD = 'console.error("HIJACKED"); require("node:fs").writeFileSync("/hijacked", "");\n';

/** Files that Bun, the loader and the engines look for, in a folder of the image. */
function trapsIn(folder: string): TarEntry[] {
  const at = (name: string) => (folder === "" ? name : `${folder}/${name}`);
  return [
    { kind: "file", path: at(".env"), content: "FROM_DOTENV=1\nBUN_OPTIONS=--preload /evil.ts\n" },
    { kind: "file", path: at("bunfig.toml"), content: 'preload = ["/evil.ts"]\n' },
    { kind: "file", path: at("package.json"), content: '{"main":"/evil.ts"}\n' },
    { kind: "file", path: at("index.ts"), content: PRELOAD },
    { kind: "file", path: at("libc.so.6"), content: NOISE, mode: 0o755 },
    { kind: "file", path: at("wasmtime"), content: NOISE, mode: 0o755 },
    { kind: "file", path: at("crun"), content: NOISE, mode: 0o755 },
  ];
}

const TRAPS: readonly TarEntry[] = [
  ...trapsIn(""),
  ...trapsIn("work"),
  { kind: "file", path: "evil.ts", content: PRELOAD },
  { kind: "file", path: "etc/ld.so.preload", content: "/work/libc.so.6\n" },
];

const STEERING = [
  "BUN_BE_BUN=1",
  "BUN_OPTIONS=--preload /evil.ts",
  "BUN_JSC_useJIT=0",
  "NODE_OPTIONS=--require /evil.ts",
  "LD_PRELOAD=/work/libc.so.6",
  "LD_LIBRARY_PATH=/work",
  "LD_AUDIT=/work/libc.so.6",
  "GLIBC_TUNABLES=glibc.malloc.check=3",
  "WASMER_DIR=/work",
  "WASMTIME_NEW_CLI=0",
  "RUST_LOG=trace",
  "RUST_BACKTRACE=full",
  "FROM_POD=1",
  "PATH=/work",
];

async function images(): Promise<TestImage[]> {
  const wasm = await wasmImage("wasm", MODULES);
  return [wasm, { ...wasm, name: "traps", layers: [...wasm.layers, TRAPS] }, await busyboxImage()];
}

forEachShim(SHIMS, images, ({ runtime, containerd }) => {
  describe("files and variables that steer Bun, the loader or an engine", () => {
    const image = imageName("traps");
    const flags = [...STEERING.flatMap((variable) => ["--env", variable]), "--cwd", "/work"];

    test("are plain variables for the guest and change nothing else", async () => {
      const { stdout, stderr, exitCode } = await runContainer(containerd(), {
        runtime,
        image,
        flags,
        args: ["/env.wasm"],
      });
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      const seen = stdout.trimEnd().split("\n");
      expect(seen.filter((line) => STEERING.includes(line)).sort()).toEqual(STEERING.toSorted());
      expect(stdout).not.toContain("FROM_DOTENV");
    });

    test("a guest runs in a folder of traps", async () => {
      const run = { runtime, image, flags, args: ["/ls.wasm", "/"] };
      const { stdout, stderr } = await runContainer(containerd(), run);
      expect(stderr).toBe("");
      expect(stdout).not.toContain("hijacked");
    });

    test("are plain variables for a native program too", async () => {
      const args = ["/bin/busybox", "env"];
      const run = { runtime, image: imageName("busybox"), flags, args };
      const { stdout } = await runContainer(containerd(), run);
      const seen = stdout.trimEnd().split("\n");
      expect(seen.filter((line) => STEERING.includes(line)).sort()).toEqual(STEERING.toSorted());
    });
  });

  describe("a symlink in the rootfs never leads out of it", () => {
    /** A folder of the host with a module and a secret, and ways to it by symlink. */
    async function outside(name: string) {
      const folder = join(containerd().folder, `${runtime}-outside-${name}`);
      await mkdir(folder);
      await writeFile(join(folder, "secret"), "SECRET\n");
      for (const entry of await moduleFiles(["hello"])) {
        if (entry.kind === "file") await writeFile(join(folder, "hello.wasm"), entry.content);
      }
      return { folder, ways: [folder, `${"../".repeat(20)}${folder.slice(1)}`] };
    }
    const modules = () => moduleFiles(["hello", "readfile"]);
    const runSpec = async (
      files: readonly TarEntry[],
      process: { args: string[]; cwd?: string },
      more = {},
    ) => {
      const { id, flags } = await writeSpec(containerd(), files, { process, ...more });
      return await runContainer(containerd(), { runtime, id, flags });
    };
    const list = (folder: string) => readdir(folder).then((names) => names.sort());

    test("as args[0]", async () => {
      const { ways } = await outside("program");
      for (const target of ways) {
        const link: TarEntry = { kind: "symlink", path: "link.wasm", target: `${target}/hello.wasm` };
        const { stdout, exitCode } = await runSpec([...BASE_FOLDERS, link], { args: ["/link.wasm"] });
        expect(exitCode).not.toBe(0);
        expect(stdout).toBe("");
      }
    });

    test("as a folder of args[0]", async () => {
      const { ways } = await outside("folder");
      for (const target of ways) {
        const link: TarEntry = { kind: "symlink", path: "link", target };
        const { stdout, exitCode } = await runSpec([...BASE_FOLDERS, link], { args: ["/link/hello.wasm"] });
        expect(exitCode).not.toBe(0);
        expect(stdout).toBe("");
      }
    });

    test("as working directory", async () => {
      const { ways, folder } = await outside("cwd");
      for (const target of ways) {
        const link: TarEntry = { kind: "symlink", path: "link", target };
        const files = [...BASE_FOLDERS, link, ...(await modules())];
        const { stdout } = await runSpec(files, { args: ["/readfile.wasm", "secret"], cwd: "/link" });
        expect(stdout).not.toContain("SECRET");
        expect((await runSpec(files, { args: ["/hello.wasm"], cwd: "/link/made" })).stdout).not.toContain(
          "SECRET",
        );
        expect(await list(folder)).toEqual(["hello.wasm", "secret"]);
      }
    });

    test("as a preopened folder", async () => {
      const { ways } = await outside("preopen");
      for (const target of ways) {
        const link: TarEntry = { kind: "symlink", path: "link", target };
        const files = [...BASE_FOLDERS, link, ...(await modules())];
        const annotations = { "preopens.runwasi.io": "/link" };
        const { stdout } = await runSpec(
          files,
          { args: ["/readfile.wasm", "/link/secret"] },
          { annotations },
        );
        expect(stdout).not.toContain("SECRET");
      }
    });

    test("that a guest opens", async () => {
      const { ways } = await outside("guest");
      for (const target of ways) {
        const link: TarEntry = { kind: "symlink", path: "work/link", target };
        const files = [...BASE_FOLDERS, link, ...(await modules())];
        const { stdout } = await runSpec(files, { args: ["/readfile.wasm", "/work/link/secret"] });
        expect(stdout).not.toContain("SECRET");
      }
    });

    const dev = (target: string): TarEntry => ({ kind: "symlink", path: "dev", target });
    const engine = (target: string): TarEntry => ({ kind: "symlink", path: "dev/.runwasi", target });
    const rootEngine = (target: string): TarEntry => ({ kind: "symlink", path: ".runwasi", target });

    test.each([
      ["/dev", dev],
      ["/dev/.runwasi", engine],
      ["/.runwasi", rootEngine],
    ])("as %s, with and without mounts on /dev", async (path, link) => {
      const { ways, folder } = await outside(path.replaceAll("/", "-"));
      for (const target of ways) {
        const others = BASE_FOLDERS.filter((entry) => `/${entry.path}` !== path);
        const files = [...others, link(target), ...(await modules())];
        for (const more of [{}, { mounts: [] }, { mounts: [PROC] }]) {
          await runSpec(files, { args: ["/hello.wasm"] }, more);
          expect(await list(folder)).toEqual(["hello.wasm", "secret"]);
        }
      }
    });
  });

  test("a spec that binds the host's /dev leaves it as it was", async () => {
    const before = await describeDev();
    const files = [...BASE_FOLDERS, ...(await moduleFiles(["hello"]))];
    const bind = { destination: "/dev", type: "bind", source: "/dev", options: ["rbind", "rw"] };
    const { id, flags } = await writeSpec(containerd(), files, {
      process: { args: ["/hello.wasm"] },
      mounts: [PROC, bind],
    });
    const result = await runContainer(containerd(), { runtime, id, flags });
    expect(await describeDev()).toEqual(before);
    expect(result).toEqual({ stdout: "hello world\n", stderr: "", exitCode: 0 });
  });

  test("a module's process has no descriptor of the shim's", async () => {
    const image = imageName("wasm");
    await using container = await startDetached(containerd(), { runtime, image, args: ["/sleep.wasm"] });
    await container.printed("sleeping");
    // An engine may open sockets and pipes between its own threads; what it shares with others was inherited.
    const others = (await listProcessesOf(containerd().folder)).filter(({ pid }) => pid !== container.pid);
    const theirs = new Set(
      (await Promise.all(others.map(({ pid }) => descriptors(pid)))).flat().map(({ target }) => target),
    );
    const foreign = (await descriptors(container.pid)).filter(
      ({ number, target }) =>
        number > 2 && (/^(socket|pipe):/.test(target) ? theirs.has(target) : target.includes("/run/")),
    );
    expect(foreign).toEqual([]);
  });

  test("nothing of all this is left behind", async () => {
    const image = imageName("traps");
    await runContainer(containerd(), { runtime, image });
    const before = await listPossessions(containerd());
    await runContainer(containerd(), { runtime, image, args: ["/none"] });
    await assertNothingLeft(containerd(), before);
  });

  test("an unprivileged user reaches neither the shim's socket nor its state", async () => {
    const image = imageName("wasm");
    await using container = await startDetached(containerd(), { runtime, image, args: ["/sleep.wasm"] });
    const socket = await socketOf(containerd(), container.id);
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    expect((await stat(join(socket, ".."))).mode & 0o777).toBe(0o700);
    const inside = socket.replace(containerd().mounts.runFolder, "/run");
    for (const path of [inside, "/run/runwasi", bundleOf(containerd(), container.id)]) {
      expect(await asNobody(containerd(), ["ls", path])).not.toBe(0);
    }
    const address = await readFile(join(bundleOf(containerd(), container.id), "address"), "utf8");
    expect(address).toBe(`unix://${inside}`);
  });
});

const PROC = { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] };

async function describeDev(): Promise<string[]> {
  const names = (await readdir("/dev")).filter((name) => name !== "shm").sort();
  return await Promise.all(
    names.map(async (name) => {
      const { mode, uid, gid, rdev } = await stat(join("/dev", name));
      return [name, mode.toString(8), uid, gid, rdev].join(" ");
    }),
  );
}

async function descriptors(pid: number): Promise<{ number: number; target: string }[]> {
  const names = await readdir(`/proc/${pid}/fd`);
  return await Promise.all(
    names.map(async (name) => ({ number: Number(name), target: await readlink(`/proc/${pid}/fd/${name}`) })),
  );
}

async function asNobody(containerd: Containerd, argv: readonly string[]): Promise<number> {
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
  return (await runCommand(containerd.mounts.enter([...nobody, ...argv]))).exitCode;
}
