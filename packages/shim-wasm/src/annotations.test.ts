// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { readAnnotations } from "./annotations.ts";

function read(annotations: Record<string, string> | undefined, id = "one") {
  return Object.fromEntries(readAnnotations({ ociVersion: "1.0.0", annotations }, id, ["preopens", "fuel"]));
}

const NAME = "io.kubernetes.cri.container-name";

test("no annotations are no options", () => {
  expect(read(undefined)).toEqual({});
  expect(read({})).toEqual({});
  expect(read({ "io.kubernetes.cri.sandbox-id": "x" })).toEqual({});
});

test("an option of this container, of the pod, and the former over the latter in any order", () => {
  expect(read({ [NAME]: "web", "preopens.runwasi.io/web": "/a" })).toEqual({ preopens: "/a" });
  expect(read({ [NAME]: "web", "preopens.runwasi.io": "/p" })).toEqual({ preopens: "/p" });
  const both = { "preopens.runwasi.io/web": "/a", "preopens.runwasi.io": "/p", "fuel.runwasi.io": "7" };
  expect(read({ [NAME]: "web", ...both })).toEqual({ preopens: "/a", fuel: "7" });
  expect(read({ "preopens.runwasi.io": "/p", "preopens.runwasi.io/web": "", [NAME]: "web" })).toEqual({
    preopens: "",
  });
});

test("without Kubernetes the container's id is its name", () => {
  expect(read({ "preopens.runwasi.io/one": "/a" })).toEqual({ preopens: "/a" });
  expect(read({ [NAME]: "web", "preopens.runwasi.io/one": "/a" })).toEqual({});
});

test("options of other containers are passed over, also unknown ones and names that end alike", () => {
  expect(
    read({
      [NAME]: "web",
      "preopens.runwasi.io/db": "/a",
      "preopens.runwasi.io/other-web": "/a",
      "preopens.runwasi.io/web2": "/a",
      "unknown.runwasi.io/db": "x",
    }),
  ).toEqual({});
});

test("keys of others that look alike are passed over", () => {
  expect(
    read({ "runwasi.io": "x", "preopens.runwasi.io.example.com": "x", "preopens.xrunwasi.io/one": "x" }),
  ).toEqual({});
});

test.each([
  "preopen.runwasi.io",
  "PREOPENS.runwasi.io",
  "preopen.runwasi.io/one",
  ".runwasi.io",
  "__proto__.runwasi.io",
])("the unknown option %p of this container is InvalidArgument and named", async (key) => {
  const error = await rejection(() => read({ [key]: "/a" }));
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining(`"${key}"`) });
});
