// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { importedPackages } from "./dependency-direction.ts";

test("importedPackages() finds static and dynamic imports, types and subpaths", () => {
  const source = `import type { A } from "@runwasi/oci";
    import { B } from "@runwasi/containerd-api/gen/b.ts";
    const c = await import("@runwasi/ttrpc");`;
  expect(importedPackages(source)).toEqual(["oci", "containerd-api", "ttrpc"]);
});
