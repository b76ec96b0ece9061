// SPDX-License-Identifier: Apache-2.0
import { BASE_FOLDERS, busyboxRootfs, importImages, type Containerd, type TestImage } from "@runwasi/e2e";
import { testModule } from "@runwasi/test-modules";

/** Imports `benchImages`. */
export async function importBenchImages(containerd: Containerd): Promise<void> {
  await importImages(containerd, await benchImages());
}

/** Images `native` (a static true), `wasm` (hello), `native-sleep` and `wasm-sleep` (an hour). */
export async function benchImages(): Promise<readonly TestImage[]> {
  const native = [await busyboxRootfs()];
  const wasm = await Promise.all(
    ["hello", "sleep"].map(async (name) => ({
      kind: "file" as const,
      path: `${name}.wasm`,
      content: await testModule(name),
    })),
  );
  const layers = [[...BASE_FOLDERS, ...wasm]];
  return [
    { name: "native", process: { entrypoint: ["/bin/echo", "hello"] }, layers: native },
    { name: "native-sleep", process: { entrypoint: ["/bin/sleep", "3600"] }, layers: native },
    { name: "wasm", process: { entrypoint: ["/hello.wasm"] }, layers },
    { name: "wasm-sleep", process: { entrypoint: ["/sleep.wasm", "3600"] }, layers },
  ];
}
