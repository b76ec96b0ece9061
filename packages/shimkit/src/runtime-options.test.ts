// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { packAny } from "@runwasi/containerd-api";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { Options as RuncOptions } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import { Options as TomlOptions } from "@runwasi/containerd-api/gen/types/runtimeoptions/v1/api.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { parseRuntimeOptions } from "./runtime-options.ts";
import { rejection } from "./testing/rejection.ts";

const NOTHING_SAID = {
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
  rest: {},
};

function runc(options: Partial<RuncOptions>): Any {
  const nothing = RuncOptions.decode(new Uint8Array(0));
  return packAny("containerd.runc.v1.Options", RuncOptions, { ...nothing, ...options });
}

function toml(body: string, configPath = "", typeUrl = "runtimeoptions.v1.Options"): Any {
  const options: TomlOptions = { typeUrl: "", configPath, configBody: new TextEncoder().encode(body) };
  return packAny(typeUrl, TomlOptions, options);
}

test("no options and an empty Any say nothing", () => {
  expect(parseRuntimeOptions(undefined)).toEqual(NOTHING_SAID);
  expect(parseRuntimeOptions({ typeUrl: "", value: new Uint8Array(0) })).toEqual(NOTHING_SAID);
  expect(parseRuntimeOptions(toml(""))).toEqual(NOTHING_SAID);
});

test("runc's options, and the same in TOML", () => {
  expect(parseRuntimeOptions(runc({}))).toEqual(NOTHING_SAID);
  const all = {
    binaryName: "/bin/crun",
    root: "/run/x",
    systemdCgroup: true,
    noPivotRoot: true,
    noNewKeyring: true,
    ioUid: 1000,
    ioGid: 1001,
    shimCgroup: "/shims",
    criuImagePath: "/images",
    criuWorkPath: "/work",
  };
  const expected = { ...NOTHING_SAID, ...all };
  expect(parseRuntimeOptions(runc(all))).toEqual(expected);
  const body = `BinaryName = "/bin/crun"
Root = "/run/x"
SystemdCgroup = true
NoPivotRoot = true
NoNewKeyring = true
IoUid = 1000
IoGid = 1001
ShimCgroup = "/shims"
CriuPath = "/opt/criu"
CriuImagePath = "/images"
CriuWorkPath = "/work"`;
  expect(parseRuntimeOptions(toml(body))).toEqual({ ...expected, criuPath: "/opt/criu" });
});

test("where a sandbox serves the task API is containerd's to obey", () => {
  for (const taskApiAddress of ["ttrpc+unix:///run/x.sock", "grpc+vsock://3:1024"]) {
    expect(parseRuntimeOptions(runc({ taskApiAddress, taskApiVersion: 3 }))).toEqual(NOTHING_SAID);
  }
});

test("runc's options as clients up to containerd 1.7 send them to other runtimes", () => {
  const value = Uint8Array.from([0x08, 1, 0x40, 1]);
  expect(parseRuntimeOptions({ typeUrl: "containerd.linux.runc.CreateOptions", value })).toEqual({
    ...NOTHING_SAID,
    noPivotRoot: true,
    noNewKeyring: true,
  });
});

test("TOML in the body, also under the name of containerd 1.6 and behind type.googleapis.com", () => {
  const body =
    'BinaryName = "crun"\nSystemdCgroup = false\nNoPivotRoot = true\n[wasmtime]\npath = "/opt/wasmtime"';
  const expected = {
    ...NOTHING_SAID,
    binaryName: "crun",
    systemdCgroup: false,
    noPivotRoot: true,
    rest: { wasmtime: { path: "/opt/wasmtime" } },
  };
  expect(parseRuntimeOptions(toml(body))).toEqual(expected);
  expect(parseRuntimeOptions(toml(body, "", "cri.runtimeoptions.v1.Options"))).toEqual(expected);
  expect(parseRuntimeOptions(toml(body, "", "type.googleapis.com/runtimeoptions.v1.Options"))).toEqual(
    expected,
  );
});

test("TOML in a file, which the body overrides", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "options.toml");
  writeFileSync(path, 'Root = "/run/file"');
  expect(parseRuntimeOptions(toml("", path)).root).toBe("/run/file");
  expect(parseRuntimeOptions(toml('Root = "/run/body"', path)).root).toBe("/run/body");
});

test.each([
  ["an unknown type", { typeUrl: "example.Options", value: new Uint8Array(0) }, "example.Options"],
  [
    "bytes that are no runc options",
    { typeUrl: "containerd.runc.v1.Options", value: new Uint8Array([0x0a, 0x7f]) },
    "containerd.runc.v1.Options",
  ],
  [
    "bytes that are no TOML options",
    { typeUrl: "runtimeoptions.v1.Options", value: new Uint8Array([0xff]) },
    "runtimeoptions.v1.Options",
  ],
  ["a file that is not there", toml("", "/nonexistent/options.toml"), "/nonexistent/options.toml"],
  ["a folder as file", toml("", "/"), '"/"'],
  ["broken TOML", toml("a = ["), "TOML"],
  ["a binary name that is a number", toml("BinaryName = 1"), "BinaryName"],
  ["a root that is a list", toml('Root = ["/"]'), "Root"],
  ["a switch that is a string", toml('SystemdCgroup = "true"'), "SystemdCgroup"],
  ["a switch that is a table", toml("[NoPivotRoot]\nx = 1"), "NoPivotRoot"],
  ["a switch that is a number", toml("NoNewKeyring = 1"), "NoNewKeyring"],
  ["a user that is a name", toml('IoUid = "root"'), "IoUid"],
  ["a group below 0", toml("IoGid = -1"), "IoGid"],
  ["a user that is no whole number", toml("IoUid = 1.5"), "IoUid"],
  ["a user that chown takes for none", runc({ ioUid: 0xffff_ffff }), "IoUid"],
  ["a group that chown takes for none, in TOML", toml("IoGid = 4294967295"), "IoGid"],
  ["a cgroup that leads upwards", runc({ shimCgroup: "/a/../../b" }), "ShimCgroup"],
  ["a cgroup that is no path", toml("ShimCgroup = true"), "ShimCgroup"],
  ["a root that is relative", runc({ root: "state" }), "Root"],
  ["a folder of images that is relative", runc({ criuImagePath: "images" }), "CriuImagePath"],
  ["a folder of CRIU's that is relative", toml('CriuWorkPath = "work"'), "CriuWorkPath"],
  ["a CRIU of another name", toml('CriuPath = "/opt/criu-4"'), "CriuPath"],
  ["a CRIU that is relative", toml('CriuPath = "./criu"'), "CriuPath"],
  ["a task API that is no URI", runc({ taskApiAddress: "/run/x" }), "TaskApiAddress"],
  ["a task API of another protocol", runc({ taskApiAddress: "http+unix:///x" }), "TaskApiAddress"],
  ["a task API of version 1", runc({ taskApiVersion: 1 }), "TaskApiVersion"],
  ["a task API in TOML", toml('TaskApiAddress = "ttrpc+unix:///x"'), "TaskApiAddress"],
  ["a task API's version in TOML", toml("TaskApiVersion = 3"), "TaskApiVersion"],
])("%s is InvalidArgument and named", async (_what, any, named) => {
  const error = await rejection(() => parseRuntimeOptions(any));
  expect(error.code).toBe("InvalidArgument");
  expect(error.message).toContain(named);
});
