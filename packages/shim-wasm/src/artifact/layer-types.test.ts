// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { isRootfsLayer, WASM_LAYER_TYPES } from "./layer-types.ts";

test.each([
  "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.oci.image.layer.nondistributable.v1.tar",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
])("%s is unpacked into a rootfs", (type) => {
  expect(isRootfsLayer(type)).toBe(true);
});

test.each([...WASM_LAYER_TYPES, "application/x-other", "", "text/plain"])("%p is not", (type) => {
  expect(isRootfsLayer(type)).toBe(false);
});
