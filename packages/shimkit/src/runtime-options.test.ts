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

test("runc's options", () => {
  expect(parseRuntimeOptions(runc({}))).toEqual(NOTHING_SAID);
  const all = {
    binaryName: "/bin/crun",
    root: "/run/x",
    systemdCgroup: true,
    noPivotRoot: true,
    noNewKeyring: true,
  };
  expect(parseRuntimeOptions(runc(all))).toEqual({ ...all, rest: {} });
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
])("%s is InvalidArgument and named", async (_what, any, named) => {
  const error = await rejection(() => parseRuntimeOptions(any));
  expect(error.code).toBe("InvalidArgument");
  expect(error.message).toContain(named);
});
