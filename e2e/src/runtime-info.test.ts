// SPDX-License-Identifier: Apache-2.0
// What a shim tells of its OCI runtime, and what containerd allows by it: id-mapped mounts and user namespaces.
import { beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packAny } from "@runwasi/containerd-api";
import { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { Options as RuncOptions } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import { RuntimeInfo } from "@runwasi/containerd-api/gen/types/introspection.ts";
import { containerdBin, type ContainerdVersion } from "../../scripts/toolchain/containerd.ts";
import { ensureCriu } from "../../scripts/toolchain/criu.ts";
import { mustRun, runForBytes } from "./harness/command.ts";
import { DIST, startContainerd, type Containerd } from "./harness/containerd.ts";
import { engineFolders } from "./harness/engines.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, importImages } from "./harness/images.ts";
import { runContainer } from "./harness/run.ts";
import { runtimeName, SHIMS, type Runtime } from "./harness/runtimes.ts";
import { shellFiles, shimPath } from "./harness/shim-commands.ts";
import { writeSpec, type JsonMap } from "./harness/spec.ts";
import { moduleFiles, wasmImage } from "./harness/wasm-images.ts";

const HOST_ID = 100_000;
const MAPPING = [{ containerID: 0, hostID: HOST_ID, size: 65_536 }];

/** A crun that knows id-mapped mounts, which bookworm's does not. */
let crun = "";
beforeAll(async () => {
  crun = join(await ensureCriu(), "crun");
});

function infoOf({ mounts }: Containerd, runtime: Runtime, options: Partial<RuncOptions> | undefined) {
  const nothing = RuncOptions.decode(new Uint8Array(0));
  const any = options && packAny("containerd.runc.v1.Options", RuncOptions, { ...nothing, ...options });
  const stdin = any === undefined ? new Uint8Array(0) : Any.encode(any).finish();
  return runForBytes(mounts.enter([shimPath(runtime), "-info"]), { stdin });
}

forEachShim(
  SHIMS,
  async () => [await wasmImage("wasm", ["hello"])],
  ({ version, runtime, containerd }) => {
    test("-info has name, version, the options that it got and the features of the runtime that they choose", async () => {
      const { stdout, stderr, exitCode } = await infoOf(containerd(), runtime, { binaryName: crun });
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      const { name, version: own, options, features } = RuntimeInfo.decode(stdout);
      expect(name).toBe(runtimeName(runtime));
      expect(own?.version).toMatch(/^\d+\.\d+\.\d+/);
      expect(RuncOptions.decode(options?.value ?? new Uint8Array(0)).binaryName).toBe(crun);
      const said: unknown = JSON.parse(new TextDecoder().decode(features?.value));
      expect(said).toMatchObject({
        mountOptions: expect.arrayContaining(["rro"]),
        linux: { mountExtensions: { idmap: { enabled: true } } },
      });
    });

    test("-info without options, and with a runtime that is not there, succeeds", async () => {
      expect((await infoOf(containerd(), runtime, undefined)).exitCode).toBe(0);
      const { stdout, stderr, exitCode } = await infoOf(containerd(), runtime, {
        binaryName: "no-such-runtime",
      });
      expect({ exitCode, tells: stderr.includes("no-such-runtime") }).toEqual({ exitCode: 0, tells: true });
      expect(RuntimeInfo.decode(stdout).features).toBeUndefined();
    });

    test("-info with options that cannot be used names them", async () => {
      const { stderr, exitCode } = await infoOf(containerd(), runtime, { root: "relative" });
      expect({ exitCode, tells: stderr.includes("Root") }).toEqual({ exitCode: 1, tells: true });
    });

    /** Runs `args` as root of a user namespace, with a folder of the host's root as a mount on /data. */
    async function runInUserNamespace(own: Containerd, args: string[], mount: JsonMap): Promise<string> {
      await chmod(own.folder, 0o711);
      const data = join(own.folder, "data");
      await mkdir(data, { recursive: true });
      await writeFile(join(data, "file"), "text of root\n", { mode: 0o600 });
      const files = [...(await shellFiles()), ...(await moduleFiles(["hello"]))];
      const { stdout } = await own.ctr(["oci", "spec"]);
      const defaults: unknown = JSON.parse(stdout);
      const { mounts, namespaces } = defaultsOf(defaults);
      const { id, flags, rootfs } = await writeSpec(own, files, {
        process: { args, terminal: false },
        mounts: [
          ...mounts,
          { destination: "/data", type: "bind", source: data, options: ["bind"], ...mount },
        ],
        linux: {
          namespaces: [...namespaces, { type: "user" }],
          uidMappings: MAPPING,
          gidMappings: MAPPING,
        },
      });
      await mustRun(["chown", "-R", `${HOST_ID}:${HOST_ID}`, rootfs]);
      const result = await runContainer(own, { runtime, id, flags });
      return result.stdout + result.stderr;
    }

    test("in a user namespace a container sees an id-mapped mount as its own and another as nobody's, and a module runs", async () => {
      // ctr hands the owner of stdio over as one of runc's options, and takes no other ones beside it.
      await using own = await startContainerd({ version, path: await pathWith(version, dirname(crun)) });
      const args = [
        "/bin/sh",
        "-c",
        "cat /proc/self/uid_map; /bin/busybox stat -c %u /data/file; cat /data/file",
      ];
      const mapped = await runInUserNamespace(own, args, { uidMappings: MAPPING, gidMappings: MAPPING });
      expect(mapped.trim().split(/\s+/)).toEqual(["0", `${HOST_ID}`, "65536", "0", "text", "of", "root"]);
      const plain = await runInUserNamespace(own, args, {});
      expect(plain).toContain("65534");
      expect(plain).toContain("Permission denied");
      const reopened = ["/bin/sh", "-c", "echo again >/dev/stdout"];
      expect(await runInUserNamespace(own, reopened, {})).toBe("again\n");
      expect(await runInUserNamespace(own, ["/hello.wasm"], {})).toBe("hello world\n");
    });

    test("containerd does not run -info at Create", async () => {
      const folder = join(containerd().folder, `${runtime}-counted`);
      await mkdir(folder);
      const [script, calls] = [join(folder, `containerd-shim-${runtime}-v1`), join(folder, "calls")];
      await writeFile(script, `#!/bin/sh\necho "$*" >>${calls}\nexec ${shimPath(runtime)} "$@"\n`, {
        mode: 0o755,
      });
      await using own = await startContainerd({ version, path: await pathWith(version, folder) });
      await importImages(own, [await wasmImage("wasm", ["hello"])]);
      for (let time = 0; time < 2; time += 1) {
        const { exitCode } = await runContainer(own, { runtime, image: imageName("wasm") });
        expect(exitCode).toBe(0);
      }
      const lines = (await readFile(calls, "utf8")).trimEnd().split("\n");
      expect(lines.filter((line) => line.endsWith(" start")).length).toBe(2);
      expect(lines.filter((line) => line.includes("-info"))).toEqual([]);
    });
  },
);

async function pathWith(version: ContainerdVersion, first: string): Promise<readonly string[]> {
  const engines = await engineFolders();
  return [first, DIST, containerdBin(version), ...engines, "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
}

function defaultsOf(spec: unknown): { mounts: readonly JsonMap[]; namespaces: readonly JsonMap[] } {
  const { mounts, linux } = asMap(spec);
  return { mounts: asList(mounts), namespaces: asList(asMap(linux)["namespaces"]) };
}

function asMap(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

function asList(value: unknown): readonly JsonMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
