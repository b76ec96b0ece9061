// SPDX-License-Identifier: Apache-2.0
import { $ } from "bun";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ensureContainerd } from "../../../scripts/toolchain/containerd.ts";
import { ensureWasmtime } from "../../../scripts/toolchain/wasmtime.ts";
import { encodeTestImages } from "../../src/harness/images.ts";
import { vmImages } from "./vm-images.ts";

const ROOT = resolve(import.meta.dir, "../../..");
/** Sparse, for the executables of Bun, the shims, wasmtime and the newest containerd. */
const SIZE = "1G";

/** What the machine runs: the shims are installed as README says, from a folder laid out like a checkout. */
const run = (only: string) => `
set -e
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
cp /job/bin/wasmtime /usr/local/bin/
/job/bin/bun /job/checkout/scripts/install-shims.ts --prefix /usr/local >/dev/null
exec env RUNWASI_E2E_PATIENCE=6 /job/bin/bun test --timeout 300000 --test-name-pattern ${$.escape(only)} /job/vm.test.js
`;

/**
 * Makes the disk for the tests of e2e/vm/guest out of what is built; `folder` is empty, and the caller's to remove.
 *
 * @param only a pattern for the titles of the tests to run
 */
export async function makeJobDisk(folder: string, only: string): Promise<string> {
  const job = join(folder, "job");
  const checkout = join(job, "checkout");
  await $`mkdir -p ${job}/bin ${checkout}/scripts ${checkout}/dist`;
  await $`cp ${process.execPath} ${job}/bin/bun`;
  await $`cp ${join(await ensureWasmtime(), "wasmtime")} ${job}/bin/wasmtime`;
  const { bin } = await ensureContainerd("2.4.2");
  await $`cp ${bin}/containerd ${bin}/ctr ${job}/bin/`;
  await $`cp ${ROOT}/scripts/install-shims.ts ${checkout}/scripts/`;
  await $`cp -a ${ROOT}/dist/bin ${ROOT}/dist/libexec ${checkout}/dist/`;
  await writeFile(join(job, "run"), run(only));
  await writeFile(join(job, "images.tar"), encodeTestImages(await vmImages()));
  await bundleTests(join(job, "vm.test.js"));
  const disk = join(folder, "job.img");
  await $`mke2fs -q -t ext4 -O ^has_journal -d ${job} ${disk} ${SIZE}`.quiet();
  return disk;
}

/** One file, with all that the tests import: no packages are installed in the machine. */
async function bundleTests(outfile: string): Promise<void> {
  const entry = join(import.meta.dir, "../guest/all.ts");
  await $`${process.execPath} build --target=bun ${entry} --outfile ${outfile}`.quiet();
}
