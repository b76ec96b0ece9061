// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { MalformedError } from "./json.ts";
import { parseRuntimeSpec, parseSpecProcess } from "./runtime-spec.ts";

const FULL = {
  ociVersion: "1.2.1",
  futureMember: { list: [1, null, "x"] },
  process: {
    terminal: false,
    user: { uid: 0, gid: 0, additionalGids: [10] },
    args: ["/bin/sh", "-c", ""],
    env: ["PATH=/bin", "A=b=c", "NOVALUE"],
    cwd: "/",
    rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
    future: true,
  },
  root: { path: "rootfs", readonly: true, future: 1 },
  hostname: "host",
  mounts: [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid"], uidMappings: [] },
    { destination: "/data" },
  ],
  annotations: { "io.kubernetes.cri.sandbox-id": "pod" },
  linux: {
    cgroupsPath: "/default/one",
    namespaces: [{ type: "pid" }, { type: "network", path: "/proc/1/ns/net", future: {} }],
    resources: { memory: { limit: 1024 } },
  },
  hooks: { createRuntime: [{ path: "/bin/true" }] },
} as const;

function withMember(path: readonly string[], value: unknown): string {
  const spec: unknown = JSON.parse(JSON.stringify(FULL));
  let object: unknown = spec;
  for (const name of path.slice(0, -1)) object = Reflect.get(Object(object), name);
  Reflect.set(Object(object), path.at(-1) ?? "", value);
  return JSON.stringify(spec);
}

test("a spec written back is the spec that came, unknown members and their order included", () => {
  const text = JSON.stringify(FULL);
  expect(JSON.stringify(parseRuntimeSpec(text))).toBe(text);
});

test("the smallest spec written back gains nothing", () => {
  const text = '{"ociVersion":"1.0.0"}';
  const spec = parseRuntimeSpec(text);
  expect(JSON.stringify(spec)).toBe(text);
  expect(spec.process).toBeUndefined();
});

test("64-bit limits written back are those that came", () => {
  const text =
    '{"ociVersion":"1.0.0","process":{"cwd":"/","rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,' +
    '"soft":18446744073709551615}]},"linux":{"resources":{"memory":{"limit":9223372036854771712}}}}';
  expect(JSON.stringify(parseRuntimeSpec(text))).toBe(text);
});

test("null members that this system reads are undefined, and gone when written back", () => {
  const text = `{"ociVersion":"1.0.0","process":null,"root":null,"mounts":null,"annotations":null,"linux":null,"other":null}`;
  const spec = parseRuntimeSpec(text);
  for (const name of ["process", "root", "mounts", "annotations", "linux"])
    expect(spec[name]).toBeUndefined();
  expect(JSON.stringify(spec)).toBe('{"ociVersion":"1.0.0","other":null}');
  const inner = parseRuntimeSpec(
    `{"ociVersion":"1.0.0","process":{"cwd":"/","args":null,"env":null,"terminal":null},"mounts":[{"destination":"/a","options":null}]}`,
  );
  expect(inner.process?.args).toBeUndefined();
  expect(inner.mounts?.[0]?.options).toBeUndefined();
});

test.each([
  [["ociVersion"], 1],
  [["ociVersion"], null],
  [["process"], []],
  [["process", "args"], "sh"],
  [
    ["process", "args"],
    ["sh", null],
  ],
  [["process", "env"], { A: "b" }],
  [["process", "cwd"], null],
  [["process", "cwd"], 7],
  [["process", "terminal"], "yes"],
  [["root"], "rootfs"],
  [["root", "path"], null],
  [["root", "readonly"], 1],
  [["mounts"], {}],
  [["mounts"], [null]],
  [["mounts", "0", "destination"], null],
  [["mounts", "0", "destination"], 1],
  [["mounts", "0", "type"], []],
  [["mounts", "0", "source"], {}],
  [["mounts", "0", "options"], [1]],
  [["annotations"], { a: 1 }],
  [["annotations"], []],
  [["linux"], true],
  [["linux", "cgroupsPath"], 1],
  [["linux", "namespaces"], [[]]],
  [["linux", "namespaces", "0", "type"], null],
  [["linux", "namespaces", "0", "path"], 0],
])("a wrong %p is named (%p)", (path, value) => {
  let message = "";
  try {
    parseRuntimeSpec(withMember(path, value));
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedError);
    message = error instanceof Error ? error.message : "";
  }
  expect(message).toContain(`"${path.at(-1)}"`);
});

test("a spec without version is refused", () => {
  expect(() => parseRuntimeSpec("{}")).toThrow(MalformedError);
});

test("parseSpecProcess() takes a process alone, kept as it came", () => {
  const process = { cwd: "/", args: ["a"], terminal: true, user: { uid: 1 }, future: [1] };
  expect(parseSpecProcess(JSON.stringify(process))).toEqual({ ...process, env: undefined });
  for (const wrong of ["[]", "{}", `{"cwd":1}`, `{"cwd":"/","args":"a"}`]) {
    expect(() => parseSpecProcess(wrong)).toThrow(MalformedError);
  }
});
