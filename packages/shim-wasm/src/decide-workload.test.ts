// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "bun:test";
import type { InstanceHost, InstanceRequest, Workload } from "@runwasi/containerd-shimkit";
import { createRecordingLog } from "@runwasi/containerd-shimkit/testing/recording-log.ts";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { parseRuntimeSpec, type JsonObject, type RuntimeSpec } from "@runwasi/oci";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { decideWorkload } from "./decide-workload.ts";
import type { Engine } from "./engine.ts";
import { guestCommand } from "./host/guest-command.ts";
import { REAL_MODULE } from "@runwasi/wasm-binary/testing/wasm-bytes.ts";
import { WASI_PREVIEW1 } from "./wasi-preview1.ts";

const ENGINE: Engine = {
  name: "test",
  executable: { kind: "embedded", run: () => 0 },
  imports: WASI_PREVIEW1,
  options: { level: { description: "", kind: "count", unit: "levels", minimum: 0, maximum: 9 } },
  command: (workload) => ({ ...guestCommand("test", workload), signalMap: new Map([[15, 2]]) }),
};

function createContainer(content: Readonly<Record<string, Uint8Array | string>>, rest: JsonObject = {}) {
  const folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "rootfs"));
  for (const [path, bytes] of Object.entries(content)) {
    const at = join(folder.path, "rootfs", path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, bytes);
  }
  const request: InstanceRequest = {
    id: "one",
    namespace: "default",
    bundle: { path: folder.path, rootfs: join(folder.path, "rootfs"), pidFile: "", runtimeLog: "" },
    log: createRecordingLog(),
    options: {
      binaryName: "",
      root: "",
      systemdCgroup: undefined,
      noPivotRoot: false,
      noNewKeyring: false,
      ioUid: 0,
      ioGid: 0,
      shimCgroup: "",
      criuPath: "",
      criuImagePath: "",
      criuWorkPath: "",
      rest,
    },
    stdio: {
      child: ["ignore", "ignore", "ignore"],
      handedOver: () => {},
      closeStdin: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  };
  const host: InstanceHost = {
    stateDir: folder.path,
    containerdAddress: "/nonexistent/containerd.sock",
    spawn: Bun.spawn,
    reaper: {
      spawn: Bun.spawn,
      watch: () => ({ claim: () => expect.unreachable(), [Symbol.dispose]: () => {} }),
      [Symbol.dispose]: () => {},
    },
  };
  return {
    path: folder.path,
    decide: (spec: RuntimeSpec, engine = ENGINE): Promise<Workload> =>
      decideWorkload(engine, [engine, { ...ENGINE, name: "other" }])(spec, request, host),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

function specOf(args: readonly string[], more: object = {}): RuntimeSpec {
  return parseRuntimeSpec(
    JSON.stringify({
      ociVersion: "1.2.1",
      future: { kept: true },
      process: {
        cwd: "/work/dir",
        args,
        env: ["A=secret", "LD_PRELOAD=/x"],
        user: { uid: 7 },
        noNewPrivileges: true,
      },
      mounts: [{ destination: "/dev", type: "tmpfs", source: "tmpfs" }],
      linux: { seccomp: { defaultAction: "SCMP_ACT_ERRNO" }, maskedPaths: ["/proc/kcore"] },
      ...more,
    }),
  );
}

test("a native program keeps its spec and its signals", async () => {
  using container = createContainer({ "bin/sh": "#!/bin/x" });
  expect(await container.decide(specOf(["/bin/sh"]))).toEqual({
    description: expect.any(String),
    signals: { kind: "as-sent" },
    exec: expect.any(Function),
  });
});

test("what is no program is the OCI runtime's, with a doubt", async () => {
  using container = createContainer({ text: "hello" });
  for (const name of ["/text", "/absent"]) {
    const workload = await container.decide(specOf([name]));
    expect(workload.spec).toBeUndefined();
    expect(workload.doubt).toBeString();
    expect(workload.signals).toEqual({ kind: "as-sent" });
  }
});

test("a module: the engine's command in the container's own sandbox, with nothing that came lost", async () => {
  using container = createContainer({ "app.wasm": REAL_MODULE });
  const came = specOf(["/app.wasm", "--dir", "/etc"]);
  const before = structuredClone(came);
  const { spec, signals } = await container.decide(came);
  expect(came).toEqual(before);
  expect(signals).toEqual({ kind: "terminate", map: new Map([[15, 2]]) });
  expect(spec).toMatchObject({
    future: { kept: true },
    process: { cwd: "/", user: { uid: 7 }, noNewPrivileges: true },
    linux: { seccomp: { defaultAction: "SCMP_ACT_ERRNO" } },
  });
  expect(spec?.linux?.["maskedPaths"]).toContain("/proc/kcore");
  expect(spec?.mounts?.[0]).toEqual({ destination: "/dev", type: "tmpfs", source: "tmpfs" });
  const args = spec?.process?.args ?? [];
  const guest = args.slice(args.indexOf("run-guest"));
  expect(guest.slice(guest.indexOf("--"))).toEqual(["--", "/app.wasm", "/app.wasm", "--dir", "/etc"]);
  expect(spec?.process?.env).toEqual(["guest:A=secret", "guest:LD_PRELOAD=/x"]);
  expect(args.join(" ")).not.toContain("secret");
});

test("the guest's working directory is made where it is missing", async () => {
  using container = createContainer({ "app.wasm": REAL_MODULE });
  await container.decide(specOf(["/app.wasm"]));
  expect(statSync(join(container.path, "rootfs/work/dir")).isDirectory()).toBe(true);
});

test("a spec with null where lists may be is as one without", async () => {
  using container = createContainer({ "app.wasm": REAL_MODULE });
  const { spec } = await container.decide(specOf(["/app.wasm"], { mounts: null, annotations: null }));
  expect(spec?.mounts?.length).toBeGreaterThan(0);
});

test("options: the node's, and over them what it lets the pod set; another engine's are for its shim", async () => {
  using container = createContainer({ "app.wasm": REAL_MODULE }, { test: { level: 3, allow: ["level"] } });
  const optionsOf = async (annotations: object) => {
    const args = (await container.decide(specOf(["/app.wasm"], { annotations }))).spec?.process?.args ?? [];
    return args.slice(args.indexOf("--option"), args.lastIndexOf("--"));
  };
  expect(await optionsOf({})).toEqual(["--option", "level", "3"]);
  expect(await optionsOf({ "test.level.runwasi.io/one": "2" })).toEqual(["--option", "level", "2"]);
  expect(await optionsOf({ "test.level.runwasi.io/two": "9", "other.level.runwasi.io": "9" })).toEqual([
    "--option",
    "level",
    "3",
  ]);
});

test("an engine that cannot preopen / gets the folders there, of volumes too, and none of the kernel's", async () => {
  using container = createContainer({
    "app.wasm": REAL_MODULE,
    "etc/x": "",
    "a:b/x": "",
    "proc/x": "",
    ".dot/x": "",
  });
  const mounts = [
    { destination: "/dev", type: "tmpfs", source: "tmpfs" },
    { destination: "/volume/deep", type: "bind", source: container.path },
  ];
  const engine: Engine = { ...ENGINE, preopensRootFolders: true };
  const { spec } = await container.decide(specOf(["/app.wasm"], { mounts }), engine);
  const args = spec?.process?.args ?? [];
  const folders = args.filter((_, index) => args[index - 1] === "--dir");
  expect(folders).toEqual(["/work/dir", "/etc", "/volume", "/work"]);
});

test("a pod's sandbox container runs where only WebAssembly is accepted", async () => {
  using container = createContainer({ pause: "#!/bin/x" }, { workloads: ["wasm"] });
  const annotations = { "io.kubernetes.cri.container-type": "sandbox" };
  expect((await container.decide(specOf(["/pause"], { annotations }))).doubt).toBeUndefined();
  expect((await rejection(() => container.decide(specOf(["/pause"])))).code).toBe("PermissionDenied");
});

test.each([
  ["an unknown runtime option", { fuel: 1 }, {}, "InvalidArgument"],
  ["an unknown option of this container's", {}, { "fuel.runwasi.io": "1" }, "InvalidArgument"],
  ["an engine's option out of its range", { test: { level: 10 } }, {}, "InvalidArgument"],
  ["an option that the node does not let pods set", {}, { "test.level.runwasi.io": "1" }, "PermissionDenied"],
  [
    "more than the node allows",
    { test: { level: 3, allow: ["level"] } },
    { "test.level.runwasi.io": "4" },
    "PermissionDenied",
  ],
  ["a workload that the node does not accept", { workloads: ["native"] }, {}, "PermissionDenied"],
  ["preopens that cannot be understood", {}, { "preopens.runwasi.io/one": "relative" }, "InvalidArgument"],
  [
    "preopens that the node does not allow",
    { preopens: { maximum: ["/work"] } },
    { "preopens.runwasi.io": "/" },
    "PermissionDenied",
  ],
])("%s fails Create", async (_title, rest, annotations, code) => {
  using container = createContainer({ "app.wasm": REAL_MODULE }, rest);
  const error = await rejection(() => container.decide(specOf(["/app.wasm"], { annotations })));
  expect<string>(error.code).toBe(code);
});

test("an engine that is not there is FailedPrecondition, with what to do", async () => {
  using container = createContainer({ "app.wasm": REAL_MODULE }, { test: { path: "/nonexistent/engine" } });
  const engine: Engine = {
    ...ENGINE,
    executable: { kind: "installed", name: "engine", minimumVersion: "1.0.0" },
  };
  const error = await rejection(() => container.decide(specOf(["/app.wasm"]), engine));
  expect(error.code).toBe("FailedPrecondition");
  expect(error.message).toContain("/nonexistent/engine");
  expect(error.message).toContain("test.path");
});
