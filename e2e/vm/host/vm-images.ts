// SPDX-License-Identifier: Apache-2.0
import type { TestImage } from "../../src/harness/images.ts";
import { busyboxRootfs } from "../../src/harness/rootfs.ts";
import { moduleFiles } from "../../src/harness/wasm-images.ts";

const MODULES = ["hello", "sleep", "exit", "grow", "env", "writefile"];

/** One image for native programs and modules: made on the host, as compilers would take minutes in the machine. */
export async function vmImages(): Promise<readonly TestImage[]> {
  return [
    {
      name: "mixed",
      process: { entrypoint: ["/bin/sh"], env: ["PATH=/bin"] },
      layers: [await busyboxRootfs(), await moduleFiles(MODULES)],
    },
  ];
}
