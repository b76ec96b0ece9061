// SPDX-License-Identifier: Apache-2.0
// What containerd 1.6, which takes no images of Wasm layers, says of one, and what the shims do all the same.
import { expect, test } from "bun:test";
import { runRecord } from "./artifacts/container-record.ts";
import { layersImage, importArchive, moduleLayer } from "./artifacts/wasm-layers.ts";
import { startContainerd } from "./harness/containerd.ts";
import { imageName } from "./harness/images.ts";
import { runContainer } from "./harness/run.ts";
import { CONTAINERDS, SHIMS } from "./harness/runtimes.ts";
import { encodeLayoutArchive } from "@runwasi/oci";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Its own words, which docs/operators.md explains. */
const REFUSAL = "mismatched image rootfs and manifest layers";

test.each(CONTAINERDS.filter((version) => version === "1.6"))(
  "%s unpacks no Wasm layers",
  async (version) => {
    await using containerd = await startContainerd({ version });
    const archive = join(containerd.folder, "image.tar");
    await writeFile(archive, encodeLayoutArchive([layersImage("old", [await moduleLayer("hello")])]));
    const unpacked = await containerd.ctr(["image", "import", "--all-platforms", archive]);
    expect(unpacked.exitCode).not.toBe(0);
    expect(unpacked.stderr).toContain(REFUSAL);
    await importArchive(containerd, archive);
    for (const runtime of SHIMS) {
      const run = { runtime, image: imageName("old"), args: ["hello.wasm"] };
      expect((await runContainer(containerd, run)).stderr).toContain(REFUSAL);
      expect(await runRecord(containerd, run)).toMatchObject({ stdout: "hello world\n" });
    }
  },
  60_000,
);
