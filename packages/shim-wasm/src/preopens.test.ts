// SPDX-License-Identifier: Apache-2.0
import { WORKLOAD_KINDS } from "./config.ts";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { PRECOMPILE_DEFAULTS } from "./precompile/precompile-config.ts";
import { assertConfined, choosePreopens } from "./preopens.ts";
import { containerFiles } from "./rootfs/container-file.ts";

const config = (maximum: readonly string[], byDefault = maximum) => ({
  enginePath: undefined,
  engineOptions: new Map(),
  allowedOptions: [],
  workloads: WORKLOAD_KINDS,
  defaultPreopens: byDefault,
  maximumPreopens: maximum,
  precompile: PRECOMPILE_DEFAULTS,
});

/** `containerPath` of each, with ` as <guestPath>` where that is another. */
function chosen(
  maximum: readonly string[],
  asked: string | undefined,
  cwd = "/",
  byDefault = maximum,
): string[] {
  return choosePreopens(config(maximum, byDefault), asked, cwd).map(({ containerPath, guestPath }) =>
    containerPath === guestPath ? containerPath : `${containerPath} as ${guestPath}`,
  );
}

test("the node's default when the pod says nothing, with the working directory as `.`", () => {
  expect(chosen(["/"], undefined)).toEqual(["/"]);
  expect(chosen(["/"], undefined, "/work/./dir/")).toEqual(["/work/dir as .", "/"]);
  expect(chosen(["/a", "/b"], undefined, "/work", ["/b"])).toEqual(["/b"]);
});

test("the working directory is opened only inside what is opened anyway", () => {
  expect(chosen(["/data"], undefined, "/data/sub")).toEqual(["/data/sub as .", "/data"]);
  expect(chosen(["/data"], undefined, "/database")).toEqual(["/data"]);
  expect(chosen(["/data"], undefined, "/data/../etc")).toEqual(["/data"]);
  expect(chosen(["/"], undefined, "/we::ird")).toEqual(["/"]);
});

test("a pod narrows, in the order it says; what is empty is nothing", () => {
  expect(chosen(["/"], "/b, /a/../c/")).toEqual(["/b", "/c"]);
  expect(chosen(["/data"], "/data/x,/data", "/")).toEqual(["/data/x", "/data"]);
  for (const nothing of ["", " ", "\t"]) expect(chosen(["/"], nothing)).toEqual([]);
});

test.each(["/", "/etc", "/database", "/data/..", "/data/../etc", "//", "/dat"])(
  "what the node does not allow is PermissionDenied: %p",
  async (asked) => {
    expect((await rejection(() => chosen(["/data"], asked))).code).toBe("PermissionDenied");
    expect((await rejection(() => chosen([], asked))).code).toBe("PermissionDenied");
  },
);

test("a default beyond the maximum is PermissionDenied, not opened", async () => {
  expect((await rejection(() => chosen(["/data"], undefined, "/", ["/"]))).code).toBe("PermissionDenied");
});

test.each([",", "/a,", ",/a", "a", "./a", "/a,b", "/a::/b", "/a:ro", "/a\0b", "--dir=/"])(
  "what cannot be understood is InvalidArgument: %p",
  async (asked) => {
    expect((await rejection(() => chosen(["/"], asked))).code).toBe("InvalidArgument");
  },
);

test("a node's path with `::`, which engines would split, is InvalidArgument", async () => {
  expect((await rejection(() => chosen(["/a::/"], undefined))).code).toBe("InvalidArgument");
});

test("a symlink of the image does not widen the node's maximum", async () => {
  using folder = createTemporaryFolder();
  const at = (path: string) => join(folder.path, "rootfs", path);
  for (const path of ["data/sub", "secret"]) mkdirSync(at(path), { recursive: true });
  symlinkSync("/secret", at("data/absolute"));
  symlinkSync("../secret", at("data/relative"));
  symlinkSync("sub", at("data/inside"));
  symlinkSync("/", at("evil"));
  symlinkSync("/proc/1/root", at("data/proc"));
  const files = containerFiles(folder.path, {
    ociVersion: "1.0.0",
    mounts: [{ destination: "/proc", type: "proc" }],
  });
  const check = (maximum: readonly string[], path: string) =>
    assertConfined([{ containerPath: path, guestPath: path }], maximum, files);
  check(["/data"], "/data");
  check(["/data"], "/data/sub");
  check(["/data"], "/data/inside");
  check(["/"], "/evil");
  check(["/"], "/absent");
  for (const path of ["/data/absolute", "/data/relative", "/data/proc", "/data/absent"]) {
    expect((await rejection(() => check(["/data"], path))).code).toBe("PermissionDenied");
  }
  expect((await rejection(() => check(["/evil"], "/evil"))).code).toBe("PermissionDenied");
});
